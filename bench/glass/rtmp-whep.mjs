// Glass to glass, RTMP to WHEP: a picture that says when it was painted, through ffmpeg, the server and Chromium, read off the decoded video.
// node bench/glass/rtmp-whep.mjs [SECONDS] [--silent] [--b-frames]     ends with 1 where the bar is missed, which is none with B-frames: the server makes another rendition then
import { until } from '../../tests/Browser/harness/until.mjs';
import { ClockEncoder } from './clock-encoder.mjs';
import { Stage, figures, judge, seconds } from './stage.mjs';

const bar = 400;
const settling = 5;
const sound = !process.argv.includes('--silent');
const reordered = process.argv.includes('--b-frames');

const stage = await Stage.open();
let status = 1;
try {
  const { server } = stage;
  const channel = await server.channel('Glass');
  const { publish } = await server.details(channel);
  const encoder = new ClockEncoder(`${publish.rtmp}/${channel.key}`, reordered ? { tuning: ['-bf', '2', '-rc-lookahead', '10'] } : {});
  stage.after(() => encoder.stop());
  await until('the stream is live', () => server.stream(channel), { within: 40_000, state: () => encoder.said });
  const { page, studio } = await stage.studio();
  const viewing = await studio.watch(server.whep(channel), { sound });
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
  const measured = figures(ages);
  const each = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {string} */ count) =>
    Math.round(((after[kind]?.[name] - before[kind]?.[name]) * 1000) / (after[kind]?.[count] - before[kind]?.[count]));
  console.log(JSON.stringify({
    path: 'rtmp-whep', sound, bFrames: reordered, ...measured, skipped: encoder.skipped,
    // Of these milliseconds the browser says so many are its own.
    jitterBuffer: each('video', 'jitterBufferDelay', 'jitterBufferEmittedCount'), jitterBufferOfSound: sound ? each('audio', 'jitterBufferDelay', 'jitterBufferEmittedCount') : null,
    decoding: each('video', 'totalDecodeTime', 'framesDecoded'),
  }));
  status = measured.pictures > seconds * 15 && (reordered || measured.p50 < bar) ? 0 : 1;
  if (!reordered) judge(status === 0, 'RTMP to WHEP', bar, measured.p50);
} finally {
  await stage.close();
}
process.exit(status);

/** What the browser counts of what it receives, by kind. @param {import('playwright-core').Page} page */
async function statistics(page) {
  const all = await page.evaluate(() => globalThis.studio.call(0, 'inbound'));
  return Object.fromEntries(all.map((each) => [each.kind, each]));
}
