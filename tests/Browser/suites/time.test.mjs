import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

test('Pictures are shown soon after they were drawn, and in step with the sound', { timeout: 90_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const audience = await all.studio(t);
  const channel = await server.channel('In step');
  await stage.publish(server.whip(channel), channel.key, { codec: 'VP8', pictures: [{ width: 320, height: 180, framesPerSecond: 30 }] });
  const viewing = await audience.watch(server.whep(channel));
  await viewing.pictures();
  await viewing.sound();

  const latencies = await until('40 pictures say when they were drawn', async () => {
    const seen = (await viewing.statistics()).pictures[0].latencies;
    return seen.length >= 40 && [...seen].sort((a, b) => a - b);
  }, { state: () => viewing.statistics() });
  const median = latencies[latencies.length >> 1];
  t.diagnostic(`drawn to shown: median ${Math.round(median)} ms, best ${Math.round(latencies[0])} ms, worst ${Math.round(latencies.at(-1))} ms`);
  assert.ok(median < 2000, `the median picture was ${median} ms old`);

  const skew = await until('picture and sound are within 100 ms of each other', async () => {
    const { pictures, sound } = await viewing.statistics();
    const picture = pictures[0].playoutAt;
    return picture !== undefined && sound?.playoutAt !== undefined && Math.abs(picture - sound.playoutAt) < 100 && { by: picture - sound.playoutAt };
  }, {
    within: 30_000,
    state: async () => {
      const { pictures, sound } = await viewing.statistics();
      return { picture: pictures[0].playoutAt, sound: sound?.playoutAt };
    },
  });
  t.diagnostic(`picture ${Math.round(Math.abs(skew.by))} ms ${skew.by > 0 ? 'before' : 'behind'} the sound`);
});
