// Which pictures a viewer sees, read from the stripes of `numberedPicture`.
import assert from 'node:assert/strict';

/** @typedef {import('playwright-core').Page} Page */

/** Notes the number of each picture that the site's player shows from now on. @param {Page} page */
export function beginReading(page) {
  return page.getByTestId('player-video').evaluate((video) => {
    const canvas = new OffscreenCanvas(160, 9);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    /** @type {number[]} */
    const numbers = [];
    globalThis.numbersSeen = numbers;
    /** @type {number | undefined} */
    let readAt;
    const read = () => {
      if (globalThis.numbersSeen !== numbers) {
        return;
      }
      // A page that is called late finds the next picture already there, and would read it once more when it is called for that one.
      const picture = new VideoFrame(video);
      if (picture.timestamp !== readAt) {
        readAt = picture.timestamp;
        context.drawImage(picture, 0, 0, 160, 9);
        const { data } = context.getImageData(0, 4, 160, 1);
        numbers.push(Array.from({ length: 16 }, (_, bit) => (data[(bit * 10 + 5) * 4 + 1] > 128 ? 2 ** bit : 0)).reduce((sum, each) => sum + each));
      }
      picture.close();
      video.requestVideoFrameCallback(read);
    };
    video.requestVideoFrameCallback(read);
  });
}

/** Fails unless the pictures came one after the other, and most of them. @param {number[]} numbers */
export function assertInOrder(numbers) {
  assert.ok(numbers.every((number, index) => index === 0 || number > numbers[index - 1]), `the pictures come in this order: ${numbers}`);
  assert.ok((numbers.at(-1) ?? 0) - numbers[0] < 2 * numbers.length, `more pictures are missing than come: ${numbers}`);
}

/** The numbers noted so far. @param {Page} page @returns {Promise<number[]>} */
export function numbersSeen(page) {
  return page.evaluate(() => globalThis.numbersSeen ?? []);
}
