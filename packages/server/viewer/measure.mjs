// How long a person waits for the viewer, in a browser on this machine:
//
//     npm run measure -w packages/server [-- --events 1000000 --rounds 10 --live 50]
//
// - until the first rows are seen, from the start of the navigation;
// - until a new event is seen, from when its append was answered, which is when it is on disk;
// - until a frame is drawn, while the list is scrolled from one end to the other.
//
// It makes a log of its own, and prints medians and the worst.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { EventLog } from 'codebolt-eventlog';
import { serve } from 'codebolt-eventlog-server';
import { chromium } from 'playwright-core';

import { browserPath } from '../../../scripts/browser.mjs';

const BATCH = 10_000;
const TYPES = ['OrderPlaced', 'ItemAdded', 'ItemRemoved', 'OrderPaid', 'PaymentFailed'];

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '10' },
    live: { type: 'string', default: '50' },
  },
});
const [events, rounds, live] = [values.events, values.rounds, values.live].map(Number);

const executablePath = browserPath();
if (executablePath === undefined) throw new Error('expected a browser: see scripts/browser.mjs');

const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-viewer-'));
const log = await EventLog.open(join(folder, 'log.redb'), { autoCreateInstances: true });
const server = await serve(log, { port: 0, token: false, stopTimeoutMs: 0 });
const isRoot = process.getuid?.() === 0;
const browser = await chromium.launch({
  executablePath,
  args: isRoot ? ['--no-sandbox'] : [],
});
try {
  await fill();
  console.log(`${events.toLocaleString('en')} events`);
  print('first rows', await firstRows());
  const page = await opened();
  print('a new event', await newEvents(page));
  print('a frame while scrolling', await frames(page));
} finally {
  await browser.close();
  await server.close();
  await log.close();
  rmSync(folder, { recursive: true, force: true });
}

function eventOf(n) {
  return {
    streamId: `order-${n % 10_000}`,
    eventType: TYPES[n % TYPES.length],
    payload: { n, total: (n * 37) % 1000, customer: { name: `customer ${n % 500}` } },
    metadata: { correlationId: `request-${n >> 2}` },
  };
}

async function fill() {
  for (let start = 0; start < events; start += BATCH) {
    const length = Math.min(BATCH, events - start);
    await log.strict.appendEvents({
      instanceId: 'shop',
      events: Array.from({ length }, (_, n) => eventOf(start + n)),
    });
  }
}

/** A page that shows the newest events. */
async function opened() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(server.url);
  await page.locator('.event-row[data-position]').first().waitFor();
  return page;
}

/** From the start of the navigation until rows are in the document, and drawn. */
async function firstRows() {
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.addInitScript(() => {
      globalThis.firstRows = new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (document.querySelector('.event-row[data-position]') === null) return;
          observer.disconnect();
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
        });
        observer.observe(document, { childList: true, subtree: true, attributes: true });
      });
    });
    await page.goto(server.url, { waitUntil: 'commit' });
    times.push(await page.evaluate(() => globalThis.firstRows));
    await context.close();
  }
  return times;
}

/** From when an append was answered until its row is in the document, and drawn. Both clocks are this machine's. */
async function newEvents(page) {
  await page.evaluate(() => {
    globalThis.seenAt = (position) =>
      new Promise((resolve) => {
        const look = () => {
          if (document.querySelector(`.event-row[data-position="${position}"]`) === null) return;
          observer.disconnect();
          requestAnimationFrame(() =>
            setTimeout(() => resolve(performance.timeOrigin + performance.now())),
          );
        };
        const observer = new MutationObserver(look);
        observer.observe(document, { childList: true, subtree: true, attributes: true });
        look();
      });
  });
  await page.locator('.live-live').waitFor();
  const times = [];
  for (let n = 0; n < live; n += 1) {
    const seen = page.evaluate((position) => globalThis.seenAt(position), events + n + 1);
    await log.strict.appendEvent({ instanceId: 'shop', ...eventOf(events + n) });
    const stored = performance.timeOrigin + performance.now();
    times.push((await seen) - stored);
  }
  return times;
}

/** How long each frame takes while the scroll bar is dragged from the end to the beginning, in 300 steps. */
function frames(page) {
  return page.evaluate(async () => {
    const list = document.querySelector('.list');
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const times = [];
    let last = await frame();
    for (let step = 300; step >= 0; step -= 1) {
      list.scrollTop = (list.scrollHeight * step) / 300;
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times;
  });
}

function print(what, times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const [median, most] = [at(0.5), at(1)].map((time) => `${time.toFixed(0)} ms`);
  console.log(`${what}: median ${median}, at most ${most}, of ${times.length}`);
}
