// An agent makes mistakes. What it is told lets it mend its call.

import test from 'ava';
import { connect, usual } from './support/clients.js';
import { openOrders } from './support/logs.js';

const from = { instance: 'orders' };

/** Calls that are refused, and what they are told. */
const refused = [
  [
    'eventlog_get_instance',
    { instanceId: 'order' },
    /no instance has .*"order"; did you mean "orders"\? \(INSTANCE_NOT_FOUND\)/,
  ],
  ['eventlog_get_instance', { instanceId: 'zzz' }, /there is "orders" \(INSTANCE_NOT_FOUND\)/],
  ['eventlog_get_instance_stats', { instanceId: 'Orders' }, /did you mean "orders"\?/],
  ['eventlog_delete_instance', { instanceId: 'ordres' }, /did you mean "orders"\?/],
  ['eventlog_update_instance', { instanceId: 'ordres', name: 'x' }, /did you mean "orders"\?/],
  ['eventlog_append_event', { instanceId: 'ordres', eventType: 'a' }, /did you mean "orders"\?/],
  [
    'eventlog_append_events',
    { instanceId: 'ordres', events: [{ eventType: 'a' }] },
    /did you mean "orders"\?/,
  ],
  ['eventlog_list_streams', { instanceId: 'ordres' }, /did you mean "orders"\?/],
  ['eventlog_list_fields', { instanceId: 'ordres' }, /did you mean "orders"\?/],
  ['eventlog_get_time_range', { instanceId: 'ordres' }, /did you mean "orders"\?/],
  ['eventlog_get_event', { instanceId: 'ordres', position: 1 }, /did you mean "orders"\?/],
  [
    'eventlog_get_correlation',
    { instanceId: 'ordres', correlationId: 'x' },
    /did you mean "orders"\?/,
  ],
  ['eventlog_query_events', { query: { from: { instance: 'ordres' } } }, /did you mean "orders"\?/],
  ['eventlog_query_events', { instance_id: 'ordres' }, /did you mean "orders"\?/],

  [
    'eventlog_get_instance',
    {},
    /instanceId: expected a string, found nothing \(INVALID_ARGUMENT\)/,
  ],
  ['eventlog_get_instance', { instanceId: 7 }, /instanceId: expected a string, found a number/],
  [
    'eventlog_get_instance',
    { instanceID: 'orders' },
    /instanceID: unknown key, .*did you mean "instanceId"\?/,
  ],
  [
    'eventlog_list_instances',
    { limit: 0 },
    /limit: expected a whole number from 1 to 1000, found 0/,
  ],
  ['eventlog_list_streams', { instanceId: 'orders', prefx: 'a' }, /did you mean "prefix"\?/],
  ['eventlog_create_instance', { name: 'orders' }, /exists.* \(INSTANCE_EXISTS\)/],
  ['eventlog_append_event', { instanceId: 'orders' }, /eventType: expected .*found nothing/],
  [
    'eventlog_append_event',
    { instanceId: 'orders', type: 'a' },
    /type: unknown key, .*did you mean "eventType"\?/,
  ],
  [
    'eventlog_append_event',
    { instanceId: 'orders', eventType: 'a', payload: 'x' },
    /payload: expected an object, found a string/,
  ],
  [
    'eventlog_append_events',
    { instanceId: 'orders', events: {} },
    /events: expected an array, found an object/,
  ],
  [
    'eventlog_append_events',
    { instanceId: 'orders', events: [{ eventTyp: 'a' }] },
    /events\[0\].eventTyp: unknown key; did you mean eventType\?/,
  ],

  ['eventlog_query_events', {}, /query: expected an object, found nothing/],
  ['eventlog_query_events', { quary: { from } }, /quary: unknown key, .*did you mean "query"\?/],
  ['eventlog_query_events', { query: 'orders' }, /query: expected an object, found a string/],
  ['eventlog_query_events', { query: { from: 'orders' } }, /from: expected/],
  ['eventlog_query_events', { query: {} }, /from/],
  [
    'eventlog_query_events',
    { query: { from, were: [] } },
    /were: unknown key, .*did you mean where\?/,
  ],
  ['eventlog_query_events', { query: { from, where: {} } }, /where: expected an array/],
  [
    'eventlog_query_events',
    { query: { from, where: [{ field: 'a', operator: 'equals', value: 1 }] } },
    /where\[0\]\.operator: expected one of .*found "equals"; did you mean "eq"\?/,
  ],
  [
    'eventlog_query_events',
    { query: { from, where: [{ field: 'a', operator: '>=', value: 1 }] } },
    /did you mean "gte"\?/,
  ],
  [
    'eventlog_query_events',
    { query: { from, where: [{ field: 'a', operator: 'contain', value: 1 }] } },
    /did you mean "contains"\?/,
  ],
  [
    'eventlog_query_events',
    { query: { from, where: [{ field: 'a', op: 'eq', value: 1 }] } },
    /where\[0\]\.op: unknown key, .*did you mean operator\?/,
  ],
  [
    'eventlog_query_events',
    { query: { from, where: [{ field: 'eventtype', operator: 'eq', value: 1 }] } },
    /event_type/,
  ],
  [
    'eventlog_query_events',
    { query: { from, reduce: { type: 'average', field: 'a' } } },
    /reduce\.type: .*did you mean "avg"\?/,
  ],
  [
    'eventlog_query_events',
    { query: { from, reduce: { type: 'sum' } } },
    /reduce\.field: expected/,
  ],
  ['eventlog_query_events', { query: { from, reduce: 'count' } }, /reduce: expected/],
  ['eventlog_query_events', { query: { from, limit: -1 } }, /limit: expected a whole number/],
  ['eventlog_query_events', { query: { from, limit: '10' } }, /limit: expected a whole number/],
  ['eventlog_query_events', { query: { from, offset: 1.5 } }, /offset: expected a whole number/],
  [
    'eventlog_query_events',
    { instance_id: 'orders', conditions: [{ field: 'a', operator: 'like', value: 1 }] },
    /conditions\[0\]\.operator: .*did you mean "contains"\?/,
  ],
  [
    'eventlog_query_events',
    { instance_id: 'orders', order_by: { feld: 'a' } },
    /order_by\.feld: unknown key/,
  ],
  ['eventlog_query_events', { instance_id: 7 }, /instance_id: expected/],
  [
    'eventlog_query_events',
    { query: { from, instance_id: 'other' } },
    /instance_id: expected the value of its other spelling/,
  ],

  [
    'eventlog_get_event',
    { instanceId: 'orders' },
    /expected one of eventId, position, and streamId together with sequenceNumber/,
  ],
  ['eventlog_get_event', { instanceId: 'orders', streamId: 'order-1' }, /expected one of eventId/],
  [
    'eventlog_get_event',
    { instanceId: 'orders', position: 99 },
    /there is no event 99; .*20 event\(s\) \(EVENT_NOT_FOUND\)/,
  ],
  ['eventlog_get_event', { instanceId: 'orders', eventId: 'x' }, /no event has the id "x"/],
  [
    'eventlog_get_event',
    { instanceId: 'orders', streamId: 'order-9', sequenceNumber: 3 },
    /The stream "order-9" has no events; did you mean "order-/,
  ],
  [
    'eventlog_get_event',
    { instanceId: 'orders', streamId: 'order-1', sequenceNumber: 9 },
    /sequenceNumber: expected a number of at most 6/,
  ],
  [
    'eventlog_get_event',
    { instanceId: 'orders', position: 1, offset: 1e6 },
    /offset: expected less than/,
  ],
  [
    'eventlog_get_correlation',
    { instanceId: 'orders' },
    /expected one of correlationId, causationId and eventId, found 0/,
  ],

  [
    'eventlog_query',
    {},
    /there is no such tool; did you mean "eventlog_query_events"\? \(TOOL_NOT_FOUND\)/,
  ],
];

test('a call that is refused says what was expected, and what may have been meant', async (t) => {
  const { path, log } = await openOrders(t);
  const { call } = await connect(t, usual, path, ['--write']);
  for (const [name, given, expected] of refused) {
    const result = await call(name, given);
    const about = `${name} ${JSON.stringify(given)}`;
    t.true(result.isError, about);
    t.is(result.structuredContent, undefined, about);
    t.regex(result.content[0].text, /^Error: .* \([A-Z_]+\)$/, about);
    t.regex(result.content[0].text, expected, about);
  }
  t.is((await log.getInstanceStats('orders')).data.eventCount, 20);
  t.is((await log.listInstances()).data.instances.length, 1);
});

/** Right queries that find nothing because of a name, and the remark on it. */
const remarkable = [
  [
    { from: { instance: 'orders', stream: 'order1' } },
    /The stream "order1" has no events; did you mean "order-1"/,
  ],
  [
    { from, where: [{ field: 'stream_id', operator: 'eq', value: 'ORDER-2' }] },
    /did you mean "order-2"/,
  ],
  [
    { from, where: [{ field: 'event_type', operator: 'eq', value: 'order_paid' }] },
    /No event has the type "order_paid"; did you mean "OrderPaid"\?/,
  ],
  [
    { from, where: [{ field: 'event_type', operator: 'in', value: ['Orderpaid'] }] },
    /did you mean "OrderPaid"\?/,
  ],
  [
    { from, where: [{ field: 'payload.totl', operator: 'gt', value: 1 }] },
    /None of the newest 20 event\(s\) has the field "payload\.totl"; did you mean "payload\.total"\?/,
  ],
  [
    { from, where: [{ field: 'correlationId', operator: 'eq', value: 'purchase-1' }] },
    /did you mean "metadata\.correlationId"\?/,
  ],
  [
    { from, where: [{ field: 'payload.zzzzzz', operator: 'gt', value: 1 }] },
    /eventlog_list_fields has those/,
  ],
  [{ from, select: ['payload.nubmer'] }, /did you mean "payload\.number"\?/],
  [{ from, orderBy: { field: 'customer.nam' } }, /did you mean "payload\.customer\.name"/],
  [{ from, reduce: { type: 'sum', field: 'payload.totals' } }, /did you mean "payload\.total"\?/],
  [
    { from, reduce: { type: 'count', groupBy: ['customer.nme'] } },
    /did you mean "payload\.customer\.name"/,
  ],
];

test('a query that finds nothing because of a name says so', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  for (const [query, expected] of remarkable) {
    const result = await call('eventlog_query_events', { query });
    t.is(result.isError, undefined);
    t.regex(result.structuredContent.remarks.join('\n'), expected);
    t.regex(result.content[1].text, expected);
  }
});

test('a query whose names are right is not remarked on', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const right = [
    { from },
    {
      from: { instance: 'orders', stream: 'order-1' },
      where: [{ field: 'number', operator: 'gt', value: 99 }],
    },
    { from, where: [{ field: 'payload.customer.name', operator: 'eq', value: 'nobody' }] },
    { from, select: ['metadata.correlationId', 'streamId', 'position'] },
    { from, where: [{ field: 'event_type', operator: 'neq', value: 'OrderPaid' }] },
  ];
  for (const query of right) {
    const result = await call('eventlog_query_events', { query });
    t.false(
      'remarks' in result.structuredContent,
      JSON.stringify(result.structuredContent.remarks),
    );
  }
});

test('what the log remarks on is passed on', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path, ['--write']);
  const where = [{ field: 'timestamp', operator: 'gt', value: '2020-01-01T00:00:00' }];
  const queried = await call('eventlog_query_events', { query: { from, where } });
  t.regex(queried.structuredContent.remarks[0], /UTC/);
  const events = [{ eventType: 'a', colour: 'red' }];
  const appended = await call('eventlog_append_events', { instanceId: 'orders', events });
  t.regex(appended.structuredContent.remarks[0], /"?colour/);
});
