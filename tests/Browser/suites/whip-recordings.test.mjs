// What browsers publish is recorded: judged by ffmpeg, and by playing it in the site.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toneHeard } from '../harness/ear.mjs';
import { decode, hasJudge, probe, tone, widths } from '../harness/recorded.mjs';
import { sideBySide } from '../harness/side-by-side.mjs';
import { beginBroadcast, framesShown, playerState } from '../harness/site.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

/** @param {import('playwright-core').Page} page */
async function plays(page) {
  await until('the recording plays', async () => (await playerState(page)) === 'playing' && (await framesShown(page)).count > 10, {
    within: 60_000, state: async () => [await playerState(page), await framesShown(page), await page.getByTestId('state').textContent()],
  });
}

/** @param {import('../harness/server.mjs').Server} server @param {import('../harness/server.mjs').Channel} channel @param {number} seconds */
function recorded(server, channel, seconds) {
  return until(`${seconds} s are recorded`, async () => (await server.recordings(channel)).some((each) => each.duration >= seconds), { within: 90_000, state: () => server.recordings(channel) });
}

/** @param {import('../harness/server.mjs').Server} server @param {import('../harness/server.mjs').Channel} channel */
function ready(server, channel) {
  return until('the recording is ready', async () => (await server.recordings(channel)).find((each) => each.state === 'ready'), { within: 120_000, state: () => server.recordings(channel) });
}

sideBySide('What the Broadcast page sends is recorded, listed, and played with its sound', { timeout: 240_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const channel = await server.channel('Kept show');
  await server.change(channel, { record: true });
  const streamer = await all.visit(t, `/broadcast#key=${channel.key}`);
  await beginBroadcast(streamer);
  await recorded(server, channel, 8);
  await streamer.getByTestId('stop').click();
  const recording = await ready(server, channel);

  const watcher = await all.visit(t, `/watch/${channel.id}`);
  await watcher.locator(`[data-testid=recording][data-id="${recording.id}"]`).getByRole('link', { name: /play/i }).click({ timeout: 40_000 });
  await plays(watcher);
  await watcher.getByTestId('unmute').click();
  await until('the microphone is heard', async () => (await toneHeard(watcher)) !== undefined, { within: 30_000 });
});

for (const codec of ['H264', 'VP8', 'VP9', 'AV1']) {
  sideBySide(`A browser's ${codec} and Opus is recorded, over a change of size, and plays`, { timeout: 240_000 }, async (t) => {
    const all = await world();
    const { server } = all;
    const stage = await all.studio(t);
    if (!hasJudge() || !(await stage.sendableCodecs()).includes(codec)) {
      t.skip(`this Chromium cannot send ${codec}, or ffmpeg is not installed`);
      return;
    }
    const channel = await server.channel(`Kept ${codec}`);
    await server.change(channel, { record: true });
    const publication = await stage.publish(server.whip(channel), channel.key, { codec, pictures: [{ width: 320, height: 180, framesPerSecond: 15 }] });
    await recorded(server, channel, 6);
    await publication.scale(2);
    await recorded(server, channel, 14);
    await publication.stop();
    const recording = await ready(server, channel);
    t.diagnostic(`${codec}: ${recording.parts.map((part) => `${part.duration} s`).join(', ')}`);

    let heard = 0;
    let pictures = 0;
    const seen = [];
    for (const { mp4 } of recording.parts) {
      const streams = (await probe(mp4)).streams.map((stream) => stream.codec_name);
      assert.deepEqual(streams, [codec.toLowerCase(), 'opus']);
      const decoded = await decode(mp4);
      assert.equal(decoded.complaints, '', mp4);
      pictures += decoded.pictures;
      seen.push(...await widths(mp4));
      const sound = await tone(mp4);
      assert.ok(Math.abs(sound.frequency - 440) < 8, `${sound.frequency} Hz in ${mp4}`);
      heard += sound.seconds;
    }
    assert.deepEqual(seen.filter((width, index) => width !== seen[index - 1]), [320, 160]);
    assert.ok(heard > recording.duration - 1.5, `${heard} s of sound in ${recording.duration} s`);
    assert.ok(pictures > recording.duration * 8, `${pictures} pictures in ${recording.duration} s`);

    // VP8 has no form in HLS; its file is all there is, and one is enough for all sizes.
    assert.equal(recording.play.hls === undefined, codec === 'VP8');
    if (codec === 'VP8') {
      assert.equal(recording.parts.length, 1);
    } else {
      const playlist = await (await fetch(recording.play.hls)).text();
      const listed = [...playlist.matchAll(/#EXTINF:([\d.]+),/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
      assert.ok(Math.abs(listed - recording.duration) < 0.5, `${listed} s are listed of ${recording.duration} s`);
      const ends = new Map();
      for (const [, length, begin, file] of playlist.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)/g)) {
        assert.equal(Number(begin), ends.get(file) ?? Number(begin), 'nothing is left out between two segments');
        ends.set(file, Number(begin) + Number(length));
      }
    }

    const watcher = await all.visit(t, `/watch/${channel.id}/${recording.id}`);
    await plays(watcher);
    await watcher.getByTestId('unmute').click();
    await until('440 Hz are heard', async () => Math.abs(((await toneHeard(watcher)) ?? 0) - 440) < 8, { within: 30_000, state: () => toneHeard(watcher) });
    await until('the smaller picture is shown too', async () => (await framesShown(watcher)).width === 160, { within: 60_000, state: () => framesShown(watcher) });
  });
}

test('Of simulcast the largest layer that comes is recorded, and the sound has no gap where it changes', { timeout: 240_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  if (!hasJudge()) {
    t.skip('ffmpeg is not installed');
    return;
  }
  const channel = await server.channel('Kept layers');
  await server.change(channel, { record: true });
  const encodings = [{ rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 80_000 }, { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 500_000 }];
  const publication = await stage.publish(server.whip(channel), channel.key, {
    codec: (await stage.sendableCodecs()).includes('H264') ? 'H264' : 'VP9', encodings, bitrate: 1_500_000, pictures: [{ width: 640, height: 360, framesPerSecond: 12 }],
  });
  const sizes = async () => (await server.recordings(channel))[0]?.parts.length ?? 0;
  await until('the large layer is recorded', async () => (await server.recordings(channel))[0]?.parts.some((part) => part.duration > 4), { within: 60_000, state: () => server.recordings(channel) });
  const before = await sizes();
  await publication.activate('h', false);
  await until('the small layer is recorded', async () => (await sizes()) > before, { within: 60_000, state: () => server.recordings(channel) });
  const at = (await server.recordings(channel))[0].duration;
  await recorded(server, channel, at + 5);
  await publication.stop();
  const recording = await ready(server, channel);
  const seen = [];
  let heard = 0;
  for (const { mp4 } of recording.parts) {
    assert.equal((await decode(mp4)).complaints, '', mp4);
    seen.push(...await widths(mp4));
    heard += (await tone(mp4)).seconds;
  }
  assert.deepEqual(seen.slice(-2), [640, 160]);
  assert.ok(heard > recording.duration - 1.5, `${heard} s of sound in ${recording.duration} s: ${recording.parts.map((part) => part.duration)}`);
});
