// A browser that plays or publishes through a WHIP or WHEP library. The page comes from 127.0.0.1, for a camera needs a secure context, so
// every request to the server is a cross-origin one.
import { createServer } from 'node:http';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { options, say, serve } from './control.mjs';

const Html = '<!doctype html><meta charset="utf-8"><video autoplay playsinline></video><script src="/page.js"></script>';

const launchers = {
    async chromium() {
        const browser = await chromium.launch({
            executablePath: '/usr/bin/chromium',
            args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
        });
        return { browser, page: await browser.newPage() };
    },
    async firefox() {
        const browser = await puppeteer.launch({
            browser: 'firefox', protocol: 'webDriverBiDi', executablePath: '/usr/bin/firefox-esr', headless: true,
            extraPrefsFirefox: {
                'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true, 'media.autoplay.default': 0,
                'media.autoplay.blocking_policy': 0,
            },
        });
        return { browser, page: await browser.newPage() };
    },
};

const script = (await build({ entryPoints: [new URL('page.mjs', import.meta.url).pathname], bundle: true, write: false, format: 'iife', define: { global: 'window' } }))
    .outputFiles[0].text;
const site = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : Html);
});
await new Promise(resolve => site.listen(0, '127.0.0.1', resolve));

const { browser, page } = await launchers[options.browser]();
page.on('console', message => process.stderr.write(`page: ${message.text()}\n`));
page.on('pageerror', error => process.stderr.write(`page: ${error}\n`));
await page.exposeFunction('told', say);
await page.goto(`http://127.0.0.1:${site.address().port}/`);
await page.evaluate(o => window.start(o), options);

serve(() => page.evaluate(() => window.figures()), async () => {
    const status = await page.evaluate(() => window.end());
    await browser.close();
    return status;
});
