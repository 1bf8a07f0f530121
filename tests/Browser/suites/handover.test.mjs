import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

test('A viewer who comes before the publisher sees the stream begin', { timeout: 60_000 }, async (t) => {
  const { server, ...rest } = await arrange(t);
  const channel = await server.channel('Early');
  const viewing = await rest.audience.watch(server.whep(channel), { events: true });
  await until('the viewer is told that nothing is on', () => viewing.event('inactive'));

  await rest.stage.publish(server.whip(channel), channel.key);

  await viewing.shows(320);
  await viewing.pictures();
  await viewing.sound();
  assert.ok(await viewing.event('active'));
});

test('A publisher may return with another codec and size, and its viewers go on without a new connection', { timeout: 120_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Return');
  const first = await stage.publish(server.whip(channel), channel.key, { codec: 'VP8' });
  const viewing = await audience.watch(server.whep(channel));
  await viewing.shows(320);

  const turns = /** @type {const} */ ([['H264', 480, 270], ['VP9', 400, 300], ['VP8', 256, 144]]);
  let publication = first;
  for (const [codec, width, height] of turns) {
    if (!(await stage.sendableCodecs()).includes(codec)) {
      continue;
    }
    assert.equal(await publication.stop(), 200);
    publication = await stage.publish(server.whip(channel), channel.key, { codec, pictures: [{ width, height }] });
    const shown = await viewing.shows(width);
    assert.equal(shown.pictures[0].height, height);
    assert.equal((await viewing.pictures()).pictures[0].codec, codec);
    await viewing.sound();
    assert.equal(await viewing.state(), 'connected');
  }
});

test('A second publisher takes a live channel over: the first is closed, the viewers go on', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Takeover');
  const first = await stage.publish(server.whip(channel), channel.key, { codec: 'VP8' });
  const viewing = await audience.watch(server.whep(channel));
  await viewing.shows(320);
  await viewing.forgetGaps();

  const second = await stage.publish(server.whip(channel), channel.key, { codec: 'VP8', pictures: [{ width: 480, height: 270 }] });

  await until('the first publisher is closed', async () => (await first.state()) === 'closed', { state: () => first.state() });
  const shown = await viewing.shows(480);
  t.diagnostic(`takeover: the picture stood still for ${Math.round(shown.pictures[0].longestGap)} ms`);
  await viewing.pictures();
  await viewing.sound();
  assert.equal(await viewing.state(), 'connected');
  assert.equal((await server.stream(channel)).viewers, 1);

  const status = await first.stop();
  assert.ok(status >= 400, `a session that was taken over cannot be deleted again, but the answer was ${status}`);
  await viewing.pictures();
  assert.equal(await second.state(), 'connected');
});

test('A takeover in the same codec and size shows no old picture twice', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience, another } = await arrange(t);
  const channel = await server.channel('Same again');
  await stage.publish(server.whip(channel), channel.key, { codec: 'VP8' });
  const viewing = await audience.watch(server.whep(channel));
  await viewing.pictures();
  for (let turn = 0; turn < 3; turn += 1) {
    // Each by another software: one that was replaced stays away while its successor sends.
    const next = await another(`Publisher ${turn}`);
    await next.publish(server.whip(channel), channel.key, { codec: 'VP8' });
    await viewing.forgetGaps();
    await viewing.pictures(20);
  }
  const { pictures } = await viewing.statistics();
  const oldest = Math.max(...pictures[0].latencies);
  assert.ok(oldest < 3000, `a picture ${oldest} ms old was shown`);
});

/** @param {import('node:test').TestContext} t */
async function arrange(t) {
  const all = await world();
  const another = (/** @type {string} */ userAgent) => all.studio(t, { userAgent });
  return { server: all.server, stage: await all.studio(t), audience: await all.studio(t), another };
}
