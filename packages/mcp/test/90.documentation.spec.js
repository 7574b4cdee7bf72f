// docs/mcp.md names everything that there is, and says of it what is true.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { connect, run, usual } from './support/clients.js';
import { openOrders } from './support/logs.js';

const page = readFileSync(new URL('../../../docs/mcp.md', import.meta.url), 'utf8');

test('every tool is documented, with its inputs, and no other', async (t) => {
  const { path } = await openOrders(t);
  const { client } = await connect(t, usual, path, ['--write']);
  const { tools } = await client.listTools();
  const documented = [...page.matchAll(/^\*\*`(eventlog_\w+)`\*\* \(([^)]*)\)/gm)];
  t.deepEqual(
    documented.map(([, name]) => name).toSorted(),
    tools.map(({ name }) => name).toSorted(),
  );
  for (const [, name, inputs] of documented) {
    const { inputSchema } = tools.find((tool) => tool.name === name);
    const named = [...inputs.matchAll(/`(\w+)`/g)].map(([, input]) => input);
    t.deepEqual(named.toSorted(), Object.keys(inputSchema.properties).toSorted(), name);
  }
});

test('every option is documented, and no other', async (t) => {
  const { stdout } = await run(t, ['--help']);
  const offered = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
  const documented = [...page.matchAll(/^\| `(--[\w-]+)/gm)].map(([, option]) => option);
  t.deepEqual(documented.toSorted(), offered.toSorted());
});

test('the mistakes of the page get the texts of the page', async (t) => {
  const events = [
    ...Array.from({ length: 200 }, () => ({ eventType: 'OrderPaid', payload: { total: 1 } })),
    { eventType: 'OrderPaid', streamId: 'order-17', payload: { total: 1 } },
  ];
  const { path } = await openOrders(t, events);
  const { call } = await connect(t, usual, path);
  const from = { instance: 'orders' };
  const condition = (field, operator, value) => ({
    query: { from, where: [{ field, operator, value }] },
  });
  const calls = [
    ['eventlog_get_instance', { instanceId: 'order' }],
    ['eventlog_query_events', condition('payload.total', 'equals', 1)],
    ['eventlog_get_instance', { instanceID: 'orders' }],
    ['eventlog_query_events', { query: { from: { ...from, stream: 'order_17' } } }],
    ['eventlog_query_events', condition('event_type', 'eq', 'order_paid')],
    ['eventlog_query_events', condition('payload.totl', 'gt', 1)],
  ];
  for (const [name, given] of calls) {
    const result = await call(name, given);
    const text = result.isError ? result.content[0].text : result.structuredContent.remarks[0];
    t.true(page.includes(`\n${text}\n`), text);
  }
});
