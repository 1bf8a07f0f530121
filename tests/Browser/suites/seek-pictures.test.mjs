// The small picture over the seek bar is the one of that moment: the test picture carries the time of its drawing.
import assert from 'node:assert/strict';
import { clockReader } from '../harness/ear.mjs';
import { hasJudge } from '../harness/recorded.mjs';
import { Server } from '../harness/server.mjs';
import { sideBySide } from '../harness/side-by-side.mjs';
import { framesShown, playerState } from '../harness/site.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

sideBySide('Over the seek bar of a recording the picture of that moment is shown', { timeout: 240_000 }, async (t) => {
  if (!hasJudge()) {
    t.skip('ffmpeg is not installed');
    return;
  }
  const all = await world();
  const server = await Server.start(['--Thumbnails:IntervalSeconds=2', '--Recording:Enabled=true']);
  t.after(() => server.stop());
  const stage = await all.studio(t);
  const channel = await server.channel('Moments');
  const codec = (await stage.sendableCodecs()).includes('H264') ? 'H264' : 'VP9';
  const publication = await stage.publish(server.whip(channel), channel.key, { codec, pictures: [{ width: 320, height: 180 }] });
  await until('18 seconds are recorded', async () => (await server.recordings(channel)).some((each) => each.duration >= 18), { within: 90_000, state: () => server.recordings(channel) });
  await publication.stop();
  const recording = await until('there are small pictures', async () => (await server.recordings(channel)).find((each) => each.play.thumbnails !== undefined), {
    within: 120_000, state: () => server.recordings(channel),
  });

  const page = await all.visit(t, `/watch/${channel.id}/${recording.id}`, {}, clockReader, server);
  await until('the recording plays', async () => (await playerState(page)) === 'playing' && (await framesShown(page)).count > 5, { within: 60_000, state: () => playerState(page) });
  const cues = await (await fetch(recording.play.thumbnails)).text();
  const starts = [...cues.matchAll(/^00:00:(\d+\.\d+) -->/gm)].map(([, seconds]) => Number(seconds));
  assert.ok(starts.length >= 4, cues);

  /** Moves the pointer to a share of the bar, and gives where that is and when the picture shown was drawn. @param {number} share */
  const hover = async (share) => {
    const box = await page.getByTestId('player-video').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const bar = await page.getByTestId('seek').boundingBox();
    await page.mouse.move(bar.x + bar.width * share - 3, bar.y + bar.height / 2);
    await page.mouse.move(bar.x + bar.width * share, bar.y + bar.height / 2);
    return until('the small picture can be read', () => page.evaluate(async () => {
      const shown = document.querySelector('.seek-picture');
      const address = /url\("(.*)"\)/.exec(getComputedStyle(shown).backgroundImage)?.[1];
      if (shown.hidden || address === undefined || shown.getBoundingClientRect().width === 0) {
        return undefined;
      }
      const image = new Image();
      image.src = address;
      await image.decode();
      const [x, y] = getComputedStyle(shown).backgroundPosition.split(' ').map((each) => -Number.parseFloat(each));
      const age = globalThis.clockReader.ageOf(image, { x, y, width: shown.clientWidth, height: shown.clientHeight });
      return age === undefined ? undefined : { drawnAt: performance.timeOrigin + performance.now() - age, words: document.querySelector('.seek-words').textContent };
    }), { state: () => page.evaluate(() => document.querySelector('.seek-preview')?.outerHTML) });
  };

  const length = await page.evaluate(() => globalThis.sluice.player.timeline.length);
  const first = await hover(0.01);
  for (const share of [0.3, 0.55, 0.9]) {
    const { drawnAt, words } = await hover(share);
    const at = share * length;
    const [minutes, seconds] = words.split(':').map(Number);
    assert.ok(Math.abs(minutes * 60 + seconds - at) <= 1.1, `${words} is written at ${at.toFixed(2)} s`);
    // A pointer stands on whole pixels, so beside the border of two pictures either may be shown.
    const expected = [at - 0.1, at + 0.1].map((moment) => starts.filter((start) => start <= moment).at(-1));
    const passed = (drawnAt - first.drawnAt) / 1000;
    t.diagnostic(`at ${at.toFixed(2)} s: a picture drawn ${passed.toFixed(1)} s after the first, its place is ${expected[0]} s`);
    assert.ok(expected.some((start) => Math.abs(passed - start) < 1), `at ${at.toFixed(2)} s the picture of ${passed.toFixed(1)} s is shown instead of that of ${expected[0]} s`);
  }
});
