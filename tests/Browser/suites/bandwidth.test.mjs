import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

test('Feedback lets a publisher rise to its bitrate: above 1 Mbit/s within 20 s', { timeout: 90_000 }, async (t) => {
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
  const reached = await until('the publisher sends more than 1 Mbit/s', async () => {
    const now = await publication.statistics();
    if (now.at - before.at < 900) {
      return false;
    }
    const bitrate = ((now.pictures[0].bytesSent - before.pictures[0].bytesSent) * 8000) / (now.at - before.at);
    before = now;
    best = Math.max(best, bitrate);
    return bitrate > 1_000_000 && bitrate;
  }, { state: async () => ({ best, ...(await publication.statistics()) }) });
  t.diagnostic(`${(reached / 1e6).toFixed(2)} Mbit/s sent ${Math.round(performance.now() - started)} ms after the start`);

  const end = await until('the network no longer limits the picture', async () => {
    const now = await publication.statistics();
    return now.pictures[0].limitation !== 'bandwidth' && now.availableBitrate > 1_000_000 && now;
  }, { within: 30_000, state: () => publication.statistics() });
  t.diagnostic(`available outgoing bitrate ${(end.availableBitrate / 1e6).toFixed(2)} Mbit/s, limited by ${end.pictures[0].limitation}`);

  const figures = await until('the server measures it too', async () => {
    const stream = await server.stream(channel);
    return stream !== undefined && stream.publisher.bitrate > 900_000 && stream;
  }, { state: () => server.stream(channel) });
  assert.equal(figures.publisher.packetsLost, 0);
});
