// One server, one browser and one plain page server for all tests of a process, started when first wanted.
import { after } from 'node:test';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { PageServer } from './page-server.mjs';
import { Server } from './server.mjs';
import { Studio } from './studio.mjs';

const executablePath = process.env['SLUICE_CHROMIUM'] ?? '/usr/bin/chromium';

/** @type {Promise<World> | undefined} */
let made;

/** @returns {Promise<World>} */
export function world() {
  made ??= World.create();
  return made;
}

class World {
  /** @param {Server} server @param {import('playwright-core').Browser} browser @param {PageServer} pages */
  constructor(server, browser, pages) {
    this.server = server;
    this.browser = browser;
    this.pages = pages;
  }

  static async create() {
    if (!existsSync(executablePath)) {
      throw new Error(`Chromium is missing at ${executablePath}. Install it with: apt-get install chromium (or set SLUICE_CHROMIUM)`);
    }
    const begun = await Promise.allSettled([Server.start(), launch(), PageServer.start()]);
    const [server, browser, pages] = begun.map((each) => each.value);
    const failed = begun.find(({ status }) => status === 'rejected');
    if (failed !== undefined) {
      // What has begun would keep the process, and with it the whole run, from ending.
      await Promise.all([server?.stop(), browser?.close(), pages?.stop()]);
      throw failed.reason;
    }
    return new World(server, browser, pages);
  }

  /**
   * A plain page that can publish and watch. It is of another origin than the server, as embedded players are. Its context is its own, and is
   * closed with the test.
   * @param {import('node:test').TestContext} t
   * @param {import('playwright-core').BrowserContextOptions} [options]
   */
  async studio(t, options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 800, height: 600 }, permissions: ['camera', 'microphone'], ...options });
    t.after(() => context.close());
    const page = await context.newPage();
    const studio = new Studio(page);
    await page.goto(this.pages.url);
    await page.waitForFunction(() => globalThis.studio !== undefined);
    return studio;
  }

  /**
   * A page of the site itself, in its own context.
   * @param {import('node:test').TestContext} t
   * @param {string} where
   * @param {import('playwright-core').BrowserContextOptions} [options]
   * @param {string} [script] run before the page's own
   * @param {Server} [server] another one than that of all
   */
  async visit(t, where, options = {}, script = '', server = this.server) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['camera', 'microphone'], ...options });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.addInitScript(() => {
      document.addEventListener('loadeddata', () => (globalThis.firstPictureAt ??= performance.now()), true);
    });
    await page.addInitScript(script);
    await page.goto(server.url + where);
    return page;
  }

  async close() {
    await this.browser.close();
    await Promise.all([this.server.stop(), this.pages.stop()]);
  }
}

function launch() {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection',
      '--autoplay-policy=no-user-gesture-required', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run',
    ],
  });
}

after(async () => {
  const world = await made?.catch(() => undefined);
  await world?.close();
});
