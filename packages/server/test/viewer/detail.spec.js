// An event whole in a browser: what is copied of it, long values, and conditions made of it.

import { browserTest, hasCount, hasText, hasTotal } from '../support/browser.js';
import { fillShop, holding, shopEvent } from '../support/shop.js';

/** What is waited for until the test opens it. */
function gate() {
  let open;
  const isOpen = new Promise((resolve) => (open = resolve));
  return { isOpen, open };
}

const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

browserTest('an event and its address are copied', async (t, look) => {
  const { page, log } = await look({
    fill: holding(20),
    hash: '#/shop/events?event=7',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const detail = page.getByRole('complementary', { name: 'Event' });
  await hasText(t, detail.getByRole('heading'), 'Event 7');
  await detail.getByRole('button', { name: 'Copy JSON' }).click();
  await detail.getByRole('button', { name: 'Copied' }).waitFor();
  const { data } = await log.queryEvents({ from: { instance: 'shop' }, offset: 6, limit: 1 });
  t.deepEqual(JSON.parse(await copied(page)), data.result.events[0]);
  await detail.getByRole('button', { name: 'Copy link' }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === location.href);
  await page.goto(await copied(page));
  await page.reload();
  await hasText(t, detail.getByRole('heading'), 'Event 7');
});

browserTest('long texts and lists are shown in part, and then whole', async (t, look) => {
  const text = `begin ${'.'.repeat(3_000)} end`;
  const list = Array.from({ length: 250 }, (_, n) => `item-${n}`);
  const { page } = await look({
    fill: async (log) => {
      await fillShop(log, 1);
      const event = { instanceId: 'shop', eventType: 'Long', payload: { text, list } };
      await log.strict.appendEvent(event);
    },
    hash: '#/shop/events?event=2',
  });
  const json = page.getByRole('group', { name: 'JSON' });
  await hasText(t, json, 'begin ...');
  await hasCount(t, json.getByText('. end"'), 0);
  await json.getByRole('button', { name: /^\d+ more characters$/ }).click();
  await json.getByText('. end"').waitFor();
  // A list that is long is folded at first.
  await hasCount(t, json.getByText('"item-0"', { exact: true }), 0);
  await json.getByRole('button', { name: /^list/ }).click();
  await json.getByText('"item-99"', { exact: true }).waitFor();
  await hasCount(t, json.getByText('"item-100"', { exact: true }), 0);
  await json.getByRole('button', { name: '150 more', exact: true }).click();
  await json.getByText('"item-249"', { exact: true }).waitFor();
});

browserTest(
  'a value is left out by its button, and conditions go into groups of groups',
  async (t, look) => {
    const { page } = await look({ fill: holding(200), hash: '#/shop/events?event=4' });
    const events = Array.from({ length: 200 }, (_, n) => shopEvent(n).payload);
    const expect = async (holds) => {
      await hasTotal(t, page, events.filter(holds).length);
    };
    await page.getByRole('button', { name: 'Not payload.customer.name "Dee"' }).click();
    const isNotDee = ({ customer }) => customer.name !== 'Dee';
    await expect(isNotDee);

    await page.getByRole('button', { name: '+ Group' }).first().click();
    const field = page.getByLabel('Field', { exact: true });
    const operator = page.getByLabel('Operator', { exact: true });
    const value = page.getByLabel('Value', { exact: true });
    const fillIn = async (place, name, sign, text) => {
      await field.nth(place).fill(name);
      await operator.nth(place).selectOption(sign);
      await value.nth(place).fill(text);
      await value.nth(place).press('Enter');
    };
    await fillIn(1, 'payload.total', '<', '20');
    await expect((each) => isNotDee(each) && each.total < 20);
    const inner = page.getByRole('group', { name: 'Conditions' }).nth(1);
    await inner.getByRole('button', { name: '+ Condition' }).click();
    await fillIn(2, 'payload.n', '≥', '150');
    const inGroup = ({ total, n }) => total < 20 || n >= 150;
    await expect((each) => isNotDee(each) && inGroup(each));
    await inner.getByLabel('How conditions go together').selectOption('none');
    await expect((each) => isNotDee(each) && !inGroup(each));
    await inner.getByRole('button', { name: 'Remove the group' }).click();
    await expect(isNotDee);
  },
);

browserTest('an event stays under its own name until the next one has come', async (t, look) => {
  const { page } = await look({
    fill: async (log) => {
      await fillShop(log, 20);
      for (const position of [3, 5]) {
        const { data } = await log.queryEvents({
          from: { instance: 'shop' },
          offset: position - 1,
          limit: 1,
        });
        await log.strict.appendEvent({
          instanceId: 'shop',
          streamId: `mail-${position}`,
          eventType: 'Sent',
          metadata: { causationId: data.result.events[0].id },
        });
      }
    },
    hash: '#/shop/events?event=21',
  });
  const detail = page.getByRole('complementary', { name: 'Event' });
  const cause = detail.getByText(/^Its cause: event \d+$/);
  await hasText(t, cause, 'event 3');
  // What is asked is answered when the test says so: the event at a position, and the cause with an id.
  const [event, itsCause] = [gate(), gate()];
  await page.route('**/eventlog/queryEvents', async (route) => {
    const [{ field, operator } = {}] = route.request().postDataJSON().query.where ?? [];
    if (operator === 'eq' && field === 'position') await event.isOpen;
    if (operator === 'eq' && field === 'id') await itsCause.isOpen;
    await route.continue();
  });
  await page.locator('.event-row[data-position="22"]').click();
  await page.locator('.detail[aria-busy="true"]').waitFor();
  const heading = detail.getByRole('heading');
  t.is(await heading.textContent(), 'Event 21');
  t.is(await detail.getByText(/^Same stream: /).textContent(), 'Same stream: mail-3');
  t.is(await cause.textContent(), 'Its cause: event 3');
  event.open();
  await hasText(t, heading, 'Event 22');
  t.is(await detail.getByText(/^Same stream: /).textContent(), 'Same stream: mail-5');
  t.is(await cause.count(), 0);
  itsCause.open();
  await hasText(t, cause, 'event 5');
});
