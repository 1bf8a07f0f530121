// Glass to glass, WHIP to LL-HLS: a browser publishes pictures that carry the time at which they were drawn; the site plays them by hls.js in another page, and each is read off the
// video element as it is shown.
// node bench/glass/whip-hls.mjs [SECONDS]     ends with 1 where the bar is missed
import { clockReader } from '../../tests/Browser/harness/ear.mjs';
import { playerProtocol, plays } from '../../tests/Browser/harness/site.mjs';
import { Stage, figures, judge, seconds } from './stage.mjs';

const bar = 1200;
const settling = 15; // seconds in which the player comes to the edge

const stage = await Stage.open();
let status = 1;
try {
  const { server } = stage;
  const channel = await server.channel('Glass');
  const { studio } = await stage.studio();
  const codec = (await studio.sendableCodecs()).includes('H264') ? 'H264' : 'VP9';
  await studio.publish(server.whip(channel), channel.key, { codec, pictures: [{ width: 640, height: 360, framesPerSecond: 30 }] });
  const page = await (await stage.browser.newContext()).newPage();
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
  const measured = figures(ages);
  console.log(JSON.stringify({ path: 'whip-hls', codec, protocol: await playerProtocol(page), ...measured }));
  status = measured.pictures > seconds * 10 && measured.p50 < bar ? 0 : 1;
  judge(status === 0, 'WHIP to LL-HLS', bar, measured.p50);
} finally {
  await stage.close();
}
process.exit(status);
