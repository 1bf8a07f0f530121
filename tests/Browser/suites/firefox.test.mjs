// Another browser: Firefox plays LL-HLS by hls.js, and a recording, by the same site.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { Encoder, hasEncoder } from '../harness/encoder.mjs';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const executablePath = '/usr/bin/firefox-esr';
const needs = { skip: !existsSync(executablePath) ? 'firefox-esr is missing' : hasEncoder() ? false : 'ffmpeg with libx264 is missing' };

/** What the site's player shows and sounds. @param {import('puppeteer-core').Page} page */
function look(page) {
  return page.evaluate(() => {
    const video = document.querySelector('[data-testid=player-video]');
    return {
      state: document.querySelector('[data-testid=player]')?.dataset.state, protocol: globalThis.sluice?.player?.protocol, native: video?.src.startsWith('http'),
      pictures: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0, width: video?.videoWidth ?? 0, sounds: video?.mozHasAudio ?? false, at: video?.currentTime ?? 0,
    };
  });
}

/** @param {import('puppeteer-core').Page} page */
async function plays(page) {
  const begun = await until('Firefox plays', async () => {
    const seen = await look(page);
    return seen.state === 'playing' && seen.pictures > 5 && seen;
  }, { within: 60_000, state: () => look(page) });
  return until('pictures go on', async () => {
    const seen = await look(page);
    return seen.pictures > begun.pictures + 20 && seen.at > begun.at + 1 && seen;
  }, { within: 30_000, state: () => look(page) });
}

test('Firefox plays what ffmpeg streams by LL-HLS, and its recording', { timeout: 240_000, ...needs }, async (t) => {
  const { server } = await world();
  const channel = await server.channel('In Firefox');
  await server.change(channel, { record: true, subtitles: ['en'] });
  const encoder = Encoder.start(t, (await server.details(channel)).publish.rtmp, channel.key);
  const browser = await puppeteer.launch({
    browser: 'firefox', protocol: 'webDriverBiDi', executablePath, headless: true,
    extraPrefsFirefox: { 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0 },
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.evaluate(() => {
    localStorage.setItem('sluice.protocol', 'hls');
    localStorage.setItem('sluice.subtitles', 'en');
  });
  await page.goto(`${server.url}/watch/${channel.id}`);
  const live = await plays(page);
  assert.deepEqual([live.protocol, live.native, live.width, live.sounds], ['hls', false, 640, true]);
  const delay = await page.evaluate(() => globalThis.sluice.player.statistics?.latency?.milliseconds);
  t.diagnostic(`${Math.round(delay)} ms behind`);

  // Who chose a language once has it again.
  await server.caption(channel, { text: 'Read <this>', seconds: 20 });
  const shown = () => page.evaluate(() => [...document.querySelector('[data-testid=player-video]').textTracks]
    .map(({ kind, language, mode, activeCues }) => [kind, language, mode, ...[...activeCues ?? []].map((cue) => cue.getCueAsHTML?.().textContent)].join(' ')));
  await until('Firefox shows the subtitle', async () => (await shown()).includes('subtitles en showing Read <this>'), { within: 30_000, state: shown });

  await until('eight seconds are recorded', async () => (await server.recordings(channel)).some((each) => each.duration >= 8), { within: 60_000, state: () => server.recordings(channel) });
  await encoder.stop();
  const recording = await until('the recording is ready', async () => (await server.recordings(channel)).find((each) => each.state === 'ready'), { within: 120_000, state: () => server.recordings(channel) });
  await page.goto(`${server.url}/watch/${channel.id}/${recording.id}`);
  const kept = await plays(page);
  assert.deepEqual([kept.width, kept.sounds], [640, true]);
});
