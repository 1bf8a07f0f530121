import assert from 'node:assert/strict';
import { atLast } from '../harness/side-by-side.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

// What the others have left behind.
atLast('After everything the server has met no bug, and forgets who is gone', { timeout: 90_000 }, async () => {
  const { server } = await world();
  assert.deepEqual(server.complaints, []);
  await until('no stream is live any more', async () => (await server.streams()).length === 0, { within: 45_000, state: () => server.streams() });
});
