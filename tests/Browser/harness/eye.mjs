// Which pictures a viewer sees, read from the stripes of `numberedPicture`.

/** @typedef {import('playwright-core').Page} Page */

/** Notes the number of each picture that the site's player shows from now on. @param {Page} page */
export function beginReading(page) {
  return page.getByTestId('player-video').evaluate((video) => {
    const canvas = new OffscreenCanvas(160, 9);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    /** @type {number[]} */
    const numbers = [];
    globalThis.numbersSeen = numbers;
    const read = () => {
      if (globalThis.numbersSeen !== numbers) {
        return;
      }
      context.drawImage(video, 0, 0, 160, 9);
      const { data } = context.getImageData(0, 4, 160, 1);
      numbers.push(Array.from({ length: 16 }, (_, bit) => (data[(bit * 10 + 5) * 4 + 1] > 128 ? 2 ** bit : 0)).reduce((sum, each) => sum + each));
      video.requestVideoFrameCallback(read);
    };
    video.requestVideoFrameCallback(read);
  });
}

/** The numbers noted so far. @param {Page} page @returns {Promise<number[]>} */
export function numbersSeen(page) {
  return page.evaluate(() => globalThis.numbersSeen ?? []);
}
