// What a person does and sees on the site's own pages.
import { until } from './until.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Goes live with the fake camera, small and slow to spare the machine. @param {Page} page @param {{ simulcast?: boolean, live?: boolean, height?: string }} [options] */
export async function beginBroadcast(page, { simulcast = false, live = true, height = '360' } = {}) {
  await page.getByTestId('resolution-select').selectOption(height);
  await page.getByTestId('fps-select').selectOption('15');
  if (await page.getByTestId('codec-select').locator('option[value=VP8]').count() > 0) {
    await page.getByTestId('codec-select').selectOption('VP8');
  }
  await page.getByTestId('simulcast').setChecked(simulcast);
  await page.getByTestId('open-source').click();
  await until('the preview shows the camera', () => page.getByTestId('preview').evaluate((video) => video.videoWidth > 0));
  await page.getByTestId('go-live').click();
  if (live) {
    await until('the page says that it is live', async () => (await page.getByTestId('state').textContent()) === 'Live', {
      state: async () => [await page.getByTestId('state').textContent(), await page.getByTestId('notice').textContent()],
    });
  }
}

/** The state of the watch page's player. @param {Page} page */
export function playerState(page) {
  return page.getByTestId('player').getAttribute('data-state');
}

/** What the watch page's video element has shown. @param {Page} page */
export function framesShown(page) {
  return page.getByTestId('player-video').evaluate((video) => ({
    count: video.getVideoPlaybackQuality().totalVideoFrames,
    width: video.videoWidth,
    height: video.videoHeight,
  }));
}

/** What the watch page's player has received of the sound by WebRTC. @param {Page} page @returns {Promise<{ energy: number, samples: number }>} */
export function soundReceived(page) {
  return page.evaluate(async () => {
    const report = await globalThis.sluice.player?.peer?.getStats();
    const sound = [...(report?.values() ?? [])].find((each) => each.type === 'inbound-rtp' && each.kind === 'audio');
    return { energy: sound?.totalAudioEnergy ?? 0, samples: (sound?.totalSamplesReceived ?? 0) - (sound?.concealedSamples ?? 0) };
  });
}

/** What the watch page's player plays by: `webrtc` or `hls`. @param {Page} page */
export function playerProtocol(page) {
  return page.evaluate(() => globalThis.sluice.player?.protocol);
}

/** Waits until the player plays by the protocol, and the picture moves. @param {Page} page @param {'webrtc' | 'hls'} protocol @param {number} [within] */
export async function plays(page, protocol, within = 40_000) {
  const state = async () => [await playerProtocol(page), await playerState(page), await framesShown(page), await page.getByTestId('state').textContent()];
  await until(`the player plays by ${protocol}`, async () => (await playerProtocol(page)) === protocol && (await playerState(page)) === 'playing', { within, state });
  const before = (await framesShown(page)).count;
  await until('pictures go on', async () => (await framesShown(page)).count > before + 10, { within, state });
}

/**
 * Lets signalling through and media not, as many firewalls do: what the server answers leads to a port behind which is nobody.
 * @param {Page} page
 */
export async function blockMedia(page) {
  await page.route('**/whep/*', async (route) => {
    if (route.request().method() !== 'POST') {
      return route.continue();
    }
    // A server that is stopping with its test answers no more.
    const response = await route.fetch().catch(() => undefined);
    if (response === undefined) {
      return route.abort().catch(() => undefined);
    }
    const body = (await response.text()).replaceAll(/^(a=candidate:\S+ \d+ \S+ \d+ \S+) \d+/gm, '$1 9');
    return route.fulfill({ response, body });
  });
}
