import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

// A browser begins at 300 kbit/s and goes up only on what our feedback tells it. How much the encoder then makes of it depends on the machine, and is
// printed; what the browser believes the network can carry depends on us, and is judged.
test('Feedback lets a publisher rise: it comes to trust the network with more than 1 Mbit/s', { timeout: 150_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('Rising');
  const publication = await stage.publish(server.whip(channel), channel.key, {
    codec: 'VP8',
    encodings: [{ maxBitrate: 2_500_000 }],
    pictures: [{ width: 640, height: 360, framesPerSecond: 15, busy: true }],
  });

  const started = performance.now();
  let before = await publication.statistics();
  let best = 0;
  const end = await until('the browser trusts the network with more than 1 Mbit/s, and the picture is not limited by it', async () => {
    const now = await publication.statistics();
    if (now.at - before.at >= 900) {
      best = Math.max(best, ((now.pictures[0].bytesSent - before.pictures[0].bytesSent) * 8000) / (now.at - before.at));
      before = now;
    }
    return now.availableBitrate > 1_000_000 && now.pictures[0].limitation !== 'bandwidth' && now;
  }, { within: 100_000, state: async () => ({ best, ...(await publication.statistics()) }) });
  t.diagnostic(`${(end.availableBitrate / 1e6).toFixed(2)} Mbit/s trusted ${Math.round(performance.now() - started)} ms after the start, at most ${(best / 1e6).toFixed(2)} Mbit/s sent so far`);
  assert.equal((await server.stream(channel)).publisher.packetsLost, 0);
});
