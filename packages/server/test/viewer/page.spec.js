// The page itself in a browser: keys, colours, small screens, screen readers, and what it never does.

import { findings } from '../support/axe.js';
import { browserTest, hasCount, hasText, hasTotal } from '../support/browser.js';
import { TOKEN } from '../support/server.js';
import { holding } from '../support/shop.js';

const rowAt = (page, position) => page.locator(`.event-row[data-position="${position}"]`);

const consumer = async (log) => {
  await holding(100)(log);
  for await (const event of log.subscribe({ instance: 'shop', consumer: 'mailer' })) {
    await event.ack();
    break;
  }
};

for (const colorScheme of ['light', 'dark']) {
  browserTest(`nothing keeps a screen reader from any panel: ${colorScheme}`, async (t, look) => {
    const { page, shot } = await look({
      fill: consumer,
      colorScheme,
      hash: '#/shop/events?event=96&filter=%5B%22any%22%2C%5B%22payload.n%22%2C%22gt%22%2C5%5D%2C%5B%22payload.note%22%2C%22eq%22%2C%22note%200%22%5D%5D',
    });
    await page.locator('.json-line').first().waitFor();
    await page.locator('.histogram .u-over').waitFor();
    t.is(await page.locator('html').getAttribute('data-theme'), colorScheme);
    await shot(`events-${colorScheme}`);
    t.deepEqual(await findings(page), []);
    await page.getByText('Views', { exact: true }).click();
    t.deepEqual(await findings(page), []);
    await page.getByText('Views', { exact: true }).click();
    await page.getByRole('link', { name: 'Streams' }).click();
    await page.locator('tbody tr').first().waitFor();
    t.deepEqual(await findings(page), []);
    await page.getByRole('link', { name: 'Consumers' }).click();
    await page.locator('tbody tr').first().waitFor();
    t.deepEqual(await findings(page), []);
    await page.goto(`${page.url().split('#')[0]}#/shop/charts?number=payload.n&top=event_type`);
    await page.locator('.top-values tbody tr').first().waitFor();
    await hasCount(t, page.locator('.u-over'), 2);
    await shot(`charts-${colorScheme}`);
    t.deepEqual(await findings(page), []);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    t.deepEqual(await findings(page), []);
  });
}

browserTest('the keyboard goes through events, panels and help', async (t, look) => {
  const { page, shot } = await look({ fill: holding(500) });
  await rowAt(page, 500).waitFor();
  await page.keyboard.press('k');
  await page.locator('.event-row.chosen[data-position="500"]').waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('ArrowUp');
  await page.locator('.event-row.chosen[data-position="498"]').waitFor();
  // More keys than renders: none is lost.
  await page.evaluate(() => {
    for (let step = 0; step < 10; step += 1)
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', bubbles: true }));
  });
  await page.locator('.event-row.chosen[data-position="488"]').waitFor();
  for (let step = 0; step < 10; step += 1) await page.keyboard.press('j');
  await page.locator('.event-row.chosen[data-position="498"]').waitFor();
  await page.keyboard.press('Enter');
  const title = page.getByRole('complementary').getByRole('heading');
  await hasText(t, title, 'Event 498');
  await page.keyboard.press('j');
  await hasText(t, title, 'Event 499');
  const list = page.getByRole('grid', { name: 'Events, oldest first' });
  await list.focus();
  const active = await list.getAttribute('aria-activedescendant');
  t.is(await page.locator(`#${active}`).getAttribute('data-position'), '499');
  t.is(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
  t.is(await list.getAttribute('aria-rowcount'), '500');
  await page.keyboard.press('Home');
  await page.locator('.event-row.chosen[data-position="1"]').waitFor();
  await page.keyboard.press('PageDown');
  await page.locator('.event-row.chosen:not([data-position="1"])').waitFor();
  await page.keyboard.press('Escape');
  await title.waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await shot('keyboard');
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  await page.getByRole('region', { name: 'Streams' }).waitFor();
  await page.keyboard.press('1');
  await rowAt(page, 500).waitFor();
});

browserTest('colours are chosen, and stay chosen', async (t, look) => {
  const { page } = await look({ fill: holding(5) });
  const html = page.locator('html[data-theme="dark"]');
  await page.getByRole('button', { name: 'Colours: system' }).click();
  await page.getByRole('button', { name: 'Colours: light' }).click();
  await html.waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Colours: dark' }).waitFor();
  await html.waitFor();
  t.pass();
});

browserTest('a phone shows rows on two lines, and an event over the list', async (t, look) => {
  const { page, shot } = await look({
    fill: consumer,
    viewport: { width: 390, height: 780 },
    hasTouch: true,
  });
  await rowAt(page, 100).waitFor();
  await page.locator('.histogram .u-over').waitFor();
  const isTooWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  t.false(await isTooWide());
  const time = await rowAt(page, 100).locator('.cell-time').boundingBox();
  const type = await rowAt(page, 100).locator('.cell-type').boundingBox();
  t.true(type.x >= 0 && time.x > type.x && time.x + time.width <= 390);
  await shot('phone-events');
  await page.getByRole('button', { name: '+ Condition' }).click();
  t.false(await isTooWide());
  await page.getByRole('button', { name: 'Clear' }).click();
  await rowAt(page, 98).tap();
  const detail = page.getByRole('complementary');
  await detail.locator('.json-line').first().waitFor();
  const { width } = await detail.boundingBox();
  t.is(width, 390);
  await shot('phone-event');
  await detail.getByRole('button', { name: 'Close the event' }).tap();
  for (const name of ['Streams', 'Charts', 'Consumers']) {
    await page.getByRole('link', { name }).tap();
    await page.getByRole('region', { name }).waitFor();
    t.false(await isTooWide(), name);
  }
  t.deepEqual(await findings(page), []);
});

const MARKUP = '<img src=x onerror="globalThis.hacked = true">';

browserTest(
  'what looks like markup in an event is shown as text, wherever it is',
  async (t, look) => {
    const { page, shot } = await look({
      fill: async (log) => {
        const { success, error } = await log.appendEvent({
          instanceId: MARKUP,
          autoCreateInstance: true,
          streamId: MARKUP,
          eventType: MARKUP,
          payload: {
            [MARKUP]: MARKUP,
            '<b>bold</b>': ['<script>globalThis.hacked = true</script>'],
          },
          metadata: { correlationId: MARKUP, causationId: `"><svg onload=alert(1)>` },
        });
        if (!success) throw new Error(error);
        for await (const event of log.subscribe({ instance: MARKUP, consumer: MARKUP })) {
          await event.ack();
          break;
        }
      },
    });
    await rowAt(page, 1).click();
    const detail = page.getByRole('complementary');
    await hasText(t, detail.locator('.json-value'), JSON.stringify(MARKUP));
    await hasText(t, detail.locator('.json-key'), MARKUP);
    await hasText(t, detail.locator('.links a'), `Same stream: ${MARKUP}`);
    await hasText(t, page.locator('.cell-type'), MARKUP);
    await page.locator('.legend-entry').first().waitFor();
    await shot('markup');
    await detail.getByRole('button', { name: `Only /payload/${MARKUP}` }).click();
    await hasTotal(t, page, 1);
    t.is(await page.getByLabel('Value', { exact: true }).inputValue(), MARKUP);
    for (const name of ['Streams', 'Charts', 'Consumers']) {
      await page.getByRole('link', { name }).click();
      await page.getByRole('region', { name }).waitFor();
    }
    await hasText(t, page.locator('tbody td'), MARKUP);
    t.is(await page.locator('img, svg, b, #app script').count(), 0);
    t.is(await page.evaluate(() => globalThis.hacked), undefined);
  },
);

browserTest('the page works under its policy, and asks nobody but its server', async (t, look) => {
  const asked = [];
  const { page, url } = await look({
    fill: holding(100),
    server: { token: TOKEN },
    expects: /TrustedHTML/,
    listen: (opened) => opened.on('request', (request) => asked.push(request.url())),
  });
  await rowAt(page, 100).waitFor();
  await page.locator('.legend-entry').first().waitFor();
  t.true(asked.length > 5);
  t.deepEqual(
    asked.filter((address) => !address.startsWith(url)),
    [],
  );
  // The link's token is in no address that the page has, and no script can read the cookie.
  t.false(page.url().includes(TOKEN));
  t.is(await page.evaluate(() => document.cookie), '');
  const response = await page.request.get(url);
  const policy = response.headers()['content-security-policy'];
  t.regex(policy, /default-src 'none'/);
  t.regex(policy, /require-trusted-types-for 'script'/);
  t.notRegex(policy, /unsafe|https?:|\*/);
  const refused = await page.evaluate(() => {
    try {
      document.body.innerHTML = '<p>markup</p>';
      return 'made';
    } catch (error) {
      return error.name;
    }
  });
  t.is(refused, 'TypeError');
});

browserTest('a page whose server is gone says so, and goes on when it is back', async (t, look) => {
  const { page, log, server, serveAgain } = await look({
    fill: holding(20),
    expects: /net::ERR_/,
  });
  await page.locator('.live-live').waitFor();
  await server.close();
  await page.locator('.live-connecting').waitFor();
  const { data } = await log.appendEvent({ instanceId: 'shop', eventType: 'Meanwhile' });
  t.is(data.event.event_type, 'Meanwhile');
  await serveAgain();
  await rowAt(page, 21).waitFor();
});
