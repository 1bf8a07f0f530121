import assert from 'node:assert/strict';
import { test } from 'node:test';
import { world } from '../harness/world.mjs';

test('A viewer that sends no offer gets one, answers it, and sees the stream', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Server offers');
  await stage.publish(server.whip(channel), channel.key);
  // The offer names what is known of the stream, so let something be known.
  const other = await audience.watch(server.whep(channel));
  await other.pictures(3);
  await other.sound();

  const viewing = await audience.watch(server.whep(channel), { serverOffers: true });

  await viewing.shows(320);
  await viewing.pictures();
  await viewing.sound();
});

test('A server’s offer made before anybody publishes is good for the stream that comes', { timeout: 60_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Server offers early');
  const viewing = await audience.watch(server.whep(channel), { serverOffers: true });

  await stage.publish(server.whip(channel), channel.key);

  await viewing.shows(320);
  await viewing.pictures();
  await viewing.sound();
});

test('Publisher and viewer restart ICE by PATCH, and media goes on', { timeout: 90_000 }, async (t) => {
  const { server, stage, audience } = await arrange(t);
  const channel = await server.channel('Restart');
  const publication = await stage.publish(server.whip(channel), channel.key);
  const viewing = await audience.watch(server.whep(channel));
  await viewing.pictures();
  await viewing.forgetGaps();

  for (const [who, connection] of /** @type {const} */ ([['publisher', publication], ['viewer', viewing], ['publisher', publication]])) {
    const restarted = await connection.restartIce();
    assert.equal(restarted.status, 200);
    assert.notEqual(restarted.after, restarted.before, `the ${who} got the old user fragment`);
    assert.ok(restarted.tagChanged, `the ${who} got no new entity tag`);
    await viewing.pictures(30);
    await viewing.sound();
    assert.equal(await connection.state(), 'connected');
  }
  const { longestGap } = (await viewing.statistics()).pictures[0];
  t.diagnostic(`over three ICE restarts the picture stood still for ${Math.round(longestGap)} ms at most`);
  assert.ok(longestGap < 2000, `the picture stood still for ${longestGap} ms`);
});

test('A PATCH under the tag of an older ICE session is refused, under the newest it is taken', { timeout: 60_000 }, async (t) => {
  const { server, stage } = await arrange(t);
  const channel = await server.channel('Tags');
  const publication = await stage.publish(server.whip(channel), channel.key);

  assert.equal(await publication.call('trickle', '"of-no-session"'), 412);
  assert.ok([200, 204].includes(await publication.call('trickle', null)));
  await publication.restartIce();
  assert.equal(await publication.call('trickle', '"of-no-session"'), 412);
  assert.equal(await publication.state(), 'connected');
});

/** @param {import('node:test').TestContext} t */
async function arrange(t) {
  const all = await world();
  return { server: all.server, stage: await all.studio(t), audience: await all.studio(t) };
}
