import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const rounds = 10;
const crowd = 3;

test(`${crowd} viewers come and go ${rounds} times: the count follows, and who stays is not disturbed`, { timeout: 180_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const audience = await all.studio(t);
  const channel = await server.channel('Crowd');
  await stage.publish(server.whip(channel), channel.key, { codec: 'VP8', pictures: [{ width: 320, height: 180 }] });
  const faithful = await audience.watch(server.whep(channel));
  await faithful.pictures();
  await faithful.forgetGaps();
  const frozen = (await faithful.statistics()).pictures[0].freezeCount;
  const count = (/** @type {number} */ wanted) =>
    until(`the count is ${wanted}`, async () => (await server.stream(channel))?.viewers === wanted, { state: () => server.stream(channel) });

  for (let round = 0; round < rounds; round += 1) {
    const visitors = await Promise.all(Array.from({ length: crowd }, () => audience.watch(server.whep(channel))));
    await count(crowd + 1);
    await Promise.all(visitors.map((visitor) => visitor.pictures(3)));
    // Some say goodbye, some only close.
    await Promise.all(visitors.map((visitor, number) => ((round + number) % 2 === 0 ? visitor.stop() : visitor.drop())));
    await count(1);
  }

  const { pictures } = await faithful.pictures();
  t.diagnostic(`the faithful viewer: longest stand-still ${Math.round(pictures[0].longestGap)} ms, ${pictures[0].freezeCount - frozen} freezes`);
  assert.ok(pictures[0].longestGap < 2000, `the faithful viewer's picture stood still for ${pictures[0].longestGap} ms`);
  assert.equal(pictures[0].packetsLost, 0);
  assert.equal(await faithful.stop(), 200);
  await count(0);
  assert.deepEqual(await server.viewers(channel), []);
});
