// Glass to glass, WHIP to LL-HLS: a browser publishes pictures that carry the time at which they were drawn; the site plays them by hls.js in another page, and each is read off the
// video element as it is shown.
// node bench/glass/whip-hls.mjs [SECONDS]     ends with 1 where the bar is missed
import { chromium } from '../../tests/Browser/node_modules/playwright-core/index.mjs';
import { clockReader } from '../../tests/Browser/harness/ear.mjs';
import { PageServer } from '../../tests/Browser/harness/page-server.mjs';
import { Server } from '../../tests/Browser/harness/server.mjs';
import { playerProtocol, plays } from '../../tests/Browser/harness/site.mjs';
import { Studio } from '../../tests/Browser/harness/studio.mjs';

const bar = 1200;
const settling = 15; // seconds in which the player comes to the edge
const seconds = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 20);

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
  const stage = await (await browser.newContext()).newPage();
  await stage.goto(pages.url);
  await stage.waitForFunction(() => globalThis.studio !== undefined);
  const studio = new Studio(stage);
  const codec = (await studio.sendableCodecs()).includes('H264') ? 'H264' : 'VP9';
  await studio.publish(server.whip(channel), channel.key, { codec, pictures: [{ width: 640, height: 360, framesPerSecond: 30 }] });
  const page = await (await browser.newContext()).newPage();
  await page.addInitScript(clockReader);
  await page.addInitScript(() => localStorage.setItem('sluice.protocol', 'hls'));
  await page.goto(`${server.url}/watch/${channel.id}`);
  await plays(page, 'hls');
  await page.waitForTimeout(settling * 1000);
  const ages = await page.getByTestId('player-video').evaluate(async (video, time) => {
    const read = [];
    const end = performance.now() + time;
    await new Promise((resolve) => {
      const next = () => {
        read.push(globalThis.clockReader.age(video) ?? -1);
        if (performance.now() < end) video.requestVideoFrameCallback(next);
        else resolve(undefined);
      };
      video.requestVideoFrameCallback(next);
    });
    return read;
  }, seconds * 1000);
  const known = ages.filter((age) => age >= 0).sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => Math.round(known[Math.min(known.length - 1, Math.floor(known.length * share))]);
  console.log(JSON.stringify({
    path: 'whip-hls', codec, protocol: await playerProtocol(page), pictures: known.length, unreadable: ages.length - known.length, p5: at(0.05), p50: at(0.5), p95: at(0.95), max: at(1),
  }));
  status = known.length > seconds * 10 && at(0.5) < bar ? 0 : 1;
  console.log(`${status === 0 ? 'met   ' : 'MISSED'} WHIP to LL-HLS, picture to picture, median: below ${bar} ms; measured ${at(0.5)} ms`);
} finally {
  for (const end of ended.reverse()) await end();
}
process.exit(status);
