import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repository, Server } from '../harness/server.mjs';
import { beginBroadcast, framesShown, playerState } from '../harness/site.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const folder = path.join(repository, 'docs/screenshots');
const largest = 400_000;
const looks = /** @type {const} */ ({
  light: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
});
// A camera with something to look at: the browser's own fake one shows a green disc.
const camera = `${readFileSync(new URL('../page/landscape.js', import.meta.url), 'utf8').replace('export ', '')}
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async ({ video, audio }) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = canvas.getContext('2d', { alpha: false });
    let count = 0;
    setInterval(() => drawLandscape(context, 1280, 720, 170, count++), 66);
    const sound = audio ? (await open({ audio })).getTracks() : [];
    return new MediaStream([...canvas.captureStream(15).getTracks(), ...sound]);
  };`;
const files = ['home', 'watch', 'broadcast'].flatMap((page) => Object.keys(looks).map((look) => path.join(folder, `${page}-${look}.png`)));

test('The pages look as the screenshots show', { timeout: 180_000 }, async (t) => {
  // Only when asked for, or when there are none: a test run leaves the tree as it was.
  if (process.env['SLUICE_SCREENSHOTS'] !== '1' && files.every((file) => existsSync(file))) {
    t.skip('the screenshots are there; SLUICE_SCREENSHOTS=1 takes them anew');
    return;
  }
  const all = await world();
  // Of its own, so that nothing of the other tests is to be seen.
  const server = await Server.start();
  t.after(() => server.stop());
  mkdirSync(folder, { recursive: true });
  const stage = await all.studio(t);
  const shows = /** @type {const} */ ([['Night owls', 212], ['Harbour camera', 150], ['Sunday organ', 30]]);
  const channels = [];
  for (const [name, hue] of shows) {
    const channel = await server.channel(name);
    channels.push(channel);
    await stage.publish(server.whip(channel), channel.key, { codec: 'VP8', pictures: [{ width: 1280, height: 720, scene: hue }] });
  }
  const [main, second] = channels;
  const audience = await all.studio(t);
  for (const channel of [main, main, second]) {
    await audience.watch(server.whep(channel));
  }

  for (const [look, options] of Object.entries(looks)) {
    const take = async (/** @type {import('playwright-core').Page} */ page, /** @type {string} */ name) => {
      const file = path.join(folder, `${name}-${look}.png`);
      await page.screenshot({ path: file });
      assert.ok(statSync(file).size <= largest, `${file} has ${statSync(file).size} bytes`);
    };

    const watch = await all.visit(t, `/watch/${main.id}`, options, '', server);
    await until('the player plays', async () => (await playerState(watch)) === 'playing' && (await framesShown(watch)).count > 20);
    await until('the facts are shown', async () => /VP8/.test((await watch.locator('.watch-foot').textContent()) ?? ''));
    await until('the delay is shown', async () => /\d/.test((await watch.getByTestId('latency').textContent()) ?? ''));
    // With its controls, which show when the pointer moves.
    await watch.getByTestId('player-video').hover({ position: { x: 60, y: 60 } });
    await until('the controls are there', async () => (await watch.locator('.controls').evaluate((each) => getComputedStyle(each).opacity)) === '1');
    await take(watch, 'watch');

    const home = await all.visit(t, '/', options, '', server);
    await until('the live channels are listed', async () => (await home.getByTestId('stream-card').count()) >= shows.length);
    await until('their pictures are named', async () => /720p/.test((await home.getByTestId('stream-grid').textContent()) ?? ''), {
      state: () => home.getByTestId('stream-grid').textContent(),
    });
    await take(home, 'home');
    await home.context().close();
    await watch.context().close();

    const channel = await server.channel(`Studio ${look === 'light' ? 'one' : look === 'dark' ? 'two' : 'three'}`);
    const broadcast = await all.visit(t, `/broadcast#key=${channel.key}`, options, camera, server);
    await beginBroadcast(broadcast, { height: '720' });
    await until('the health is shown', async () => (await broadcast.getByTestId('health').isVisible()) && (await broadcast.locator('.spark-line').getAttribute('points') ?? '').split(' ').length > 6);
    await take(broadcast, 'broadcast');
    await broadcast.context().close();
  }
});
