// Enhanced RTMP from an encoder that speaks it: what the browser decodes plays everywhere, the rest is refused by its name.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { toneHeard } from '../harness/ear.mjs';
import { Encoder, hasEncoder, newerEncoder, numberedPicture } from '../harness/encoder.mjs';
import { assertInOrder, beginReading, numbersSeen } from '../harness/eye.mjs';
import { framesShown, playerState, plays } from '../harness/site.mjs';
import { Server } from '../harness/server.mjs';
import { until } from '../harness/until.mjs';
import { Vp8Encoder } from '../harness/vp8-encoder.mjs';
import { world } from '../harness/world.mjs';

const program = newerEncoder();
const needsVp8 = { skip: hasEncoder('libvpx') ? false : 'ffmpeg with libvpx is missing' };
const needsNewer = { skip: program === undefined ? 'a newer ffmpeg is missing: eng/encoders.sh gets it' : false };

const videos = {
  AV1: ['-c:v', 'libsvtav1', '-preset', '12', '-svtav1-params', 'pred-struct=1', '-g', '30'],
  VP9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-g', '30'],
  H265: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:bframes=0:keyint=30:min-keyint=30'],
};
const sounds = {
  AAC: ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'],
  opus: ['-c:a', 'libopus', '-b:a', '96k', '-ac', '2'],
};

/** @param {import('node:test').TestContext} t @param {Server} server @param {string} name @param {keyof typeof videos} video @param {keyof typeof sounds} sound @param {object} [settings] */
async function goLive(t, server, name, video, sound, settings = {}) {
  const channel = await server.channel(name);
  await server.change(channel, settings);
  return { channel, encoder: await send(t, server, channel, video, sound) };
}

/** @param {import('node:test').TestContext} t @param {Server} server @param {import('../harness/server.mjs').Channel} channel @param {keyof typeof videos} video @param {keyof typeof sounds} sound */
async function send(t, server, channel, video, sound) {
  const { publish } = await server.details(channel);
  const encoder = Encoder.start(t, publish.rtmp, channel.key, { program, picture: numberedPicture, video: videos[video], options: [], audio: sounds[sound] });
  const stream = await until('it is live with picture and sound', async () => {
    const figures = await server.stream(channel);
    return figures?.tracks.length === 2 && figures;
  }, { within: 40_000, state: async () => [encoder.said, await server.details(channel)] });
  assert.deepEqual(stream.tracks.map((track) => track.codec).sort(), [video, sound].sort());
  return encoder;
}

/** Whether the pictures come one after the other. @param {import('playwright-core').Page} page @param {'webrtc' | 'hls'} protocol */
async function sees(page, protocol) {
  await plays(page, protocol, 60_000);
  await beginReading(page);
  const numbers = await until('thirty pictures are read', async () => {
    const seen = await numbersSeen(page);
    return seen.length >= 30 && seen;
  }, { within: 40_000, state: () => numbersSeen(page) });
  assertInOrder(numbers);
}

/** And the tone with them. @param {import('playwright-core').Page} page @param {'webrtc' | 'hls'} protocol */
async function seesAndHears(page, protocol) {
  await sees(page, protocol);
  await page.getByTestId('unmute').click();
  await until('the tone is heard', async () => Math.abs(((await toneHeard(page)) ?? 0) - 1000) < 8, { within: 30_000, state: () => toneHeard(page) });
}

/** Decodes what is at an address; gives the pictures and what the decoder complained of. @param {string} url */
function decode(url) {
  const run = spawnSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', url, '-map', '0:v:0', '-map', '0:a:0', '-frames:v', '40', '-frames:a', '80', '-f', 'framecrc', '-'], { encoding: 'utf8', timeout: 60_000 });
  return { pictures: run.stdout.split('\n').filter((line) => /^0,/.test(line)).length, complaints: run.stderr };
}

for (const [video, sound] of /** @type {const} */ ([['AV1', 'opus'], ['AV1', 'AAC'], ['VP9', 'opus'], ['VP9', 'AAC']])) {
  test(`${video} and ${sound} by Enhanced RTMP play by WebRTC and LL-HLS, and so does the recording`, { timeout: 240_000, ...needsNewer }, async (t) => {
    const all = await world();
    const { server } = all;
    const { channel, encoder } = await goLive(t, server, `Enhanced ${video} ${sound}`, video, sound, { record: true });
    const watcher = await all.visit(t, `/watch/${channel.id}`);
    await seesAndHears(watcher, 'webrtc');
    await watcher.evaluate(() => localStorage.setItem('sluice.protocol', 'hls'));
    await watcher.reload();
    await seesAndHears(watcher, 'hls');
    const live = decode(`${server.url}/hls/${channel.id}/index.m3u8`);
    assert.deepEqual([live.complaints, live.pictures >= 30], ['', true], `${live.pictures} pictures are decoded`);
    await encoder.stop();

    const recording = await until('the recording is ready', async () => (await server.recordings(channel)).find((each) => each.state === 'ready'), { within: 120_000, state: () => server.recordings(channel) });
    const kept = decode(recording.play.mp4);
    assert.deepEqual([kept.complaints, kept.pictures >= 30], ['', true], `${kept.pictures} pictures of the recording are decoded`);
    await watcher.goto(`${server.url}/watch/${channel.id}/${recording.id}`);
    await until('the recording plays', async () => (await playerState(watcher)) === 'playing' && (await framesShown(watcher)).count > 10, {
      within: 40_000, state: async () => [await playerState(watcher), await framesShown(watcher), await watcher.getByTestId('state').textContent()],
    });
  });
}

test('H.265 by Enhanced RTMP is converted for who watches by WebRTC without decoding it; by LL-HLS it is refused by name', { timeout: 180_000, ...needsNewer }, async (t) => {
  const all = await world();
  const { server } = all;
  const { channel } = await goLive(t, server, 'Enhanced H265', 'H265', 'opus');
  const watcher = await all.visit(t, `/watch/${channel.id}`);
  if (await decodesH265(watcher)) {
    t.skip('this Chromium decodes H.265');
    return;
  }
  await seesAndHears(watcher, 'webrtc');
  const live = decode(`${server.url}/hls/${channel.id}/index.m3u8`);
  assert.deepEqual([live.complaints, live.pictures >= 30], ['', true], `${live.pictures} pictures are decoded`);
  await watcher.evaluate(() => localStorage.setItem('sluice.protocol', 'hls'));
  await watcher.reload();
  await isRefused(watcher, /does not decode H265/);
});

test('H.265 that nothing converts is refused by name, and not left black with its sound, also where it begins under the eyes of a viewer', { timeout: 180_000, ...needsNewer }, async (t) => {
  const all = await world();
  const server = await Server.start(['--Transcoding:Enabled=false']);
  t.after(() => server.stop());
  const { channel, encoder } = await goLive(t, server, 'As it is', 'VP9', 'opus');
  const present = await all.visit(t, `/watch/${channel.id}`, {}, '', server);
  if (await decodesH265(present)) {
    t.skip('this Chromium decodes H.265');
    return;
  }
  await plays(present, 'webrtc');
  await encoder.stop();
  await send(t, server, channel, 'H265', 'opus');
  const watcher = await all.visit(t, `/watch/${channel.id}`, {}, '', server);
  for (const page of [watcher, present]) {
    await isRefused(page, /video is H265.*this viewer decodes .*H\.264 without B-frames/s);
  }
});

test('VP8 by Enhanced RTMP plays by WebRTC in order; who chose LL-HLS reads why not', { timeout: 120_000, ...needsVp8 }, async (t) => {
  const all = await world();
  const { server } = all;
  const channel = await server.channel('VP8 by RTMP');
  const encoder = Vp8Encoder.start(t, (await server.details(channel)).publish.rtmp, channel.key);
  const stream = await until('it is live', async () => {
    const figures = await server.stream(channel);
    return figures?.tracks[0]?.width === 320 && figures;
  }, { within: 40_000, state: async () => [encoder.said, await server.details(channel)] });
  assert.deepEqual([stream.publisher.protocol, ...stream.tracks.map(({ codec }) => codec)], ['rtmp', 'VP8']);
  const watcher = await all.visit(t, `/watch/${channel.id}`);
  await sees(watcher, 'webrtc');
  await watcher.evaluate(() => localStorage.setItem('sluice.protocol', 'hls'));
  await watcher.reload();
  await isRefused(watcher, /does not decode VP8/);
});

test('AV1 from a browser is decoded from LL-HLS by another decoder', { timeout: 90_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  if (!(await stage.sendableCodecs()).includes('AV1')) {
    t.skip('this Chromium cannot send AV1');
    return;
  }
  const channel = await server.channel('AV1 repacked');
  await stage.publish(server.whip(channel), channel.key, { codec: 'AV1', pictures: [{ width: 320, height: 240 }] });
  const url = `${server.url}/hls/${channel.id}/index.m3u8`;
  await until('the stream is packaged', async () => (await fetch(url)).status === 200, { within: 40_000 });
  const { pictures, complaints } = decode(url);
  assert.equal(complaints, '');
  assert.ok(pictures >= 15, `${pictures} pictures are decoded`);
});

/** @param {import('playwright-core').Page} page */
function decodesH265(page) {
  return page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.90"'));
}

/** @param {import('playwright-core').Page} page @param {RegExp} words */
function isRefused(page, words) {
  return until(`the page says ${words}`, async () => (await playerState(page)) === 'failed' && words.test((await page.getByTestId('state').textContent()) ?? ''), {
    within: 40_000, state: async () => [await playerState(page), await page.getByTestId('state').textContent()],
  });
}
