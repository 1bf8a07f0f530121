import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toneHeard } from '../harness/ear.mjs';
import { Encoder, hasEncoder, numberedPicture } from '../harness/encoder.mjs';
import { assertInOrder, beginReading, numbersSeen } from '../harness/eye.mjs';
import { Server } from '../harness/server.mjs';
import { sideBySide } from '../harness/side-by-side.mjs';
import { plays, soundReceived } from '../harness/site.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const needsFfmpeg = { skip: hasEncoder() ? false : 'ffmpeg with libx264 is missing' };

sideBySide('An encoder is told where to send, sends by RTMP, and sees how it arrives; its picture and sound play by LL-HLS', { timeout: 180_000, ...needsFfmpeg }, async (t) => {
  const all = await world();
  const { server } = all;
  const channel = await server.channel('Desk');
  const page = await all.visit(t, `/broadcast?with=encoder#key=${channel.key}`);
  const key = page.getByTestId('rtmp-key');
  await key.waitFor({ state: 'visible' });
  const address = await page.getByTestId('rtmp-server').inputValue();
  assert.equal(address, (await server.details(channel)).publish.rtmp);
  assert.equal(await key.getAttribute('type'), 'password', 'the key is shown before it is asked for');
  await page.getByTestId('rtmp-key-show').click();
  assert.equal(await key.getAttribute('type'), 'text');
  assert.equal(await key.inputValue(), channel.key);
  assert.equal(await page.getByTestId('go-live').isVisible(), false);

  // As OBS comes out of the box: B-frames, and a keyframe only every ten seconds.
  const encoder = Encoder.start(t, address, channel.key, { options: ['-bf', '2', '-g', '150', '-keyint_min', '150'] });
  const advice = page.getByTestId('arrival-advice');
  await until('the advice names B-frames and keyframes', async () => /B-frames/.test((await advice.textContent()) ?? '') && /keyframe/i.test((await advice.textContent()) ?? ''), {
    within: 60_000,
    state: async () => [await advice.textContent(), encoder.said, await server.stream(channel)],
  });
  assert.equal(await page.getByTestId('arrival-bframes').textContent(), 'Yes');
  assert.match((await page.getByTestId('arrival-bitrate').textContent()) ?? '', /\d/);

  const watcher = await all.visit(t, '/');
  await watcher.evaluate(() => localStorage.setItem('sluice.protocol', 'hls'));
  await watcher.goto(`${server.url}/watch/${channel.id}`);
  await plays(watcher, 'hls', 60_000);
  await watcher.getByTestId('unmute').click();
  await until('the tone is heard', async () => Math.abs(((await toneHeard(watcher)) ?? 0) - 1000) < 8, { state: () => toneHeard(watcher) });
});

sideBySide('A streamer who is refused reads why', { timeout: 60_000, ...needsFfmpeg }, async (t) => {
  const all = await world();
  const { server } = all;
  const channel = await server.channel('Turned away');
  const { publish } = await server.details(channel);
  const encoder = Encoder.start(t, publish.rtmp, `${channel.id}-${'x'.repeat(30)}`);
  const page = await all.visit(t, `/broadcast?with=encoder#key=${channel.key}`);
  const told = page.getByTestId('publish-error');
  await until('the page says that the key was wrong', async () => (await told.isVisible()) && /key/i.test((await told.textContent()) ?? ''), {
    within: 30_000,
    state: async () => [await told.textContent(), encoder.said, await server.details(channel)],
  });
  assert.ok(!(await told.textContent())?.includes('xxxx'), 'the key that was tried is told');
});

test('Two seconds without sound from an encoder leave picture and converted sound in step', { timeout: 120_000, ...needsFfmpeg }, async (t) => {
  const all = await world();
  const { server } = all;
  const channel = await server.channel('Lost for words');
  const { publish } = await server.details(channel);
  const began = Date.now();
  const encoder = Encoder.start(t, publish.rtmp, channel.key, { audio: ['-af', "aselect='not(between(t,15,17))'", '-c:a', 'aac', '-b:a', '96k', '-ac', '2'] });
  await until('it is live', async () => (await server.stream(channel))?.tracks.length === 2, { within: 40_000, state: () => encoder.said });
  const stage = await all.studio(t);
  const viewing = await stage.watch(server.whep(channel));
  await viewing.sound();
  assert.ok(Date.now() - began < 15_000, 'the machine is too slow: the gap was over before the viewer came');
  const before = (await viewing.statistics()).pictures[0].framesDecoded;
  await until('the gap is past', async () => Date.now() - began > 19_000 && (await viewing.statistics()).pictures[0].framesDecoded > before + 60, { within: 40_000, state: () => viewing.statistics() });
  await viewing.sound();
  const skew = async () => {
    const { pictures, sound } = await viewing.statistics();
    return { by: Math.round((pictures[0].playoutAt ?? Number.NaN) - (sound?.playoutAt ?? Number.NaN)) };
  };
  const { by } = await until('picture and sound are within 40 ms of each other', async () => {
    const now = await skew();
    return Math.abs(now.by) < 40 && now;
  }, { within: 30_000, state: skew });
  t.diagnostic(`picture ${Math.abs(by)} ms ${by > 0 ? 'before' : 'behind'} the sound`);
});

test('When the converter of the sound is killed, the picture goes on in order and the tone comes back', { timeout: 120_000, ...needsFfmpeg }, async (t) => {
  const all = await world();
  // Pictures of the stream are made by the same program.
  const server = await Server.start(['--Thumbnails:Enabled=false']);
  t.after(() => server.stop());
  const channel = await server.channel('Killed');
  const { publish } = await server.details(channel);
  const encoder = Encoder.start(t, publish.rtmp, channel.key, { picture: numberedPicture });
  await until('it is live', async () => (await server.stream(channel))?.tracks.length === 2, { within: 40_000, state: () => encoder.said });
  const watcher = await all.visit(t, `/watch/${channel.id}`, {}, '', server);
  await plays(watcher, 'webrtc', 60_000);
  await watcher.getByTestId('unmute').click();
  await until('the tone is heard', async () => Math.abs(((await toneHeard(watcher)) ?? 0) - 1000) < 8, { state: () => toneHeard(watcher) });
  await beginReading(watcher);
  await until('pictures are read', async () => (await numbersSeen(watcher)).length > 5);

  const [child, ...others] = server.children('ffmpeg');
  assert.deepEqual(others, []);
  process.kill(child, 'SIGKILL');
  const converter = async () => (await server.stream(channel))?.renditions.find(({ codec }) => codec === 'opus');
  await until('another runs in its place', async () => {
    const { restarts, state } = (await converter()) ?? {};
    return restarts === 1 && state === 'running' && server.children('ffmpeg').some((id) => id !== child);
  }, { state: converter });

  // What is in the browser's buffer lasts less than a second; concealment does not count.
  const { samples } = await soundReceived(watcher);
  const before = (await numbersSeen(watcher)).length;
  await until('two seconds of sound have come since', async () => (await soundReceived(watcher)).samples > samples + 96_000, { state: () => soundReceived(watcher) });
  await until('the tone is heard again', async () => Math.abs(((await toneHeard(watcher)) ?? 0) - 1000) < 8, { state: () => toneHeard(watcher) });
  const numbers = await numbersSeen(watcher);
  assertInOrder(numbers);
  assert.ok(numbers.length > before + 10, `${numbers.length - before} pictures in two seconds of sound`);
});

test('Where there is no room to convert B-frames, the viewer gets the original by LL-HLS and reads why, and so does who was watching when they began', { timeout: 120_000, ...needsFfmpeg }, async (t) => {
  const all = await world();
  const server = await Server.start(['--Transcoding:MaxVideo=0']);
  t.after(() => server.stop());
  const channel = await server.channel('No room');
  const { publish } = await server.details(channel);
  const plain = Encoder.start(t, publish.rtmp, channel.key);
  await until('it is live', async () => (await server.stream(channel))?.tracks.length === 2, { within: 40_000, state: () => plain.said });
  const present = await all.visit(t, `/watch/${channel.id}`, {}, '', server);
  await plays(present, 'webrtc', 60_000);
  await plain.stop();
  const encoder = Encoder.start(t, publish.rtmp, channel.key, { options: ['-bf', '2', '-g', '30'] });
  await until('it is live again', async () => (await server.stream(channel))?.tracks.length === 2, { within: 40_000, state: () => encoder.said });
  const watcher = await all.visit(t, `/watch/${channel.id}`, {}, '', server);
  for (const page of [watcher, present]) {
    await plays(page, 'hls', 60_000);
    assert.match((await page.getByTestId('menu-now').textContent()) ?? '', /B-frames.*Transcoding:MaxVideo/s);
  }
});
