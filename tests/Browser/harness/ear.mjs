// What a person at the site's player would see and hear, measured in the page.
import { readFileSync } from 'node:fs';

/** @typedef {import('playwright-core').Page} Page */

/** Goes into a page before its own scripts: reads the time that the test picture carries. */
export const clockReader = `${readFileSync(new URL('../page/clock-picture.js', import.meta.url), 'utf8').replace(/^import .*$/m, '').replaceAll('export ', '')}
  globalThis.clockReader = new ClockReader();`;

/** Milliseconds since the picture on the screen was drawn; undefined where none carries a time. @param {Page} page @returns {Promise<number | undefined>} */
export function pictureAge(page) {
  return page.getByTestId('player-video').evaluate((video) => (video.readyState >= 2 && video.videoWidth > 0 ? globalThis.clockReader.age(video) : undefined));
}

/** The loudest frequency of the sound the element plays, in Hz; undefined while it is silent. @param {Page} page @returns {Promise<number | undefined>} */
export function toneHeard(page) {
  return page.getByTestId('player-video').evaluate((video) => {
    if (globalThis.ear?.of !== video) {
      const context = new AudioContext();
      const analyser = new AnalyserNode(context, { fftSize: 16_384, smoothingTimeConstant: 0 });
      // An element gives its sound away once; a stream can be heard by many.
      const source = video.srcObject === null ? context.createMediaElementSource(video) : context.createMediaStreamSource(video.srcObject);
      source.connect(analyser).connect(context.destination);
      globalThis.ear = { of: video, context, analyser };
    }
    const { context, analyser } = globalThis.ear;
    void context.resume();
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const loudest = levels.reduce((best, level, bin) => (level > levels[best] ? bin : best), 0);
    return levels[loudest] > -60 ? (loudest * context.sampleRate) / analyser.fftSize : undefined;
  });
}
