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

/** A server with these settings, and a stream with B-frames on it. @param {import('node:test').TestContext} t @param {string[]} settings @param {object} [declared] of the channel */
async function onAir(t, settings, declared = {}) {
  const server = await Server.start(settings);
  t.after(() => server.stop());
  const channel = await server.channel('Forms');
  await server.change(channel, declared);
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
    globalThis.hls = hls;
    globalThis.told = () => ({
      ...told, date: hls.playingDate?.getTime(), tracks: [...video.textTracks].map(({ kind, language, mode, cues, activeCues }) => ({
        kind, language, mode, active: [...activeCues ?? []].length, cues: [...cues ?? []].map((cue) => ({
          id: cue.id, from: cue.startTime, to: cue.endTime, type: cue.type, value: cue.value, text: cue.text, elements: cue.getCueAsHTML().childElementCount, read: cue.getCueAsHTML().textContent,
        })),
      })),
      time: video.currentTime, pictures: video.getVideoPlaybackQuality().totalVideoFrames, sound: video.webkitAudioDecodedByteCount, width: video.videoWidth,
    });
  }, /** @type {const} */ ([url, options]));
  return Object.assign(() => page.evaluate(() => globalThis.told()), { page });
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

/**
 * What hls.js complained of. Its time line of MPEG-TS is that of decoding, so that reordered pictures leave a hole at the beginning, which it skips, once.
 * @param {string[]} errors @param {string} file
 */
function complaints(errors, file) {
  const [first, ...others] = errors.filter((error) => !error.startsWith('bufferStalledError'));
  const [, from, to] = /^bufferSeekOverHole: .* from ([\d.]+) to ([\d.]+)$/.exec(first ?? '') ?? [];
  return first === undefined || (file === 'ts.m3u8' && Number(to) - Number(from) < 0.3) ? others : [first, ...others];
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

    // hls.js makes the track of its cues with the first tag, and Chromium empties it when it has opened: that one is told by the event alone.
    await server.say(channel, { name: 'score', text: 'three to one' });
    const cue = await until('the next tag is a cue', async () => (await told()).tracks.find((/** @type {any} */ { kind }) => kind === 'metadata')?.cues.at(-1), { within: 60_000, state: told });
    assert.deepEqual(cue.value, { key: 'TXXX', info: 'score', data: 'three to one' });
    assert.ok(cue.from > tag.pts && cue.from - tag.pts < 20, `${cue.from} after ${tag.pts}`);
    assert.deepEqual(complaints(errors, file), []);
  });
}

const danger = '<script>globalThis.hacked = true</script><img src=x onerror="globalThis.hacked = true"> & <b>so on</b>\n\n00:00:00.000 --> 99:00:00.000 line:0\ninjected';

sideBySide('Subtitles are read in hls.js and on the site at their picture, and are text whatever is in them', { timeout: 150_000, ...needsFfmpeg }, async (t) => {
  const { server, channel, base } = await onAir(t, [], { subtitles: ['en', 'de'] });
  const told = await play(t, `${base}/index.m3u8`, { lowLatencyMode: true });
  await plays(told, 2);
  await told.page.evaluate(() => (globalThis.hls.subtitleTrack = 0));
  const watcher = await (await world()).visit(t, '/', {}, '', server);
  await watcher.evaluate(() => localStorage.setItem('sluice.protocol', 'hls'));
  await watcher.goto(`${server.url}/watch/${channel.id}`);
  await watcher.getByTestId('subtitle-menu').selectOption({ label: 'English' }, { timeout: 40_000 });
  const onSite = () => watcher.getByTestId('player-video').evaluate((/** @type {HTMLVideoElement} */ video) => [...video.textTracks].map(({ language, mode, activeCues }) => (
    { language, mode, read: [...activeCues ?? []].map((cue) => (/** @type {VTTCue} */ (cue)).getCueAsHTML().textContent) })));

  const at = Date.now() + 3_000;
  await server.caption(channel, { text: danger, seconds: 6, at: new Date(at).toISOString(), language: 'en' });
  const { time, date, tracks } = await until('hls.js shows the cue', async () => {
    const now = await told();
    return now.tracks[0].active === 1 && now;
  }, { within: 30_000, state: told });
  const [cue] = tracks[0].cues;
  const read = danger.replace('\n\n', '\n');
  assert.deepEqual([tracks[0].cues.length, cue.read, cue.elements], [1, read, 0]);
  assert.ok(Math.abs(cue.to - cue.from - 6) < 0.01, `${cue.from} to ${cue.to}`);
  const off = date + (cue.from - time) * 1000 - at;
  assert.ok(Math.abs(off) < 100, `the cue is at the picture captured ${off} ms after it`);
  assert.deepEqual(tracks[1].cues, []);
  await until('the site shows it', async () => (await onSite()).some(({ language, read: shown }) => language === 'en' && shown.includes(read)), { within: 30_000, state: onSite });
  for (const page of [told.page, watcher]) assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  await watcher.getByTestId('subtitle-menu').selectOption('');
  assert.deepEqual((await onSite()).filter(({ mode }) => mode === 'showing'), []);
});

for (const [form, file] of [['MPEG-TS', 'ts.m3u8'], ['CMAF with low latency', 'index.m3u8']]) {
  sideBySide(`Encrypted ${form} plays in hls.js and in ffmpeg, over changes of the key`, { timeout: 150_000, ...needsFfmpeg }, async (t) => {
    const { base } = await onAir(t, ['--Hls:MpegTs=true', '--Hls:Encryption=aes-128', '--Hls:SegmentsPerKey=2']);
    const told = await play(t, `${base}/${file}`, { lowLatencyMode: file === 'index.m3u8' });
    const { errors } = await plays(told, 10);
    assert.deepEqual(complaints(errors, file), []);
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
  assert.deepEqual(complaints(errors, 'ts.m3u8'), []);
});
