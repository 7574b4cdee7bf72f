// Conditions as a person builds them in a browser: each operator, without case, with another field, and refused ones.

import { findings } from '../support/axe.js';
import { browserTest, hasCount, hasText, hasTotal } from '../support/browser.js';
import { holding, shopEvent } from '../support/shop.js';

const COUNT = 600;
const all = Array.from({ length: COUNT }, (_, n) => shopEvent(n));
const fill = holding(COUNT);

/** What the first condition of the filter is made of. */
const partsOf = (page) => ({
  field: page.getByLabel('Field', { exact: true }).first(),
  operator: page.getByLabel('Operator', { exact: true }).first(),
  value: page.locator('.condition-value').first(),
});

/** Waits until the view has the events for which something holds, and there are some and not all. */
async function expect(t, page, holds) {
  const count = all.filter(holds).length;
  t.true(count > 0 && count < COUNT);
  await hasTotal(t, page, count);
}

browserTest('each operator is chosen by its name, and asked for', async (t, look) => {
  const { page } = await look({ fill });
  await hasTotal(t, page, 600);
  await page.getByRole('button', { name: '+ Condition' }).click();
  const { field, operator, value } = partsOf(page);
  const note = ({ payload }) => payload.note;
  const total = ({ payload }) => payload.total;
  const cases = [
    ['payload.note', 'contains', '9', (event) => note(event)?.includes('9')],
    ['payload.note', 'starts with', 'note 2', (event) => note(event)?.startsWith('note 2')],
    ['payload.note', 'ends with', '5', (event) => note(event)?.endsWith('5')],
    ['payload.note', 'matches', '^note 1\\d{2}$', (event) => /^note 1\d\d$/.test(note(event))],
    ['payload.total', '=', '37', (event) => total(event) === 37],
    ['payload.total', '≠', '37', (event) => total(event) !== 37],
    ['payload.total', '>', '80', (event) => total(event) > 80],
    ['payload.total', '≥', '80', (event) => total(event) >= 80],
    ['payload.total', '<', '30', (event) => total(event) < 30],
    ['payload.total', '≤', '30', (event) => total(event) <= 30],
    ['payload.total', 'is one of', '3, 5', (event) => [3, 5].includes(total(event))],
    ['payload.total', 'is none of', '3, 5', (event) => ![3, 5].includes(total(event))],
    ['payload.total', 'between', '3, 15', (event) => total(event) >= 3 && total(event) <= 15],
  ];
  // Each has another count than the one before, so that it is seen when its answer has come.
  const counts = cases.map(([, , , holds]) => all.filter(holds).length);
  t.true(counts.every((count, n) => count !== counts[n - 1]));
  for (const [name, sign, text, holds] of cases) {
    await field.fill(name);
    await operator.selectOption(sign);
    await value.fill(text);
    await value.press('Enter');
    await expect(t, page, holds);
  }
  await field.fill('payload.note');
  await field.press('Tab');
  await operator.selectOption('exists');
  await expect(t, page, (event) => note(event) !== undefined);
  await hasCount(t, page.locator('.condition-value'), 0);
  await operator.selectOption('does not exist');
  await expect(t, page, (event) => note(event) === undefined);
  await page.reload();
  await expect(t, page, (event) => note(event) === undefined);
  t.is(await operator.evaluate((element) => element.selectedOptions[0].text), 'does not exist');
});

browserTest('case is ignored, and fields are compared, as the buttons say', async (t, look) => {
  const { page, shot } = await look({ fill });
  await hasTotal(t, page, 600);
  await page.getByRole('button', { name: '+ Condition' }).click();
  const { field, operator, value } = partsOf(page);
  await field.fill('payload.customer.name');
  await value.fill('ANN');
  await value.press('Enter');
  await hasTotal(t, page, 0);
  const ignore = page.getByRole('button', { name: 'Ignore case' });
  await ignore.click();
  await expect(t, page, ({ payload }) => payload.customer.name === 'Ann');
  t.is(await ignore.getAttribute('aria-pressed'), 'true');

  const other = page.getByRole('button', { name: 'Compare with another field' });
  await other.click();
  // Without the name of the field it does not count.
  await hasTotal(t, page, 600);
  await field.fill('payload.total');
  await operator.selectOption('>');
  await page.getByLabel('Other field', { exact: true }).fill('payload.n');
  await page.getByLabel('Other field', { exact: true }).press('Enter');
  await expect(t, page, ({ payload }) => payload.total > payload.n);
  await hasCount(t, ignore, 0);
  await page.reload();
  await expect(t, page, ({ payload }) => payload.total > payload.n);
  t.is(await page.getByLabel('Other field', { exact: true }).inputValue(), 'payload.n');
  await shot('conditions');
  await other.click();
  await value.fill('90');
  await value.press('Enter');
  await expect(t, page, ({ payload }) => payload.total > 90);
});

browserTest(
  'what the log refuses is said at the condition, until it is mended',
  async (t, look) => {
    const expression = [
      'all',
      ['payload.total', 'gt', 50],
      ['any', ['payload.note', 'matches', '(']],
    ];
    const { page, shot } = await look({
      fill,
      hash: `#/shop/events?filter=${encodeURIComponent(JSON.stringify(expression))}`,
      expects: /400 \(Bad Request\)/,
    });
    const fault = page.getByRole('alert');
    await hasText(
      t,
      fault,
      'expected a regular expression, found one that is none: unclosed group',
    );
    await hasCount(t, fault, 1);
    const wrong = page.getByLabel('Value', { exact: true }).nth(1);
    t.is(await wrong.getAttribute('aria-invalid'), 'true');
    t.is(await wrong.getAttribute('aria-describedby'), await fault.getAttribute('id'));
    t.is(
      await page.getByLabel('Value', { exact: true }).first().getAttribute('aria-invalid'),
      null,
    );
    t.is(await page.locator('.refused').count(), 1);
    t.deepEqual(await findings(page), []);
    await shot('condition-refused');

    await wrong.fill('^note [12]');
    await wrong.press('Enter');
    await expect(
      t,
      page,
      ({ payload }) => payload.total > 50 && /^note [12]/.test(payload.note ?? ''),
    );
    await hasCount(t, fault, 0);

    // A field that the log does not know is marked as such.
    const field = page.getByLabel('Field', { exact: true }).first();
    await field.fill('eventtype');
    await field.press('Enter');
    await hasText(t, fault, 'event_type');
    t.is(await field.getAttribute('aria-invalid'), 'true');
    await field.fill('payload.total');
    await field.press('Enter');
    await hasCount(t, fault, 0);
  },
);
