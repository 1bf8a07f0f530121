import assert from 'node:assert/strict';
import { decode, hasJudge, probe } from '../harness/recorded.mjs';
import { sideBySide } from '../harness/side-by-side.mjs';
import { framesShown, playerState } from '../harness/site.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

sideBySide('The operator has a channel recorded; viewers play and download the recording; a clip is cut; both are deleted', { timeout: 240_000 }, async (t) => {
  const all = await world();
  const { server } = all;
  const stage = await all.studio(t);
  const channel = await server.channel('Archive');
  const office = await all.visit(t, `/console#token=${server.operatorToken}`);
  const row = office.locator(`[data-testid=channel-row][data-channel=${channel.id}]`);
  await row.getByTestId('record').check();
  await until('the channel is to be recorded', async () => (await server.details(channel)).record === true);

  const codec = (await stage.sendableCodecs()).includes('H264') ? 'H264' : 'VP9';
  const publication = await stage.publish(server.whip(channel), channel.key, { codec, pictures: [{ width: 320, height: 180 }] });
  await until('eight seconds are recorded', async () => (await server.recordings(channel)).some((each) => each.duration >= 8), { within: 60_000, state: () => server.recordings(channel) });
  await publication.stop();
  const recording = await until('the recording is ready', async () => (await server.recordings(channel)).find((each) => each.state === 'ready'), { within: 120_000, state: () => server.recordings(channel) });

  const watcher = await all.visit(t, `/watch/${channel.id}`);
  const entry = watcher.locator(`[data-testid=recording][data-id="${recording.id}"]`);
  await entry.waitFor({ state: 'visible', timeout: 40_000 });
  const [download] = await Promise.all([watcher.waitForEvent('download'), entry.getByTestId('download').first().click()]);
  assert.match(download.suggestedFilename(), new RegExp(`^${channel.id}-.*\\.mp4$`));
  await download.cancel();
  await entry.getByRole('link', { name: /play/i }).click();
  await until('the recording plays', async () => (await playerState(watcher)) === 'playing' && (await framesShown(watcher)).count > 10, {
    within: 40_000, state: async () => [await playerState(watcher), await framesShown(watcher), await watcher.getByTestId('state').textContent()],
  });
  await until('its length is told', async () => /\/ 0:\d\d/.test((await watcher.getByTestId('latency').textContent()) ?? ''), { state: () => watcher.getByTestId('latency').textContent() });

  const kept = office.locator(`[data-testid=recording][data-id="${recording.id}"]`);
  await kept.waitFor({ state: 'visible', timeout: 40_000 });
  await kept.getByTestId('clip').click();
  await kept.getByTestId('clip-start').fill('0:02');
  await kept.getByTestId('clip-end').fill('soon');
  await kept.getByTestId('cut').click();
  await until('a moment that is none is refused', () => kept.getByRole('alert').isVisible());
  await kept.getByTestId('clip-end').fill('0:05');
  await kept.getByTestId('cut').click();
  const clip = await until('the clip is ready', async () => (await server.recordings(channel)).find((each) => each.id !== recording.id && each.state === 'ready'), {
    within: 60_000, state: () => server.recordings(channel),
  });
  // A clip has what recordings have: HLS, which begins where decoding can, and a picture.
  const playlist = await (await fetch(clip.play.hls)).text();
  assert.match(playlist, /#EXT-X-PLAYLIST-TYPE:VOD[\s\S]*#EXT-X-ENDLIST/);
  if (hasJudge()) {
    const lead = Number(/#EXT-X-START:TIME-OFFSET=([\d.]+),PRECISE=YES/.exec(playlist)?.[1] ?? 0);
    const [whole, shown] = [await decode(clip.play.hls), await decode(clip.play.mp4)];
    assert.equal(whole.complaints + shown.complaints, '');
    assert.ok(Math.abs(Number((await probe(clip.play.mp4)).format.duration) - 3) < 0.3, JSON.stringify(await probe(clip.play.mp4)));
    assert.ok(Math.abs(whole.pictures - shown.pictures * (3 + lead) / 3) < 12, `${whole.pictures} pictures by HLS, ${shown.pictures} in the file, ${lead} s before it`);
    const { play } = await until('the clip has a picture', async () => (await server.recordings(channel)).find((each) => each.id === clip.id && each.play.poster !== undefined), { within: 40_000 });
    assert.equal((await fetch(play.poster)).headers.get('content-type'), 'image/jpeg');
  }
  await watcher.goto(`${server.url}/watch/${channel.id}/${clip.id}`);
  await until('the clip plays', async () => (await playerState(watcher)) === 'playing' && (await framesShown(watcher)).count > 5, {
    within: 40_000, state: async () => [await playerState(watcher), await framesShown(watcher), await watcher.getByTestId('state').textContent()],
  });

  office.on('dialog', (dialog) => void dialog.accept());
  for (const id of [clip.id, recording.id]) {
    const gone = office.locator(`[data-testid=recording][data-id="${id}"]`);
    await gone.getByTestId('delete-recording').click({ timeout: 40_000 });
    await until('it is gone', async () => !(await server.recordings(channel)).some((each) => each.id === id));
    await gone.waitFor({ state: 'detached' });
  }
});
