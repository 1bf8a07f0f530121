// Who may watch a private channel plays and takes home its recordings, and no address gives away by what.
import assert from 'node:assert/strict';
import { sideBySide } from '../harness/side-by-side.mjs';
import { framesShown, playerState } from '../harness/site.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

/** @param {import('playwright-core').Page} page */
async function plays(page) {
  await until('the recording plays', async () => (await playerState(page)) === 'playing' && (await framesShown(page)).count > 10, {
    within: 60_000, state: async () => [await playerState(page), await framesShown(page), await page.locator('main').textContent()],
  });
}

sideBySide('The operator plays and downloads the recording of a private channel from the console, a guest with the watch token too, and nobody else', { timeout: 240_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('Closed archive');
  await server.change(channel, { private: true, record: true });
  const watchToken = await server.watchToken(channel);
  const codec = (await stage.sendableCodecs()).includes('H264') ? 'H264' : 'VP9';
  const publication = await stage.publish(server.whip(channel), channel.key, { codec, pictures: [{ width: 320, height: 180 }] });
  await until('five seconds are recorded', async () => (await server.recordings(channel)).some((each) => each.duration >= 5), { within: 60_000, state: () => server.recordings(channel) });
  await publication.stop();
  const recording = await until('the recording is ready', async () => (await server.recordings(channel)).find((each) => each.state === 'ready'), { within: 120_000, state: () => server.recordings(channel) });

  for (const [who, path, secret] of [['operator', `/console#token=${server.operatorToken}`, server.operatorToken], ['guest', `/watch/${channel.id}?token=${watchToken}`, watchToken]]) {
    const page = await all.visit(t, path);
    /** @type {string[]} */
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    const row = page.locator(`[data-testid=recording][data-id="${recording.id}"]`);
    await row.waitFor({ state: 'visible', timeout: 40_000 });
    const [download] = await Promise.all([page.waitForEvent('download'), row.getByTestId('download').first().click()]);
    assert.equal(await download.failure(), null, who);
    assert.ok(!download.url().includes(secret), `${who}: ${download.url()}`);
    await row.getByRole('link', { name: /play/i }).click();
    await plays(page);
    const media = asked.filter((each) => each.includes('/recordings/') && !each.includes('/api/'));
    assert.ok(media.length > 2, `${who}: ${asked}`);
    assert.ok(!media.some((each) => each.includes(secret)), `${who}: ${media}`);
    if (who === 'operator') {
      assert.ok(!page.url().includes(secret));
    }
  }

  const stranger = await all.visit(t, `/watch/${channel.id}/${recording.id}`);
  await until('a stranger is told that it is private', async () => /private/i.test((await stranger.locator('main').textContent()) ?? ''), { state: () => stranger.locator('main').textContent() });

  // A leave ends with the tokens.
  const { play } = await server.open(recording.id);
  assert.equal((await fetch(play.hls)).status, 200);
  assert.match(await (await fetch(play.hls)).text(), /init\.mp4\?grant=/);
  assert.equal((await fetch(play.hls.replace(/grant=./, 'grant=_'))).status, 403);
});
