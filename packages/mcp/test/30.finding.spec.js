// How an agent finds its way in a log that it does not know.

import test from 'ava';
import { connect, usual } from './support/clients.js';
import { openOrders, orders } from './support/logs.js';

test('streams are listed with their last events, in pages, by how they begin', async (t) => {
  const { path, log } = await openOrders(t, orders(10));
  await log.appendEvent({ instanceId: 'orders', streamId: 'refunds', eventType: 'Refunded' });
  const { call } = await connect(t, usual, path);
  const given = { instanceId: 'orders', limit: 3 };
  const first = (await call('eventlog_list_streams', given)).structuredContent;
  t.deepEqual(first.streams[1], {
    stream_id: 'order-1',
    events: 3,
    lastPosition: 10,
    lastTimestamp: first.streams[1].lastTimestamp,
  });
  t.is(first.total, 5);
  const { nextCursor: cursor } = first;
  const second = (await call('eventlog_list_streams', { ...given, cursor })).structuredContent;
  t.deepEqual(
    [...first.streams, ...second.streams].map(({ stream_id }) => stream_id),
    ['order-0', 'order-1', 'order-2', 'order-3', 'refunds'],
  );
  t.false('nextCursor' in second);
  const named = await call('eventlog_list_streams', { instanceId: 'orders', prefix: 'ref' });
  t.is(named.structuredContent.streams.length, 1);
  const none = await call('eventlog_list_streams', { instanceId: 'orders', prefix: 'refnuds' });
  t.deepEqual(none.structuredContent.remarks, [
    'No stream begins with "refnuds"; did you mean "refunds"?',
  ]);
});

test('fields are listed as a query names them, with types and examples', async (t) => {
  const odd = {
    eventType: 'Odd',
    payload: { 'a.b': true, items: [{ price: 5 }, { price: 9 }], none: null },
  };
  const { path, log } = await openOrders(t, [
    ...orders(4),
    odd,
    { ...odd, payload: { 'a.b': 'yes' } },
  ]);
  const { call } = await connect(t, usual, path);
  const result = await call('eventlog_list_fields', { instanceId: 'orders' });
  const { fields, eventTypes, sampledEvents, totalEvents } = result.structuredContent;
  t.deepEqual([sampledEvents, totalEvents], [6, 6]);
  t.deepEqual(
    eventTypes.toSorted((left, right) => (left.event_type < right.event_type ? -1 : 1)),
    [
      { event_type: 'Odd', count: 2 },
      { event_type: 'OrderCreated', count: 2 },
      { event_type: 'OrderPaid', count: 2 },
    ],
  );
  const of = (name) => fields.find(({ field }) => field === name);
  t.deepEqual(of('payload.number'), {
    field: 'payload.number',
    types: ['number'],
    events: 4,
    examples: [3, 2, 1],
  });
  t.deepEqual(of('/payload/a.b'), {
    field: '/payload/a.b',
    types: ['string', 'boolean'],
    events: 2,
    examples: ['yes', true],
  });
  t.deepEqual(of('payload.none').types, ['null']);
  t.deepEqual(of('payload.items').types, ['array']);
  t.deepEqual(of('payload.items.0.price').examples, [5]);
  t.deepEqual(of('metadata.correlationId').examples, ['purchase-1', 'purchase-0']);
  for (const { field, events } of fields) {
    const where = [{ field, operator: 'neq', value: null }];
    const { data } = await log.queryEvents({ from: { instance: 'orders' }, where });
    t.is(data.result.total, field === 'payload.none' ? 0 : events, field);
  }
});

test('fields are those of a bounded sample of the newest events', async (t) => {
  const { path } = await openOrders(t, [{ eventType: 'Old', payload: { old: 1 } }, ...orders(500)]);
  const { call } = await connect(t, usual, path);
  const names = async (given) => {
    const { structuredContent } = await call('eventlog_list_fields', {
      instanceId: 'orders',
      ...given,
    });
    return [structuredContent.sampledEvents, structuredContent.fields.map(({ field }) => field)];
  };
  const [events, fields] = await names({});
  t.is(events, 200);
  t.false(fields.includes('payload.old'));
  const [all, known] = await names({ sample: 1000 });
  t.is(all, 501);
  t.true(known.includes('payload.old'));
  const [ofStream] = await names({ streamId: 'order-1', sample: 30 });
  t.is(ofStream, 30);
});

test('the time range is that of the timestamps, whatever the order of the appends', async (t) => {
  const at = (timestamp, streamId) => ({ eventType: 'a', streamId, timestamp });
  const { path } = await openOrders(t, [
    at('2026-03-01T00:00:00.000Z', 'a'),
    at('2026-01-01T00:00:00.000Z', 'b'),
    at('2026-02-01T00:00:00.000Z', 'a'),
  ]);
  const { call } = await connect(t, usual, path);
  const whole = await call('eventlog_get_time_range', { instanceId: 'orders' });
  t.is(
    whole.content[0].text,
    'Found 3 event(s) from 2026-01-01T00:00:00.000Z to 2026-03-01T00:00:00.000Z',
  );
  const { structuredContent: part } = await call('eventlog_get_time_range', {
    instanceId: 'orders',
    streamId: 'a',
  });
  t.deepEqual(
    [part.events, part.first, part.last],
    [2, '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
  );
  const none = await call('eventlog_get_time_range', { instanceId: 'orders', streamId: 'c' });
  t.is(none.content[0].text, 'Found no events');
});

test('one event is found by its id, its position, or its place in a stream', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const get = async (which) =>
    (await call('eventlog_get_event', { instanceId: 'orders', ...which })).structuredContent.event;
  const event = await get({ position: 6 });
  t.is(event.payload.number, 5);
  t.deepEqual(await get({ eventId: event.id }), event);
  t.deepEqual(await get({ stream_id: 'order-1', sequence_number: 2 }), event);
});

test('what belongs together is found by its correlation, over all streams, in pages', async (t) => {
  const { path, log } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const given = { instanceId: 'orders', correlationId: 'purchase-1', limit: 4 };
  const numbers = [];
  for (let cursor; numbers.length === 0 || cursor !== undefined;) {
    const { structuredContent } = await call('eventlog_get_correlation', { ...given, cursor });
    numbers.push(...structuredContent.events.map(({ payload }) => payload.number));
    cursor = structuredContent.nextCursor;
  }
  t.deepEqual(numbers, [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);

  const { value: event } = await log.readAll({ instance: 'orders', afterPosition: 3 }).next();
  const ofEvent = await call('eventlog_get_correlation', {
    instanceId: 'orders',
    eventId: event.id,
  });
  t.is(ofEvent.structuredContent.correlationId, 'purchase-1');
  t.is(ofEvent.structuredContent.events.length, 10);

  const effect = {
    instanceId: 'orders',
    eventType: 'Shipped',
    metadata: { causationId: event.id },
  };
  await log.appendEvent(effect);
  const caused = await call('eventlog_get_correlation', {
    instanceId: 'orders',
    causationId: event.id,
  });
  t.deepEqual(
    caused.structuredContent.events.map(({ event_type }) => event_type),
    ['Shipped'],
  );
});
