// The other forms of HLS, played by hls.js as a page of somebody else would: MPEG-TS, and what is said along with the pictures.
import assert from 'node:assert/strict';
import path from 'node:path';
import { Parser } from 'm3u8-parser';
import { Encoder, hasEncoder } from '../harness/encoder.mjs';
import { run } from '../harness/recorded.mjs';
import { Server, repository } from '../harness/server.mjs';
import { sideBySide } from '../harness/side-by-side.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const needsFfmpeg = { skip: hasEncoder() ? false : 'ffmpeg with libx264 is missing' };
const library = path.join(repository, 'web/node_modules/hls.js/dist/hls.min.js');

/** A server with these settings, and a stream with B-frames on it. @param {import('node:test').TestContext} t @param {string[]} settings */
async function onAir(t, settings) {
  const server = await Server.start(settings);
  t.after(() => server.stop());
  const channel = await server.channel('Forms');
  const { publish } = await server.details(channel);
  const encoder = Encoder.start(t, publish.rtmp, channel.key, { options: ['-bf', '2', '-g', '30'] });
  const base = `${server.url}/hls/${channel.id}`;
  await until('the stream is packaged', async () => (await fetch(`${base}/index.m3u8`)).status === 200, { within: 60_000, state: () => encoder.said });
  return { server, channel, base };
}

/** Plays an address by hls.js and keeps what it tells. @param {import('node:test').TestContext} t @param {string} url @param {object} [options] */
async function play(t, url, options = {}) {
  const { browser, pages } = await world();
  const context = await browser.newContext({ bypassCSP: true });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(pages.url);
  await page.addScriptTag({ path: library });
  await page.evaluate(([address, settings]) => {
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    const hls = new globalThis.Hls(settings);
    const told = { tags: [], errors: [] };
    hls.on('hlsFragParsingMetadata', (_, { samples }) => told.tags.push(...samples.map(({ data, pts }) => ({ pts, text: new TextDecoder('latin1').decode(data) }))));
    hls.on('hlsError', (_, { details, fatal, error }) => told.errors.push(`${details}${fatal ? ' (fatal)' : ''}: ${error?.message}`));
    hls.loadSource(address);
    hls.attachMedia(video);
    void video.play();
    globalThis.told = () => ({
      ...told, time: video.currentTime, pictures: video.getVideoPlaybackQuality().totalVideoFrames, sound: video.webkitAudioDecodedByteCount, width: video.videoWidth,
    });
  }, /** @type {const} */ ([url, options]));
  return () => page.evaluate(() => globalThis.told());
}

/** What a strict parser warns of. @param {string} text */
function warnings(text) {
  /** @type {string[]} */
  const said = [];
  const parser = new Parser();
  parser.on('warn', (/** @type {{ message: string }} */ event) => said.push(event.message));
  parser.push(text);
  parser.end();
  return { said, manifest: parser.manifest };
}

/** Waits until it has played for some seconds. @param {() => Promise<any>} told @param {number} [seconds] */
async function plays(told, seconds = 4) {
  let first = 0;
  return until(`it plays for ${seconds} s`, async () => {
    const now = await told();
    first ||= now.time;
    return now.time - first > seconds && now.pictures > seconds * 10 && now.sound > seconds * 4000 && now;
  }, { within: 60_000, state: told });
}

for (const [form, file] of [['MPEG-TS', 'ts.m3u8'], ['CMAF', 'index.m3u8']]) {
  sideBySide(`${form} plays in hls.js, and what is posted meanwhile is told at its picture`, { timeout: 150_000, ...needsFfmpeg }, async (t) => {
    const { server, channel, base } = await onAir(t, ['--Hls:MpegTs=true']);
    const told = await play(t, `${base}/${file}`, { lowLatencyMode: file === 'index.m3u8' });
    await plays(told);
    await server.say(channel, { name: 'score', text: 'two to one' });
    const { tags, errors, width, time } = await until('the tag is told', async () => {
      const now = await told();
      return now.tags.some((/** @type {any} */ { text }) => text.includes('two to one')) && now;
    }, { within: 60_000, state: told });
    assert.equal(width, 640);
    const tag = tags.find((/** @type {any} */ { text }) => text.includes('two to one'));
    assert.match(tag.text, /^ID3\x04\x00\x00/);
    assert.match(tag.text, /TXXX.{6}\x03score\0two to one$/s);
    assert.ok(Math.abs(tag.pts - time) < 20, `${tag.pts} at ${time}`);
    assert.deepEqual(errors.filter((/** @type {string} */ error) => !error.startsWith('bufferStalledError')), []);
  });
}

for (const [form, file] of [['MPEG-TS', 'ts.m3u8'], ['CMAF with low latency', 'index.m3u8']]) {
  sideBySide(`Encrypted ${form} plays in hls.js and in ffmpeg, over changes of the key`, { timeout: 150_000, ...needsFfmpeg }, async (t) => {
    const { base } = await onAir(t, ['--Hls:MpegTs=true', '--Hls:Encryption=aes-128', '--Hls:SegmentsPerKey=2']);
    const told = await play(t, `${base}/${file}`, { lowLatencyMode: file === 'index.m3u8' });
    const { errors } = await plays(told, 10);
    assert.deepEqual(errors.filter((/** @type {string} */ error) => !error.startsWith('bufferStalledError')), []);
    const text = await (await fetch(`${base}/video-0/${file}`)).text();
    assert.ok((text.match(/#EXT-X-KEY:METHOD=AES-128/g) ?? []).length > 2, text);
    const { said, manifest } = warnings(text);
    assert.deepEqual(said, []);
    assert.match(manifest.segments.at(-2).key.uri, /\.key$/);
    const decoded = await run('ffmpeg', ['-v', 'warning', '-live_start_index', '0', '-t', '6', '-i', `${base}/${file}`, '-map', '0:v:0', '-map', '0:a:0', '-f', 'null', '-']);
    assert.equal(decoded.complaints, '');
  });
}

sideBySide('Encrypted samples play in a player with Clear Key', { timeout: 150_000, ...needsFfmpeg }, async (t) => {
  const { base } = await onAir(t, ['--Hls:Encryption=sample-aes']);
  const { browser, pages } = await world();
  const context = await browser.newContext({ bypassCSP: true });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(pages.url);
  await page.addScriptTag({ path: path.join(repository, 'tests/Browser/node_modules/shaka-player/dist/shaka-player.compiled.js') });
  await page.evaluate(async (address) => {
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    const player = new globalThis.shaka.Player();
    const errors = [];
    player.addEventListener('error', (event) => errors.push(`${event.detail.code} ${event.detail.message}`));
    globalThis.told = () => ({ errors, time: video.currentTime, pictures: video.getVideoPlaybackQuality().totalVideoFrames, sound: video.webkitAudioDecodedByteCount, drm: player.drmInfo()?.keySystem });
    await player.attach(video);
    await player.load(address);
    void video.play();
  }, `${base}/index.m3u8`);
  const { errors, drm } = await plays(() => page.evaluate(() => globalThis.told()));
  assert.deepEqual(errors, []);
  assert.equal(drm, 'org.w3.clearkey');
});

sideBySide('ffmpeg decodes MPEG-TS from the live playlist without a complaint, and finds the tags', { timeout: 120_000, ...needsFfmpeg }, async (t) => {
  const { server, channel, base } = await onAir(t, ['--Hls:MpegTs=true']);
  await server.say(channel, { name: 'cue', text: 'now' });
  await until('four segments are listed', async () => ((await (await fetch(`${base}/video-0/ts.m3u8`)).text()).match(/\.ts$/gm) ?? []).length >= 4, { within: 30_000 });
  const decoded = await run('ffmpeg', ['-v', 'warning', '-live_start_index', '0', '-t', '6', '-i', `${base}/ts.m3u8`, '-map', '0:v', '-map', '0:a', '-f', 'null', '-']);
  assert.equal(decoded.complaints, '');
  const probed = await run('ffprobe', ['-show_entries', 'stream=codec_name', '-of', 'csv=p=0', `${base}/ts.m3u8`]);
  for (const name of ['h264', 'aac', 'timed_id3']) assert.match(probed.output.toString(), new RegExp(name));
});

sideBySide('A stream of a browser, H.264 with Opus, is MPEG-TS with the AAC that is made of it', { timeout: 150_000, ...needsFfmpeg }, async (t) => {
  const all = await world();
  const stage = await all.studio(t);
  if (!(await stage.sendableCodecs()).includes('H264')) {
    t.skip('this browser sends no H.264');
    return;
  }
  const server = await Server.start(['--Hls:MpegTs=true']);
  t.after(() => server.stop());
  const channel = await server.channel('Opus');
  await stage.publish(server.whip(channel), channel.key, { codec: 'H264', pictures: [{ width: 320, height: 180, framesPerSecond: 15 }] });
  const address = `${server.url}/hls/${channel.id}/ts.m3u8`;
  await until('the stream is packaged', async () => (await fetch(address)).status === 200, { within: 60_000 });
  assert.match(await (await fetch(address)).text(), /CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2"/i);
  const { errors } = await plays(await play(t, address));
  assert.deepEqual(errors.filter((/** @type {string} */ error) => !error.startsWith('bufferStalledError')), []);
});
