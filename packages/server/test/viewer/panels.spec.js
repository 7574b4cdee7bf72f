// What stands beside the list of events in a browser: the histogram, streams, charts, consumers, views and exports.

import { readFile } from 'node:fs/promises';

import { browserTest, hasCount, hasText, hasTotal } from '../support/browser.js';
import { BEGIN, fillShop, holding, shopEvent } from '../support/shop.js';

const COUNT = 600;
const all = Array.from({ length: COUNT }, (_, n) => shopEvent(n));
const fill = holding(COUNT);

browserTest('a range of time is dragged over the histogram, and left again', async (t, look) => {
  const { page, shot } = await look({ fill });
  const chart = page.locator('.histogram .u-over');
  await chart.waitFor();
  const { x, y, width, height } = await chart.boundingBox();
  await page.mouse.move(x + width * 0.25, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.5, y + height / 2, { steps: 5 });
  await page.mouse.up();
  await page.getByText('Time: limited').waitFor();
  const { hash } = new URL(page.url());
  const query = new URLSearchParams(hash.split('?')[1]);
  const [from, until] = ['from', 'until'].map((name) => Number(query.get(name)));
  // Ten minutes are drawn, in bars of ten seconds.
  t.true(Math.abs(from - BEGIN - 150_000) < 10_000, String(from - BEGIN));
  t.true(Math.abs(until - BEGIN - 300_000) < 10_000, String(until - BEGIN));
  const within = all.filter(({ timestamp }) => timestamp >= from && timestamp < until).length;
  await hasTotal(t, page, within);
  await page
    .getByRole('img', { name: new RegExp(`^${within} events`) })
    .first()
    .waitFor();
  await shot('histogram-range');
  await page.getByRole('button', { name: 'All times' }).first().click();
  await hasTotal(t, page, 600);
});

browserTest('a type of the legend is asked for alone, and times are typed', async (t, look) => {
  const { page } = await look({ fill });
  await page.locator('.legend-entry', { hasText: 'OrderPaid' }).click();
  await hasTotal(t, page, 120);
  await page.getByText('Time: all').click();
  await page.getByLabel('From', { exact: true }).fill('2026-01-31T12:05:00.000');
  await hasTotal(t, page, 60);
  await page.getByLabel('Until', { exact: true }).fill('2026-01-31T12:05:10.000');
  await hasTotal(t, page, 2);
});

browserTest('streams are listed with their last events, and lead to them', async (t, look) => {
  const { page, shot } = await look({ fill });
  await page.getByRole('link', { name: 'Streams' }).click();
  const rows = page.locator('tbody tr');
  await hasCount(t, rows, 7);
  await hasText(t, rows, '2026-01-31 12:09:59.000');
  const last = rows.filter({ hasText: 'order-4' });
  await hasText(t, last, all.findLast(({ streamId }) => streamId === 'order-4').eventType);
  await shot('streams');
  await page.getByLabel('Streams that begin with').fill('order-3');
  await hasCount(t, rows, 1);
  await page.getByRole('link', { name: 'order-3' }).click();
  const expected = all.filter(({ streamId }) => streamId === 'order-3').length;
  await hasTotal(t, page, expected);
  await page.getByRole('button', { name: 'All streams' }).click();
  await hasTotal(t, page, 600);
});

browserTest('charts show counts, percentiles and frequent values of the view', async (t, look) => {
  const { page, shot } = await look({ fill });
  await page.locator('.event-row[data-position]').first().waitFor();
  await page.getByRole('link', { name: 'Charts' }).click();
  await page.getByRole('img', { name: /^600 events from 2026-01-31 12:00:00/ }).waitFor();
  await page.getByLabel('Number', { exact: true }).fill('payload.total');
  await page.getByLabel('Number', { exact: true }).press('Enter');
  await page.getByRole('img', { name: /^p50, p90, p99 of payload.total/ }).waitFor();
  await page.getByLabel('Field', { exact: true }).fill('payload.customer.name');
  await page.getByLabel('Field', { exact: true }).press('Enter');
  await hasCount(t, page.locator('.top-values tbody tr'), 4);
  await hasText(t, page.locator('.top-values tbody tr'), '25.0 %');
  await shot('charts');
  await page.getByRole('button', { name: '"Ann"' }).click();
  await hasTotal(t, page, 150);
  await page.keyboard.press('3');
  await hasCount(t, page.locator('.top-values tbody tr'), 1);
  await page.getByLabel('Number', { exact: true }).fill('payload.customer.name');
  await page.getByLabel('Number', { exact: true }).press('Enter');
  await hasText(t, page.locator('.card'), 'payload.customer.name is no number');
});

browserTest('consumers are shown with how far behind they are, as it changes', async (t, look) => {
  const { page, log, shot } = await look({
    fill: async (opened) => {
      await fill(opened);
      for (const [consumer, position] of [
        ['billing', COUNT],
        ['mailer', 150],
      ]) {
        const { success } = await opened.resetConsumer({ instance: 'shop', consumer, position: 0 });
        if (success) continue;
        for await (const event of opened.subscribe({
          instance: 'shop',
          consumer,
          afterPosition: position - 1,
        })) {
          await event.ack();
          break;
        }
      }
    },
  });
  await page.getByRole('link', { name: 'Consumers' }).click();
  const mailer = page.locator('tbody tr', { hasText: 'mailer' });
  await hasText(t, mailer.locator('.warns'), '450');
  await hasText(t, page.locator('tbody tr', { hasText: 'billing' }).locator('td'), /^0$/);
  await shot('consumers');
  await log.resetConsumer({ instance: 'shop', consumer: 'mailer', position: 500 });
  await hasText(t, mailer.locator('.warns'), '100');
});

browserTest('a view is kept under a name, and is an address', async (t, look) => {
  const { page } = await look({
    fill,
    hash: '#/shop/events?filter=%5B%22all%22%2C%5B%22payload.n%22%2C%22lt%22%2C5%5D%5D',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await hasTotal(t, page, 5);
  await page.getByText('Views', { exact: true }).click();
  await page.getByLabel('Name of this view').fill('The first five');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Copy link to this view' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  t.is(await page.evaluate(() => navigator.clipboard.readText()), page.url());
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear' }).click();
  await hasTotal(t, page, 600);
  await page.reload();
  await hasTotal(t, page, 600);
  await page.getByText('Views', { exact: true }).click();
  await page.getByRole('link', { name: 'The first five' }).click();
  await hasTotal(t, page, 5);
});

browserTest('the events of the view are saved as files, with each of them', async (t, look) => {
  const { page } = await look({
    fill: async (log) => {
      await fillShop(log, 2_000);
      const payload = { text: 'a "quoted", long\nline', formula: '=1+1' };
      await log.appendEvent({ instanceId: 'shop', eventType: '=SUM(A1)', payload });
    },
    hash: '#/shop/events?filter=%5B%22any%22%2C%5B%22payload.n%22%2C%22lt%22%2C1500%5D%2C%5B%22payload.formula%22%2C%22contains%22%2C%22%3D%22%5D%5D',
  });
  await hasTotal(t, page, 1_501);
  await page.getByText('Export', { exact: true }).click();
  const save = async (name) => {
    const waiting = page.waitForEvent('download');
    await page.getByRole('button', { name, exact: true }).click();
    const download = await waiting;
    return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')];
  };
  const [linesName, lines] = await save('JSON Lines');
  t.is(linesName, 'shop.jsonl');
  const events = lines.trimEnd().split('\n').map(JSON.parse);
  t.deepEqual(
    events.slice(0, 1_500).map(({ payload }) => payload),
    Array.from({ length: 1_500 }, (_, n) => shopEvent(n).payload),
  );
  t.is(events.length, 1_501);
  const [, json] = await save('JSON');
  t.deepEqual(JSON.parse(json), events);
  const [csvName, csv] = await save('CSV');
  t.is(csvName, 'shop.csv');
  const rows = csv.trimEnd().split('\r\n');
  t.is(rows.length, 1_502);
  t.regex(rows[1], /^1,2026-01-31T12:00:00\.000Z,order-0,1,OrderPlaced,/);
  t.regex(rows.at(-1), /,'=SUM\(A1\),/);
});
