import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';
import { beginBroadcast, framesShown, playerState, soundReceived } from '../harness/site.mjs';

test('Through the site: a camera is put on the air, two people watch and hear it, it ends, and comes back to them', { timeout: 180_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const channel = await server.channel('Night owls');
  const studio = await all.visit(t, `/broadcast#key=${channel.key}`);
  assert.ok(!studio.url().includes(channel.secret) || (await studio.evaluate(() => !location.href.includes('key='))), 'the key stays in the address');
  await beginBroadcast(studio);

  const watchers = [await all.visit(t, `/watch/${channel.id}`), await all.visit(t, `/watch/${channel.id}`)];
  for (const watcher of watchers) {
    await until('the player plays', async () => (await playerState(watcher)) === 'playing', { state: () => playerState(watcher) });
    const first = await until('a first picture is there', () => watcher.evaluate(() => globalThis.firstPictureAt));
    t.diagnostic(`first picture ${Math.round(first)} ms after the page was asked for`);
    const before = await framesShown(watcher);
    await until('pictures go on', async () => (await framesShown(watcher)).count > before.count + 10, { state: () => framesShown(watcher) });
    const { width, height } = await framesShown(watcher);
    assert.deepEqual([width, height], [640, 360]);

    await watcher.getByTestId('unmute').click();
    assert.equal(await watcher.getByTestId('player-video').evaluate((video) => video.muted), false);
    const { energy: quiet } = await soundReceived(watcher);
    await until('the fake microphone’s beeps are heard', async () => (await soundReceived(watcher)).energy > quiet + 1e-4, { state: () => soundReceived(watcher) });
  }
  await until('the watch page counts both', async () => /\b2\b/.test((await watchers[0].getByTestId('viewers').textContent()) ?? ''), {
    state: () => watchers[0].getByTestId('viewers').textContent(),
  });
  await until('the watch page names the channel', async () => (await watchers[0].getByTestId('channel-title').textContent()) === 'Night owls');

  await studio.getByTestId('stop').click();
  await until('the broadcast page says that it is over', async () => (await studio.getByTestId('state').textContent()) === 'Ended');
  await until('the stream is gone', async () => (await server.stream(channel)) === undefined);
  for (const watcher of watchers) {
    await until('the player waits', async () => (await playerState(watcher)) === 'waiting', { state: () => playerState(watcher) });
    assert.match((await watcher.getByTestId('state').textContent()) ?? '', /off the air/i);
    await watcher.evaluate(() => (globalThis.sameDocument = true));
  }

  const again = performance.now();
  await studio.getByTestId('go-live').click();
  for (const watcher of watchers) {
    const before = (await framesShown(watcher)).count;
    await until('the player plays again by itself', async () => (await playerState(watcher)) === 'playing' && (await framesShown(watcher)).count > before + 5, {
      within: 30_000,
      state: async () => [await playerState(watcher), await framesShown(watcher)],
    });
    assert.equal(await watcher.evaluate(() => globalThis.sameDocument), true, 'the page was loaded anew');
    assert.equal(await watcher.getByTestId('player-video').evaluate((video) => video.muted), false, 'the sound was switched off');
  }
  t.diagnostic(`both watch pages played again ${Math.round(performance.now() - again)} ms after going live again`);
});

test('Through the site: several qualities can be sent, chosen between, and left to the player', { timeout: 120_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const channel = await server.channel('Qualities');
  const studio = await all.visit(t, `/broadcast#key=${channel.key}`);
  await beginBroadcast(studio, { simulcast: true });
  const watcher = await all.visit(t, `/watch/${channel.id}`);
  await until('the player plays the best', async () => (await framesShown(watcher)).width === 640, { within: 40_000, state: () => framesShown(watcher) });

  const menu = watcher.getByTestId('layer-menu');
  await menu.waitFor({ state: 'visible' });
  const choices = await until('the menu has both qualities', async () => {
    const all = await menu.locator('option').evaluateAll((options) => options.map((option) => ({ value: option.value, text: option.textContent, disabled: option.disabled })));
    return all.length === 3 && all.every((option) => !option.disabled) && /^Auto( \(.*\))?,360p,180p$/.test(all.map((option) => option.text).join()) && all;
  }, { state: () => menu.innerHTML() });
  await menu.selectOption(choices[2].value);
  await until('the small picture is shown', async () => (await framesShown(watcher)).width === 320, { state: () => framesShown(watcher) });
  await menu.selectOption('');
  await until('the large picture is shown again', async () => (await framesShown(watcher)).width === 640, { state: () => framesShown(watcher) });
});

test('Through the site: a wrong key is refused in plain words', { timeout: 60_000 }, async (t) => {
  const all = await world();
  const channel = await all.server.channel('Guarded');
  const studio = await all.visit(t, `/broadcast#key=${channel.id}-${'x'.repeat(40)}`);
  await beginBroadcast(studio, { live: false });
  await until('the page says what is wrong', async () => /key/i.test((await studio.getByTestId('notice').textContent()) ?? ''), {
    state: () => studio.getByTestId('notice').textContent(),
  });
  assert.equal(await studio.getByTestId('go-live').isVisible(), true);
});

test('Through the site: a second broadcast takes the channel over, and the first page says so and does not fight back', { timeout: 120_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const channel = await server.channel('Relay');
  const first = await all.visit(t, `/broadcast#key=${channel.key}`);
  await beginBroadcast(first);
  const watcher = await all.visit(t, `/watch/${channel.id}`);
  await until('the player plays', async () => (await playerState(watcher)) === 'playing');
  const second = await all.visit(t, `/broadcast#key=${channel.key}`);
  await beginBroadcast(second);

  await until('the first page gives up', async () => (await first.evaluate(() => globalThis.sluice.publisher?.state.name)) === 'failed', {
    state: () => first.evaluate(() => globalThis.sluice.publisher?.state),
  });
  assert.match((await first.getByTestId('notice').textContent()) ?? '', /took|taken|another/i);
  const before = (await framesShown(watcher)).count;
  await until('the viewer goes on', async () => (await framesShown(watcher)).count > before + 10, { state: () => framesShown(watcher) });
  assert.equal(await second.evaluate(() => globalThis.sluice.publisher?.state.name), 'live');
});
