// A browser that looks at a served log. On a machine without one, its tests are skipped, and say so.

import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';
import { chromium } from 'playwright-core';

import { browserPath } from '../../../../scripts/browser.mjs';
import { openLog, serveLog } from './server.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Where pictures of what was seen are kept, to be looked at. */
const SCREENSHOTS = join(root, '.screenshots');

const executablePath = browserPath();
if (executablePath === undefined) {
  console.log(
    `no Chromium was found: ${basename(process.argv[2] ?? 'the viewer')} is not tested in a browser`,
  );
}

/** How long an element is waited for: long enough for a machine that does much else. */
const WAIT_MS = 60_000;

let browser;

test.before(async () => {
  if (executablePath === undefined) return;
  const viewer = join(root, 'packages', 'server', 'viewer', 'dist', 'index.html');
  if (!existsSync(viewer)) {
    throw new Error(`expected the viewer to be built, by npm run build -w packages/server`);
  }
  mkdirSync(SCREENSHOTS, { recursive: true });
  // Chromium refuses its sandbox to root, which is who runs tests in containers.
  const isRoot = process.getuid?.() === 0;
  browser = await chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
});

test.after.always(async () => browser?.close());

/**
 * Declares a test that needs a browser.
 *
 * @param {string} title - What it shows.
 * @param {(t: object, look: (options?: object) => Promise<object>) => Promise<void>} body - The test. `look(options)`
 *   opens the viewer: `{ log, server, page, url, shot, serveAgain }`. At the end of the test, anything that the page has
 *   complained of is a failure.
 */
export function browserTest(title, body) {
  const declare = executablePath === undefined ? test.skip : test.serial;
  declare(title, async (t) => {
    t.timeout(120_000);
    const complaints = [];
    const pages = [];
    try {
      await body(t, (options) => look(t, complaints, pages, options));
    } catch (error) {
      for (const page of pages) await page.screenshot({ path: join(SCREENSHOTS, 'failed.png') });
      t.log(complaints);
      throw error;
    }
    t.deepEqual(complaints, []);
  });
}

/**
 * Serves an empty log in memory and opens the viewer.
 *
 * `fill(log)` is called before, `hash` is the end of the address, `server` has options of the server, `listen(page)` is
 * called before anything is loaded, and the rest are options of the browser's context. What fails on purpose is no complaint
 * if `expects` fits it.
 */
async function look(t, complaints, pages, options = {}) {
  const { fill, hash = '', server: given, listen, expects, ...context } = options;
  const log = await openLog(t);
  await fill?.(log);
  const server = await serveLog(t, log, given);
  const opened = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    timezoneId: 'UTC',
    ...context,
  });
  t.teardown(() => opened.close());
  const page = await opened.newPage();
  pages.push(page);
  page.setDefaultTimeout(WAIT_MS);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isComplaint = ['error', 'warning'].includes(message.type());
    if (isComplaint && !expects?.test(message.text())) complaints.push(message.text());
  });
  listen?.(page);
  await page.goto(`${server.link}${hash}`);
  const shot = (name) => page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  const serveAgain = () => serveLog(t, log, { ...given, port: server.port });
  return { log, server, page, url: server.url, shot, serveAgain };
}

/** Waits until an element has such a text. */
export async function hasText(t, locator, text) {
  await locator.filter({ hasText: text }).first().waitFor();
  t.pass();
}

/** Waits until the view is said to have so many events: `101 events` is not `1 event`. */
export async function hasTotal(t, page, count) {
  const text = `${count.toLocaleString('en-US')} event${count === 1 ? '' : 's'}`;
  await hasText(t, page.locator('.total'), new RegExp(`^${text}$`));
}

/** Waits until there are as many elements. */
export async function hasCount(t, locator, count) {
  if (count > 0) await locator.nth(count - 1).waitFor();
  await locator.nth(count).waitFor({ state: 'detached' });
  t.is(await locator.count(), count);
}
