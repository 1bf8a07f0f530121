// What every measurement glass to glass stands on: a server, the page with the studio, a Chromium without a graphics card, and the reading of what its ages say.
import { chromium } from '../../tests/Browser/node_modules/playwright-core/index.mjs';
import { PageServer } from '../../tests/Browser/harness/page-server.mjs';
import { Server } from '../../tests/Browser/harness/server.mjs';
import { Studio } from '../../tests/Browser/harness/studio.mjs';

/** How long to measure: the number among the arguments. */
export const seconds = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 20);

export class Stage {
  #ends;

  /** @param {Server} server @param {PageServer} pages @param {import('playwright-core').Browser} browser */
  constructor(server, pages, browser) {
    this.server = server;
    this.pages = pages;
    this.browser = browser;
    this.#ends = [() => pages.stop(), () => server.stop(), () => browser.close()];
  }

  static async open() {
    return new Stage(...(await Promise.all([
      Server.start(),
      PageServer.start(),
      chromium.launch({
        executablePath: process.env['SLUICE_CHROMIUM'] ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
      }),
    ])));
  }

  /** A page of its own, with a studio in it. */
  async studio() {
    const page = await (await this.browser.newContext()).newPage();
    await page.goto(this.pages.url);
    await page.waitForFunction(() => globalThis.studio !== undefined);
    return { page, studio: new Studio(page) };
  }

  /** @param {() => unknown} end what is to be done before the rest is closed */
  after(end) {
    this.#ends.push(end);
  }

  async close() {
    for (const end of this.#ends.reverse()) await end();
  }
}

/** Figures of ages in milliseconds; those below 0 could not be read. @param {number[]} ages */
export function figures(ages) {
  const known = ages.filter((age) => age >= 0).sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => Math.round(known[Math.min(known.length - 1, Math.floor(known.length * share))]);
  return { pictures: known.length, unreadable: ages.length - known.length, p5: at(0.05), p50: at(0.5), p95: at(0.95), max: at(1) };
}

/** Says whether a bar is met. @param {boolean} isMet @param {string} path @param {number} bar @param {number} median */
export function judge(isMet, path, bar, median) {
  console.log(`${isMet ? 'met   ' : 'MISSED'} ${path}, picture to picture, median: below ${bar} ms; measured ${median} ms`);
}
