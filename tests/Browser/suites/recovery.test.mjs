import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Server } from '../harness/server.mjs';
import { beginBroadcast, framesShown, playerState } from '../harness/site.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

test('Through the site: when the server dies and comes back, broadcast and viewers come back by themselves', { timeout: 120_000 }, async (t) => {
  const all = await world();
  const server = await Server.start();
  t.after(() => server.stop());
  const channel = await server.channel('Phoenix');
  const studio = await all.visit(t, `/broadcast#key=${channel.key}`, {}, '', server);
  await beginBroadcast(studio);
  const watcher = await all.visit(t, `/watch/${channel.id}`, {}, '', server);
  await until('the player plays', async () => (await playerState(watcher)) === 'playing');
  await Promise.all([studio, watcher].map((page) => page.evaluate(() => (globalThis.sameDocument = true))));
  const connection = await watcher.evaluateHandle(() => globalThis.sluice.player.peer);

  await server.crash();
  const died = performance.now();

  await until('the broadcast is live again', async () => (await server.stream(channel)) !== undefined, {
    within: 60_000,
    state: () => studio.evaluate(() => globalThis.sluice.publisher?.state),
  });
  t.diagnostic(`the broadcast was back ${Math.round(performance.now() - died)} ms after the server`);
  await until('the watch page has another connection', () => watcher.evaluate((old) => globalThis.sluice.player.peer !== undefined && globalThis.sluice.player.peer !== old, connection), {
    within: 60_000,
    state: () => playerState(watcher),
  });
  const before = (await framesShown(watcher)).count;
  await until('the watch page plays again', async () => (await playerState(watcher)) === 'playing' && (await framesShown(watcher)).count > before + 10, {
    within: 60_000,
    state: async () => [await playerState(watcher), await framesShown(watcher)],
  });
  t.diagnostic(`the picture was back ${Math.round(performance.now() - died)} ms after the server`);
  for (const page of [studio, watcher]) {
    assert.equal(await page.evaluate(() => globalThis.sameDocument), true, 'a page was loaded anew');
  }
});
