// A stream from an encoder like OBS is recorded; the server is killed in the middle; the recording plays in the browser all the same.
import assert from 'node:assert/strict';
import { Encoder, hasEncoder } from '../harness/encoder.mjs';
import { decode } from '../harness/recorded.mjs';
import { Server } from '../harness/server.mjs';
import { sideBySide } from '../harness/side-by-side.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const needsFfmpeg = { skip: hasEncoder() ? false : 'ffmpeg with libx264 is missing' };

sideBySide('what was recorded when the server was killed plays in the browser after the next start', { timeout: 180_000, ...needsFfmpeg }, async (t) => {
  const { browser } = await world();
  const server = await Server.start();
  t.after(() => server.stop());
  const channel = await server.channel('Recorded');
  await server.change(channel, { record: true });
  const encoder = Encoder.start(t, (await server.details(channel)).publish.rtmp, channel.key, { options: ['-bf', '2', '-g', '30'] });

  const growing = await until('six seconds are recorded', async () => {
    const [newest] = await server.recordings(channel);
    return newest?.duration > 6 && newest;
  }, { within: 60_000, state: async () => [await server.recordings(channel), encoder.said] });
  assert.equal(growing.state, 'recording');
  const playlist = await (await fetch(growing.play.hls)).text();
  assert.match(playlist, /#EXT-X-PLAYLIST-TYPE:EVENT/);
  assert.match(playlist, /#EXTINF:[45]/);

  const thumbnail = await until('the stream has a picture', async () => {
    const found = await fetch(`${server.url}/api/v1/streams/${channel.id}/thumbnail.jpg`);
    return found.ok && found;
  });
  assert.equal(thumbnail.headers.get('content-type'), 'image/jpeg');
  assert.ok(thumbnail.headers.get('etag'));

  await server.crash();
  await encoder.stop();
  const kept = await until('the recording is ready', async () => {
    const found = (await server.recordings(channel)).find(({ id }) => id === growing.id);
    return found?.state === 'ready' && found;
  }, { within: 60_000, state: () => server.recordings(channel) });
  assert.ok(kept.duration >= growing.duration - 2.5, `${kept.duration} s of ${growing.duration} s are left`);
  assert.deepEqual(kept.tracks.map(({ codec }) => codec), ['H264', 'AAC']);
  for (const address of [kept.play.mp4, kept.play.hls]) {
    const found = await decode(address);
    assert.equal(found.complaints, '', address);
    assert.ok(found.pictures >= (kept.duration - 1) * 15, `${address}: ${found.pictures} pictures in ${kept.duration} s`);
  }

  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${server.url}/healthz`);
  const played = await page.evaluate(async (address) => {
    const video = document.createElement('video');
    video.muted = true;
    video.src = address;
    document.body.append(video);
    await video.play();
    video.currentTime = 4;
    await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
    await new Promise((resolve) => video.requestVideoFrameCallback(() => video.requestVideoFrameCallback(resolve)));
    return { width: video.videoWidth, duration: video.duration, at: video.currentTime, error: video.error?.message ?? null };
  }, new URL(kept.play.mp4).pathname);
  assert.equal(played.error, null);
  assert.equal(played.width, 640);
  assert.ok(played.at >= 4, `at ${played.at} s`);
  assert.ok(Math.abs(played.duration - kept.duration) < 0.5, `${played.duration} s instead of ${kept.duration} s`);

  const poster = await until('the recording has a poster', async () => {
    const found = (await server.recordings(channel)).find(({ id }) => id === growing.id);
    return found?.play.poster;
  }, { within: 30_000 });
  const picture = await fetch(poster);
  assert.equal(picture.headers.get('content-type'), 'image/jpeg');
});
