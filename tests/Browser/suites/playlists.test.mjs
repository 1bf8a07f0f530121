// Playlists as others read them: two parsers with opinions, ffprobe, and requests that wait.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import hlsParser from 'hls-parser';
import { Parser } from 'm3u8-parser';
import { Encoder, hasEncoder } from '../harness/encoder.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const needsFfmpeg = { skip: hasEncoder() ? false : 'ffmpeg with libx264 is missing' };
hlsParser.setOptions({ strictMode: true });

/** @param {string} url */
async function get(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, `${url}: ${response.status}`);
  return response.text();
}

/** What the second parser warns of. @param {string} text */
function warnings(text) {
  /** @type {string[]} */
  const said = [];
  const parser = new Parser();
  parser.on('warn', (/** @type {{ message: string }} */ event) => said.push(event.message));
  parser.push(text);
  parser.end();
  return { said, manifest: parser.manifest };
}

test('Playlists of a stream from ffmpeg are read without a word by strict parsers, minute after minute, and ffprobe finds picture and sound', { timeout: 120_000, ...needsFfmpeg }, async (t) => {
  const { server } = await world();
  const channel = await server.channel('Strictly read');
  await server.change(channel, { subtitles: ['en'] });
  const { publish } = await server.details(channel);
  const encoder = Encoder.start(t, publish.rtmp, channel.key, { options: ['-bf', '2', '-g', '30'] });
  const base = `${server.url}/hls/${channel.id}`;
  await until('the stream is packaged', async () => (await fetch(`${base}/index.m3u8`)).status === 200, { within: 60_000, state: () => encoder.said });

  const master = await get(`${base}/index.m3u8`);
  const parsed = /** @type {any} */ (hlsParser.parse(master));
  assert.equal(parsed.isMasterPlaylist, true);
  assert.deepEqual(warnings(master).said, []);
  assert.match(parsed.variants[0].codecs, /^avc1\.4d[0-9a-f]{4},mp4a\.40\.2$/i);
  assert.equal(parsed.variants[0].audio.length, 1);
  assert.equal(parsed.variants[0].subtitles[0].language, 'en');

  for (const rendition of [parsed.variants[0].uri, parsed.variants[0].audio[0].uri, parsed.variants[0].subtitles[0].uri]) {
    const url = `${base}/${rendition}`;
    let query = '';
    let last = -1;
    for (let i = 0; i < 15; i++) {
      const text = await get(url + query);
      const { said, manifest } = warnings(text);
      assert.deepEqual(said, [], text);
      const playlist = /** @type {any} */ (hlsParser.parse(text));
      assert.ok(playlist.targetDuration <= 5);
      assert.equal(playlist.lowLatencyCompatibility.canBlockReload, true);
      const [, sequence, part] = /** @type {RegExpExecArray} */ (/PRELOAD-HINT:TYPE=PART,URI="[^.]+\.(\d+)\.(\d+)\.(?:m4s|vtt)"/.exec(text));
      const position = Number(sequence) * 1000 + Number(part);
      assert.ok(position > last, 'an answer that was waited for has something new');
      last = position;
      query = `?_HLS_msn=${sequence}&_HLS_part=${part}`;
      assert.ok(manifest.segments.length > 0);
    }
  }

  const probed = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', `${base}/index.m3u8`], { encoding: 'utf8', timeout: 40_000 });
  assert.equal(probed.stderr, '');
  assert.match(probed.stdout, /h264/);
  assert.match(probed.stdout, /aac/);
});
