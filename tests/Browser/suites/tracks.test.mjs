import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

test('A stream may be sound alone', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Radio');
  await stage.publish(server.whip(channel), channel.key, { pictures: [] });
  const viewing = await audience.watch(server.whep(channel));

  await viewing.sound();
  const received = await viewing.sound();

  assert.equal(received.pictures[0]?.framesDecoded ?? 0, 0);
  const stream = await until('the API lists the sound', async () => {
    const figures = await server.stream(channel);
    return figures?.tracks.some((track) => track.codec !== '') && figures;
  });
  assert.deepEqual(stream.tracks.filter((track) => track.codec !== '').map((track) => track.kind), ['audio']);
});

test('A stream may be pictures alone', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Silent film');
  await stage.publish(server.whip(channel), channel.key, { sound: false });
  const viewing = await audience.watch(server.whep(channel));

  await viewing.shows(320);
  const received = await viewing.pictures(20);

  assert.equal(received.sound?.energy ?? 0, 0);
});

test('A viewer may want the pictures only, or the sound only', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Choosy');
  await stage.publish(server.whip(channel), channel.key);

  const deaf = await audience.watch(server.whep(channel), { sound: false });
  const blind = await audience.watch(server.whep(channel), { pictures: 0 });

  await deaf.pictures();
  assert.equal((await deaf.statistics()).sound, undefined);
  await blind.sound();
  assert.deepEqual((await blind.statistics()).pictures, []);
});

test('Two pictures and a sound are published at once, and a viewer with two places sees both', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Two cameras');
  await stage.publish(server.whip(channel), channel.key, { codec: 'VP8', pictures: [{ width: 320, height: 180 }, { width: 240, height: 240 }] });

  const viewing = await audience.watch(server.whep(channel), { pictures: 2 });
  const modest = await audience.watch(server.whep(channel));

  await viewing.shows(320, 0);
  await viewing.shows(240, 1);
  await viewing.pictures(10, 0);
  await viewing.pictures(10, 1);
  await viewing.sound();
  await modest.shows(320);
  await modest.pictures();
  const stream = await until('the API lists both pictures', async () => {
    const figures = await server.stream(channel);
    return figures?.tracks.filter((track) => track.width !== null).length === 2 && figures;
  }, { state: () => server.stream(channel) });
  assert.deepEqual(stream.tracks.filter((track) => track.kind === 'video').map((track) => [track.width, track.height]), [[320, 180], [240, 240]]);
});

/** @param {import('node:test').TestContext} t */
async function arrange(t) {
  const all = await world();
  return { server: all.server, stage: await all.studio(t), audience: await all.studio(t) };
}
