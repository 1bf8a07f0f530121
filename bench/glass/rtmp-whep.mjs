// Glass to glass, RTMP to WHEP: a picture that says when it was painted, through ffmpeg, the server and Chromium, read off the decoded video.
// node bench/glass/rtmp-whep.mjs [SECONDS] [--silent] [--b-frames]     ends with 1 where the bar is missed, which is none with B-frames: the server makes another rendition then
import { chromium } from '../../tests/Browser/node_modules/playwright-core/index.mjs';
import { PageServer } from '../../tests/Browser/harness/page-server.mjs';
import { Server } from '../../tests/Browser/harness/server.mjs';
import { Studio } from '../../tests/Browser/harness/studio.mjs';
import { until } from '../../tests/Browser/harness/until.mjs';
import { ClockEncoder } from './clock-encoder.mjs';

const bar = 400;
const settling = 5;
const seconds = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 20);
const sound = !process.argv.includes('--silent');
const reordered = process.argv.includes('--b-frames');

const [server, pages, browser] = await Promise.all([
  Server.start(),
  PageServer.start(),
  chromium.launch({
    executablePath: process.env['SLUICE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  }),
]);
const ended = [() => pages.stop(), () => server.stop(), () => browser.close()];
let status = 1;
try {
  const channel = await server.channel('Glass');
  const { publish } = await server.details(channel);
  const encoder = new ClockEncoder(`${publish.rtmp}/${channel.key}`, reordered ? { tuning: ['-bf', '2', '-rc-lookahead', '10'] } : {});
  ended.push(() => encoder.stop());
  await until('the stream is live', () => server.stream(channel), { within: 40_000, state: () => encoder.said });
  const page = await (await browser.newContext()).newPage();
  await page.goto(pages.url);
  await page.waitForFunction(() => globalThis.studio !== undefined);
  const viewing = await new Studio(page).watch(server.whep(channel), { sound });
  await viewing.pictures(settling * 30, 0, 40_000);
  const before = await statistics(page);
  const ages = await page.evaluate(async (time) => {
    const { ClockReader } = await import('/clock-picture.js');
    const reader = new ClockReader();
    const video = document.querySelector('video');
    const read = [];
    const end = performance.now() + time;
    await new Promise((resolve) => {
      const next = () => {
        const age = reader.age(video);
        read.push(age ?? -1);
        if (performance.now() < end) video.requestVideoFrameCallback(next);
        else resolve(undefined);
      };
      video.requestVideoFrameCallback(next);
    });
    return read;
  }, seconds * 1000);
  const after = await statistics(page);
  const known = ages.filter((age) => age >= 0).sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => Math.round(known[Math.min(known.length - 1, Math.floor(known.length * share))]);
  const each = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {string} */ count) =>
    Math.round(((after[kind]?.[name] - before[kind]?.[name]) * 1000) / (after[kind]?.[count] - before[kind]?.[count]));
  console.log(JSON.stringify({
    path: 'rtmp-whep', sound, bFrames: reordered, pictures: known.length, unreadable: ages.length - known.length, skipped: encoder.skipped,
    p5: at(0.05), p50: at(0.5), p95: at(0.95), max: at(1),
    // Of these milliseconds the browser says so many are its own.
    jitterBuffer: each('video', 'jitterBufferDelay', 'jitterBufferEmittedCount'), jitterBufferOfSound: sound ? each('audio', 'jitterBufferDelay', 'jitterBufferEmittedCount') : null,
    decoding: each('video', 'totalDecodeTime', 'framesDecoded'),
  }));
  status = known.length > seconds * 15 && (reordered || at(0.5) < bar) ? 0 : 1;
  if (!reordered) console.log(`${status === 0 ? 'met   ' : 'MISSED'} RTMP to WHEP, picture to picture, median: below ${bar} ms; measured ${at(0.5)} ms`);
} finally {
  for (const end of ended.reverse()) await end();
}
process.exit(status);

/** What the browser counts of what it receives, by kind. @param {import('playwright-core').Page} page */
async function statistics(page) {
  const all = await page.evaluate(() => globalThis.studio.call(0, 'inbound'));
  return Object.fromEntries(all.map((each) => [each.kind, each]));
}
