import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sideBySide } from '../harness/side-by-side.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const consentLoss = 40_000;

test('DELETE ends a stream and a viewing at once', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Goodbye');
  const publication = await stage.publish(server.whip(channel), channel.key);
  const viewing = await audience.watch(server.whep(channel), { events: true });
  await viewing.pictures();

  const before = performance.now();
  assert.equal(await publication.stop(), 200);
  assert.equal(await server.stream(channel), undefined);
  await until('the viewer is told', () => viewing.event('inactive'), { within: 3000 });
  t.diagnostic(`a stream ended ${Math.round(performance.now() - before)} ms after DELETE, viewers told`);
  assert.equal(await viewing.stop(), 200);
});

sideBySide('A page that is closed without a word ends its stream, and its viewing', { timeout: 120_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Crash');
  await stage.publish(server.whip(channel), channel.key);
  const viewing = await audience.watch(server.whep(channel), { events: true });
  const other = await (await world()).studio(t);
  const visitor = await other.watch(server.whep(channel));
  await visitor.pictures(3);
  await until('both are counted', async () => (await server.stream(channel))?.viewers === 2);

  const left = performance.now();
  await Promise.all([other.vanish(), stage.vanish()]);
  await Promise.all([
    until('the visitor is no longer counted', async () => (await server.viewers(channel)).length === 1, { within: consentLoss, state: () => server.viewers(channel) })
      .then(() => t.diagnostic(`a closed viewer was gone after ${Math.round(performance.now() - left)} ms`)),
    until('the stream is over', async () => (await server.stream(channel)) === undefined, { within: consentLoss, state: () => server.stream(channel) })
      .then(() => t.diagnostic(`a closed publisher's stream was over after ${Math.round(performance.now() - left)} ms`)),
  ]);
  await until('the viewer is told', () => viewing.event('inactive'));
  assert.equal(await viewing.state(), 'connected');
});

/** @param {import('node:test').TestContext} t */
async function arrange(t) {
  const all = await world();
  return { server: all.server, stage: await all.studio(t), audience: await all.studio(t) };
}
