import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockReader, pictureAge, toneHeard } from '../harness/ear.mjs';
import { Server } from '../harness/server.mjs';
import { sideBySide } from '../harness/side-by-side.mjs';
import { blockMedia, playerProtocol, playerState, plays } from '../harness/site.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

/** What the studio plays. */
const tone = 440;

/** @param {import('../harness/studio.mjs').Studio} studio */
async function packagedCodec(studio) {
  return (await studio.sendableCodecs()).includes('H264') ? 'H264' : 'VP9';
}

/** @param {import('playwright-core').Page} page @param {number} [frequency] */
function hears(page, frequency = tone) {
  return until(`a tone of ${frequency} Hz is heard`, async () => Math.abs(((await toneHeard(page)) ?? 0) - frequency) < 8, { state: () => toneHeard(page) });
}

/** The controls hide while nobody moves; a hand on its way to them brings them back. @param {import('playwright-core').Page} page */
async function openMenu(page) {
  const box = await page.getByTestId('player-video').boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.move(box.x + box.width / 2 + 9, box.y + box.height / 2 + 9);
  await page.getByTestId('menu-toggle').click();
}

/** Waits until the middle one of twenty pictures is younger than this. @param {import('node:test').TestContext} t @param {import('playwright-core').Page} page @param {number} milliseconds */
async function isBehindBy(t, page, milliseconds) {
  /** @type {number[]} */
  const ages = [];
  const median = () => [...ages.slice(-20)].sort((a, b) => a - b)[10];
  await until(`the picture is less than ${milliseconds} ms old`, async () => {
    const age = await pictureAge(page);
    if (age !== undefined) {
      ages.push(age);
    }
    return ages.length >= 20 && median() < milliseconds;
  }, { within: 60_000, state: () => median() });
  t.diagnostic(`drawn to shown: median ${Math.round(median())} ms`);
}

test('Where media is blocked, picture and sound come by LL-HLS less than two seconds late, and the next visit begins so', { timeout: 180_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('Behind a proxy');
  await stage.publish(server.whip(channel), channel.key, { codec: await packagedCodec(stage), pictures: [{ width: 320, height: 180, framesPerSecond: 15 }] });

  const watcher = await all.visit(t, '/', {}, clockReader);
  await blockMedia(watcher);
  let offers = 0;
  watcher.on('request', (request) => (offers += request.method() === 'POST' && request.url().includes('/whep/') ? 1 : 0));
  await watcher.goto(`${server.url}/watch/${channel.id}`);
  await plays(watcher, 'hls');
  assert.equal(offers, 1);
  await watcher.getByTestId('unmute').click();
  await hears(watcher);
  await isBehindBy(t, watcher, 2_000);
  await until('the page says what it plays by', async () => /^LL-HLS \d/.test((await watcher.getByTestId('plays-by').textContent()) ?? ''), {
    state: () => watcher.getByTestId('plays-by').textContent(),
  });
  assert.match((await watcher.getByTestId('plays-by').getAttribute('title')) ?? '', /firewall/);

  await watcher.reload();
  await plays(watcher, 'hls');
  assert.equal(offers, 1, 'WebRTC was tried again at once');
});

sideBySide('Who watches by WebRTC downloads no hls.js; who chooses LL-HLS in the menu gets it, and WebRTC back', { timeout: 120_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('By choice');
  await stage.publish(server.whip(channel), channel.key, { codec: await packagedCodec(stage) });
  const watcher = await all.visit(t, '/', {}, clockReader);
  /** @type {string[]} */
  const scripts = [];
  watcher.on('request', (request) => request.resourceType() === 'script' && scripts.push(new URL(request.url()).pathname));
  await watcher.goto(`${server.url}/watch/${channel.id}`);
  await plays(watcher, 'webrtc');
  const before = scripts.length;
  assert.ok(!scripts.some((each) => /hls/i.test(each)), `loaded: ${scripts}`);
  assert.equal(await watcher.getByTestId('plays-by').textContent(), 'WebRTC');

  await openMenu(watcher);
  await watcher.getByTestId('protocol-hls').check();
  await plays(watcher, 'hls');
  assert.ok(scripts.length > before, 'nothing more was loaded');
  await watcher.getByTestId('unmute').click();
  await hears(watcher);
  await watcher.reload();
  await plays(watcher, 'hls');
  await openMenu(watcher);
  await watcher.getByTestId('protocol-auto').check();
  await plays(watcher, 'webrtc');
});

sideBySide('What WebRTC cannot carry is played by LL-HLS, and the page tells why', { timeout: 90_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('Refused');
  await stage.publish(server.whip(channel), channel.key, { codec: await packagedCodec(stage) });
  const watcher = await all.visit(t, '/');
  await watcher.route('**/whep/*', (route) => route.fulfill({
    status: 406, contentType: 'application/problem+json', body: JSON.stringify({ title: 'No common codec', detail: 'The picture is H265, which this browser does not take by WebRTC.' }),
  }));
  await watcher.goto(`${server.url}/watch/${channel.id}`);
  await plays(watcher, 'hls');
  await openMenu(watcher);
  assert.match((await watcher.getByTestId('menu-now').textContent()) ?? '', /H265/);
});

sideBySide('Where a server has no HLS and media is blocked, the page says so, and not that nothing is on', { timeout: 120_000 }, async (t) => {
  const all = await world();
  const server = await Server.start(['--Hls:Enabled=false']);
  t.after(() => server.stop());
  const stage = await all.studio(t);
  const channel = await server.channel('WebRTC only');
  await stage.publish(server.whip(channel), channel.key, { codec: 'VP8' });
  const watcher = await all.visit(t, '/', {}, '', server);
  await blockMedia(watcher);
  await watcher.goto(`${server.url}/watch/${channel.id}`);
  await until('the page says what is true', async () => /WebRTC only.*network blocks/.test((await watcher.getByTestId('state').textContent()) ?? ''), {
    within: 40_000, state: () => watcher.getByTestId('state').textContent(),
  });
});

sideBySide('A private channel plays by LL-HLS for who has a token, and for nobody else', { timeout: 90_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('Closed circle');
  await server.change(channel, { private: true });
  const token = await server.watchToken(channel);
  await stage.publish(server.whip(channel), channel.key, { codec: await packagedCodec(stage) });
  const guest = await all.visit(t, '/');
  await guest.evaluate(() => localStorage.setItem('sluice.protocol', 'hls'));
  await guest.goto(`${server.url}/watch/${channel.id}?token=${token}`);
  await plays(guest, 'hls');
  await guest.goto(`${server.url}/watch/${channel.id}`);
  await until('the page says that it is private', async () => /private/i.test((await guest.getByTestId('state').textContent()) ?? ''), {
    state: () => guest.getByTestId('state').textContent(),
  });
});

sideBySide('The viewer goes back in time, and returns to the live picture by WebRTC', { timeout: 180_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('Second sight');
  await stage.publish(server.whip(channel), channel.key, { codec: await packagedCodec(stage), pictures: [{ width: 320, height: 180, framesPerSecond: 15 }] });
  const watcher = await all.visit(t, `/watch/${channel.id}`, {}, clockReader);
  await plays(watcher, 'webrtc');
  const seek = watcher.getByTestId('seek');
  await until('there is a past to go to', async () => (await seek.isVisible()) && Number(await seek.getAttribute('max')) >= 20, { within: 60_000, state: () => seek.getAttribute('max') });

  await seek.focus();
  await watcher.keyboard.press('ArrowLeft');
  await plays(watcher, 'hls');
  assert.match((await watcher.getByTestId('latency').textContent()) ?? '', /^−0:/);
  const age = await until('the picture is from then', async () => {
    const seen = await pictureAge(watcher);
    return seen !== undefined && seen > 6_000 && seen < 25_000 && seen;
  }, { state: () => pictureAge(watcher) });
  t.diagnostic(`ten seconds back shows a picture ${Math.round(age / 1000)} s old`);

  await watcher.getByTestId('back-to-live').click();
  await plays(watcher, 'webrtc');
  await isBehindBy(t, watcher, 2_000);
  assert.equal(await watcher.getByTestId('back-to-live').isVisible(), false);
});

sideBySide('When the publisher leaves and comes back, the viewer by LL-HLS sees it end and go on', { timeout: 150_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('Come and go');
  const codec = await packagedCodec(stage);
  const watcher = await all.visit(t, '/');
  await watcher.evaluate(() => localStorage.setItem('sluice.protocol', 'hls'));
  await watcher.goto(`${server.url}/watch/${channel.id}`);
  await until('the player waits', async () => (await playerState(watcher)) === 'waiting', { state: () => playerState(watcher) });
  const first = await stage.publish(server.whip(channel), channel.key, { codec });
  await plays(watcher, 'hls');
  await first.stop();
  await until('the player says that the stream is off the air', async () => (await playerState(watcher)) === 'waiting', { within: 40_000, state: () => playerState(watcher) });
  await stage.publish(server.whip(channel), channel.key, { codec });
  await plays(watcher, 'hls');
  assert.equal(await playerProtocol(watcher), 'hls');
});
