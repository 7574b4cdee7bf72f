// The list of events in a browser: rows, an event whole, links, filters, and events that come while it is looked at.

import { browserTest, hasCount, hasText, hasTotal } from '../support/browser.js';
import { fillShop, holding, shopEvent } from '../support/shop.js';

/** The row of the event at a position. */
const rowAt = (page, position) => page.locator(`.event-row[data-position="${position}"]`);

const append = async (log, event) => {
  const { success, error } = await log.appendEvent({
    instanceId: 'shop',
    autoCreateInstance: true,
    ...event,
  });
  if (!success) throw new Error(error);
};

browserTest('the newest events are seen first, and the oldest are a key away', async (t, look) => {
  const { page, shot } = await look({ fill: holding(3_000) });
  await rowAt(page, 3_000).waitFor();
  await hasTotal(t, page, 3_000);
  t.is(await page.locator('.event-row.waiting').count(), 0);
  await page.locator('.legend-entry', { hasText: 'OrderPlaced' }).waitFor();
  await shot('events');
  await page.keyboard.press('g');
  await rowAt(page, 1).waitFor();
  await page.keyboard.press('G');
  await rowAt(page, 3_000).waitFor();
});

browserTest('an instance is chosen, and a log without one says so', async (t, look) => {
  const { page, log } = await look();
  await hasText(t, page.locator('.empty'), 'This log has no instances yet.');
  await fillShop(log, 10);
  await append(log, { instanceId: 'other', eventType: 'Opened' });
  await page.reload();
  await rowAt(page, 1).waitFor();
  await page.getByLabel('Instance').selectOption('shop');
  await hasTotal(t, page, 10);
  await page.getByLabel('Instance').selectOption('other');
  await hasTotal(t, page, 1);
});

browserTest('an event is opened, folded, and asked for more like it', async (t, look) => {
  const { page, shot } = await look({ fill: holding(100) });
  await rowAt(page, 96).click();
  const detail = page.getByRole('complementary', { name: 'Event' });
  await hasText(t, detail.getByRole('heading'), 'Event 96');
  await hasText(t, detail.locator('.json'), '"Dee"');
  await shot('event');
  await detail.getByRole('button', { name: /^customer/ }).click();
  await detail.getByText('"Dee"').waitFor({ state: 'detached' });
  await detail.getByRole('button', { name: /^customer/ }).click();
  await detail.getByRole('button', { name: 'Only payload.customer.name "Dee"' }).click();
  await hasTotal(t, page, 25);
  await page.keyboard.press('Escape');
  await detail.waitFor({ state: 'detached' });
});

browserTest(
  'links lead to the stream, the correlation, the cause and the effects',
  async (t, look) => {
    const { page, log } = await look({ fill: holding(100) });
    const { data } = await log.queryEvents({ from: { instance: 'shop' }, offset: 50, limit: 1 });
    const [cause] = data.result.events;
    await append(log, {
      streamId: 'mail',
      eventType: 'Sent',
      metadata: { correlationId: 'request-12', causationId: cause.id },
    });
    await rowAt(page, 101).click();
    const links = page.getByRole('navigation', { name: 'From this event' });
    await links.getByText('Its cause: event 51').click();
    await hasText(t, page.getByRole('complementary').getByRole('heading'), 'Event 51');
    await links.getByText('Caused by this event').click();
    await hasTotal(t, page, 1);
    await rowAt(page, 101).click();
    await links.getByText('Same correlation: request-12').click();
    await hasTotal(t, page, 5);
    await links.getByText('Same stream: mail').click();
    await hasText(t, page.locator('.chip'), 'mail');
    await hasTotal(t, page, 1);
    await page.getByRole('button', { name: 'Show among all' }).click();
    await hasTotal(t, page, 101);
    // The way back leads through all that was seen.
    await page.goBack();
    await hasText(t, page.locator('.chip'), 'mail');
  },
);

browserTest(
  'new events come by themselves, wait while paused, and do not move what is read',
  async (t, look) => {
    const { page, log } = await look({ fill: holding(2_000) });
    await rowAt(page, 2_000).waitFor();
    await append(log, shopEvent(2_000));
    await rowAt(page, 2_001).waitFor();

    await page.getByRole('button', { name: 'Live: pause new events' }).click();
    await append(log, shopEvent(2_001));
    await hasText(t, page.locator('.live-waiting'), '+1');
    await hasCount(t, rowAt(page, 2_002), 0);
    await page.keyboard.press('p');
    await rowAt(page, 2_002).waitFor();

    await page.keyboard.press('g');
    await rowAt(page, 1).waitFor();
    await append(log, shopEvent(2_002));
    await hasTotal(t, page, 2_003);
    t.true(await rowAt(page, 1).isVisible());
    await page.getByRole('button', { name: 'Newest' }).click();
    await rowAt(page, 2_003).waitFor();
  },
);

browserTest(
  'conditions are built with AND, OR and NOT, from fields that events have',
  async (t, look) => {
    const { page, shot } = await look({ fill: holding(600) });
    await rowAt(page, 600).waitFor();
    const field = page.getByLabel('Field', { exact: true });
    const operator = page.getByLabel('Operator', { exact: true });
    const value = page.getByLabel('Value', { exact: true });
    await page.keyboard.press('/');
    const suggested = page.locator('.condition datalist').first().locator('option');
    await page
      .locator('.condition option[value="payload.customer.name"]')
      .waitFor({ state: 'attached' });
    t.true((await suggested.count()) > 8);
    await field.fill('payload.total');
    await field.press('Tab');
    await operator.selectOption('>');
    await value.fill('50');
    await value.press('Enter');
    const totals = Array.from({ length: 600 }, (_, n) => shopEvent(n));
    const expect = async (holds) => {
      const count = totals.filter(holds).length;
      await hasTotal(t, page, count);
    };
    await expect(({ payload }) => payload.total > 50);

    await page.getByRole('button', { name: '+ Condition' }).click();
    await field.nth(1).fill('payload.customer.name');
    await operator.nth(1).selectOption('contains');
    await value.nth(1).fill('e');
    await value.nth(1).press('Enter');
    const hasE = (payload) => payload.customer.name.includes('e');
    await expect(({ payload }) => payload.total > 50 && hasE(payload));
    const mode = page.getByLabel('How conditions go together');
    await mode.selectOption('any');
    await expect(({ payload }) => payload.total > 50 || hasE(payload));
    await mode.selectOption('none');
    await expect(({ payload }) => !(payload.total > 50 || hasE(payload)));
    await page.locator('.legend-entry').first().waitFor();
    await shot('filter');

    // The view is in the address: another page shows the same.
    await page.reload();
    await expect(({ payload }) => !(payload.total > 50 || hasE(payload)));
    t.is(await value.first().inputValue(), '50');
    await page.getByRole('button', { name: 'Remove the condition on payload.total' }).click();
    await expect(({ payload }) => !hasE(payload));
    await page.getByRole('button', { name: 'Clear' }).click();
    await hasTotal(t, page, 600);
  },
);

browserTest('a filter of the address that is none says so', async (t, look) => {
  const { page } = await look({
    fill: holding(10),
    hash: '#/shop/events?filter=%5B%22some%22%5D',
  });
  await hasText(t, page.getByRole('alert'), 'expected a group such as ["all"]');
});

browserTest(
  'a list that is higher than an element can be is scrolled to each of its ends and between them',
  async (t, look) => {
    const count = 250_000;
    const { page } = await look({
      fill: async (log) => {
        for (let start = 0; start < count; start += 50_000) {
          const events = Array.from({ length: 50_000 }, (_, n) => ({
            eventType: 'counted',
            payload: { n: start + n },
          }));
          await log.strict.appendEvents({ instanceId: 'counts', autoCreateInstance: true, events });
        }
      },
    });
    await rowAt(page, count).waitFor();
    const list = page.getByRole('grid');
    const middle = await list.evaluate((element) => {
      const range = element.scrollHeight - element.clientHeight;
      element.scrollTop = range / 2;
      return element.scrollHeight;
    });
    t.true(middle < count * 26);
    await rowAt(page, count / 2 + 1).waitFor();
    t.is((await page.locator('.event-row').count()) < 60, true);

    const firstRow = async () =>
      Number(await page.locator('.event-row').first().getAttribute('aria-rowindex'));
    const before = await firstRow();
    await list.hover();
    await page.mouse.wheel(0, 26 * 10);
    await page.locator(`.event-row[aria-rowindex="${before + 30}"]`).waitFor();
    await page.waitForFunction(
      (row) => document.querySelector('.event-row').getAttribute('aria-rowindex') === String(row),
      before + 10,
    );
    await list.evaluate((element) => (element.scrollTop = 0));
    await rowAt(page, 1).waitFor();
    await page.keyboard.press('G');
    await rowAt(page, count).waitFor();
  },
);
