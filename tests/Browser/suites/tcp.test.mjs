import assert from 'node:assert/strict';
import { test } from 'node:test';
import { world } from '../harness/world.mjs';

test('Where UDP is blocked, publisher and viewer connect over TCP', { timeout: 60_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const audience = await all.studio(t);
  const channel = await server.channel('Behind a firewall');

  const publication = await stage.publish(server.whip(channel), channel.key, { tcpOnly: true, pictures: [{ width: 640, height: 360 }] });
  const viewing = await audience.watch(server.whep(channel), { tcpOnly: true });
  const neighbour = await audience.watch(server.whep(channel));

  await viewing.shows(640);
  await viewing.pictures(30);
  await viewing.sound();
  await neighbour.pictures();
  assert.equal(await publication.protocol(), 'tcp');
  assert.equal(await viewing.protocol(), 'tcp');
  assert.equal(await neighbour.protocol(), 'udp');
});
