// Queries in each of their forms, and their pages.

import test from 'ava';
import { connect, usual, ways } from './support/clients.js';
import { openOrders, orders } from './support/logs.js';

function sentence(result) {
  return result.content[0].text;
}

/** Follows the cursors of a query, and returns all pages. */
async function pages(t, call, name, given) {
  const found = [];
  for (let cursor; found.length === 0 || cursor !== undefined;) {
    const result = await call(name, { ...given, cursor });
    t.is(result.isError, undefined, sentence(result));
    found.push(result);
    cursor = result.structuredContent.nextCursor;
  }
  return found;
}

test('the flat form is translated, in query and in its place', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const flat = {
    instance_id: 'orders',
    stream_id: 'order-1',
    conditions: [{ field: 'number', operator: 'gt', value: 5 }],
    select: ['payload.number'],
    order_by: { field: 'payload.number', direction: 'desc' },
    limit: 2,
    offset: 1,
  };
  const events = [{ payload: { number: 13 } }, { payload: { number: 9 } }];
  for (const given of [flat, { query: flat }]) {
    const result = await call('eventlog_query_events', given);
    t.is(sentence(result), 'Query returned 2 event(s) out of 3 total');
    t.deepEqual(result.structuredContent.events, events);
  }
  const mixed = {
    from: { instance_id: 'orders' },
    reduce: { type: 'count', group_by: ['event_type'] },
  };
  t.deepEqual(
    (await call('eventlog_query_events', { query: mixed })).structuredContent.aggregation,
    [
      { event_type: 'OrderCreated', count: 7 },
      { event_type: 'OrderPaid', count: 13 },
    ],
  );
});

test('trees, aggregates and groups of the flat form are translated, and named as they were written', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const flat = {
    instance_id: 'orders',
    conditions: {
      any: [
        { field: 'event_type', operator: 'starts_with', value: 'ORDERC', ignore_case: true },
        { not: { field: 'payload.number', operator: 'not_in', value: [13] } },
        { field: 'payload.number', operator: 'lt', value_field: 'payload.number' },
      ],
    },
    reduce: {
      aggregates: {
        n: { type: 'count' },
        different_numbers: { type: 'count_distinct', field: 'payload.number' },
      },
      group_by: [{ field: 'timestamp', every: '1y', time_zone: 'Europe/Berlin' }, 'event_type'],
      having: [{ field: 'n', operator: 'gt', value: 1 }],
    },
  };
  const { structuredContent } = await call('eventlog_query_events', flat);
  t.is(structuredContent.aggregation.length, 1);
  const [{ timestamp, ...row }] = structuredContent.aggregation;
  t.deepEqual(row, { event_type: 'OrderCreated', n: 7, different_numbers: 7 });
  t.regex(timestamp, /^\d{4}-01-01T00:00:00\.000\+01:00$/);
  const named = async (conditions, words) => {
    const { content, isError } = await call('eventlog_query_events', { ...flat, conditions });
    t.true(isError);
    t.regex(content[0].text, words);
  };
  const wrong = { field: 'a', operator: 'starts_with', value_field: '' };
  await named([{ all: [wrong] }], /conditions\[0\]\.all\[0\]\.value_field: expected a field/);
  await named(
    { any: [{ ...wrong, operator: 'startswith' }] },
    /conditions\.any\[0\]\.operator: .*did you mean "startsWith"\?/,
  );
});

test('the other calls of the admin tools are answered too', async (t) => {
  const { path } = await openOrders(t, []);
  const { call } = await connect(t, usual, path, ['--write']);
  const event = {
    instance_id: 'orders',
    event_type: 'a',
    stream_id: 's',
    payload: {},
    metadata: {},
  };
  t.is((await call('eventlog_append_event', event)).structuredContent.event.stream_id, 's');
  t.is((await call('eventlog_get_instance', { instance_id: 'orders' })).isError, undefined);
  const stats = await call('eventlog_get_stats', { instance_id: 'orders' });
  t.is(sentence(stats), 'Instance "orders" has 1 event(s)');
});

test('nulls of the flat form count as not given', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const result = await call('eventlog_query_events', {
    instance_id: 'orders',
    stream_id: null,
    conditions: null,
    select: [],
    order_by: null,
    limit: null,
    offset: null,
  });
  t.is(sentence(result), 'Query returned 20 event(s) out of 20 total');
});

test('a reduction is one value, or a row for each group', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const from = { instance: 'orders' };
  const counted = await call('eventlog_query_events', {
    query: { from, reduce: { type: 'count' } },
  });
  t.is(sentence(counted), 'Query returned 0 event(s) out of 20 total, reduced to one value');
  t.is(counted.structuredContent.aggregation, 20);
  t.false('events' in counted.structuredContent);
  const reduce = { type: 'max', field: 'payload.number', groupBy: ['stream_id'] };
  const grouped = await call('eventlog_query_events', { query: { from, reduce, limit: 3 } });
  t.is(sentence(grouped), 'Query returned 0 event(s) out of 20 total, reduced to 3 group(s)');
  const next = await call('eventlog_query_events', {
    query: { from, reduce, limit: 3 },
    cursor: grouped.structuredContent.nextCursor,
  });
  t.deepEqual(next.structuredContent.aggregation, [{ stream_id: 'order-3', max: 19 }]);
  t.is(next.structuredContent.nextCursor, undefined);
});

for (const way of ways) {
  test(`${way.name}: cursors lead through thousands of events, each once, while more are appended`, async (t) => {
    const { path, log } = await openOrders(t, orders(3000));
    const { call } = await connect(t, way, path);
    const late = { instanceId: 'orders', eventType: 'Late', payload: { number: -1, total: 1000 } };
    for (const [orderBy, before] of [
      [undefined, 0],
      [{ field: 'payload.total', direction: 'desc' }, 3],
      [{ field: 'position', direction: 'desc' }, 6],
    ]) {
      const query = {
        from: { instance: 'orders' },
        orderBy,
        select: ['payload.number'],
        limit: 1000,
      };
      const numbers = [];
      for (let cursor; numbers.length === 0 || cursor !== undefined;) {
        const { structuredContent } = await call('eventlog_query_events', { query, cursor });
        numbers.push(...structuredContent.events.map(({ payload }) => payload.number));
        t.is(structuredContent.total, 3000 + before);
        cursor = structuredContent.nextCursor;
        if (numbers.length <= 3000) await log.appendEvent(late);
      }
      t.deepEqual(
        numbers.toSorted((left, right) => left - right),
        [...Array(before).fill(-1), ...Array(3000).keys()],
      );
    }
  });
}

test('a page has 50 events without a limit, and no more characters than it may', async (t) => {
  const { path } = await openOrders(t, orders(200));
  const { call } = await connect(t, usual, path, ['--max-characters', '2000']);
  const query = { from: { instance: 'orders' }, select: ['payload.number'] };
  const first = await call('eventlog_query_events', { query });
  t.is(first.structuredContent.events.length, 50);
  const found = await pages(t, call, 'eventlog_query_events', {
    query: { ...query, limit: 1000, select: [] },
  });
  const events = found.map(({ structuredContent }) => structuredContent.events);
  t.true(events.every((page) => page.length > 0 && JSON.stringify(page).length < 2100));
  t.deepEqual(
    events.flat().map(({ payload }) => payload.number),
    [...Array(200).keys()],
  );
  t.regex(found[0].content[1].text, /call again with the same arguments and "cursor": "/);
});

test('a long event is shortened in a page, and read in full in pieces', async (t) => {
  const payload = {
    text: '🎈x'.repeat(20_000),
    list: Array.from({ length: 3000 }, (_, n) => n),
    small: 1,
  };
  const { path, log } = await openOrders(t, [{ eventType: 'long', payload }]);
  const { call } = await connect(t, usual, path);
  const page = await call('eventlog_query_events', { query: { from: { instance: 'orders' } } });
  const [event] = page.structuredContent.events;
  t.true(JSON.stringify(event).length <= 15_000);
  t.is(event.payload.small, 1);
  t.regex(event.payload.text, /^🎈x🎈x.*… \[cut: \d+ more characters\]$/u);
  t.regex(page.content[1].text, /Shortened for length: 1/);

  let text = '';
  for (let offset; text === '' || offset !== undefined;) {
    const result = await call('eventlog_get_event', { instanceId: 'orders', position: 1, offset });
    const { piece } = result.structuredContent;
    t.is(piece.offset, text.length);
    t.true(piece.text.isWellFormed());
    text += piece.text;
    offset = piece.nextOffset;
  }
  const stored = await log.readAll({ instance: 'orders' }).next();
  t.deepEqual(JSON.parse(text), stored.value);
});

test('a value that cannot be shown is shortened, however it is built', async (t) => {
  const nested = JSON.parse(`${'[{"a":'.repeat(2000)}1${'}]'.repeat(2000)}`);
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`key-${n}`, n]));
  const named = { ['k'.repeat(100_000)]: 1 };
  const events = [{ nested }, { wide }, named].map((payload) => ({ eventType: 'a', payload }));
  const { path } = await openOrders(t, events);
  const { call } = await connect(t, usual, path, ['--max-characters', '3000']);
  const found = await pages(t, call, 'eventlog_query_events', {
    query: { from: { instance: 'orders' } },
  });
  const shown = found.flatMap(({ structuredContent }) => structuredContent.events);
  t.is(shown.length, 3);
  for (const event of shown) {
    t.true(JSON.stringify(event).length <= 1500);
    t.is(event.event_type, 'a');
    t.regex(JSON.stringify(event), /\[cut/);
  }
});

test('what collect gathers comes in pages', async (t) => {
  const { path } = await openOrders(t, orders(120));
  const { call } = await connect(t, usual, path);
  const reduce = { type: 'collect', field: 'payload.number' };
  const found = await pages(t, call, 'eventlog_query_events', {
    query: { from: { instance: 'orders' }, reduce },
  });
  t.is(found.length, 3);
  t.deepEqual(
    found.flatMap(({ structuredContent }) => structuredContent.aggregation),
    [...Array(120).keys()],
  );
});

test('values of every type pass the schema of the answer', async (t) => {
  const values = ['a', 1, true, null, { a: 1 }, [], [[1], 'b']];
  const events = values.map((value) => ({ eventType: 'a', payload: { value, of: { a: value } } }));
  const { path } = await openOrders(t, events);
  const { call } = await connect(t, usual, path);
  const from = { instance: 'orders' };
  const ask = async (query) =>
    (await call('eventlog_query_events', { query: { from, ...query } })).structuredContent;
  const collected = await ask({ reduce: { type: 'collect', field: 'value' } });
  t.deepEqual(
    collected.aggregation,
    values.filter((value) => value !== null),
  );
  t.is((await ask({ reduce: { type: 'max', field: 'none' } })).aggregation, null);
  t.deepEqual((await ask({ reduce: { type: 'min', field: 'timestamp' } })).aggregation.length, 24);
  t.is(
    (await ask({ reduce: { type: 'count', groupBy: ['value'] } })).aggregation.length,
    values.length,
  );
  for (const value of values) {
    const { events: found } = await ask({ where: [{ field: 'value', operator: 'eq', value }] });
    t.deepEqual(
      found.map(({ payload }) => payload.value),
      [value],
    );
  }
});

test('a cursor belongs to its list', async (t) => {
  const { path, log } = await openOrders(t, orders(200));
  const { call } = await connect(t, usual, path);
  const query = { from: { instance: 'orders' } };
  const { nextCursor: cursor } = (await call('eventlog_query_events', { query })).structuredContent;
  const reordered = { limit: 5, ...query };
  t.is((await call('eventlog_query_events', { query: reordered, cursor })).isError, undefined);

  const other = await call('eventlog_query_events', {
    query: { from: { instance: 'orders', stream: 'order-1' } },
    cursor,
  });
  t.regex(sentence(other), /^Error: cursor: expected the other arguments of the call/);
  for (const broken of ['', 'x', `${cursor}x`, Buffer.from('[1]').toString('base64url')]) {
    const result = await call('eventlog_query_events', { query, cursor: broken });
    t.regex(sentence(result), /^Error: cursor: expected .* \(INVALID_ARGUMENT\)$/);
  }

  await log.deleteInstance('orders');
  await log.createInstance('orders');
  const anew = await call('eventlog_query_events', { query, cursor });
  t.regex(sentence(anew), /^Error: cursor: .*deleted/);
});

test('a query without rows asked for has the total alone', async (t) => {
  const { path } = await openOrders(t);
  const { call } = await connect(t, usual, path);
  const result = await call('eventlog_query_events', {
    query: { from: { instance: 'orders' }, limit: 0 },
  });
  t.is(sentence(result), 'Query returned 0 event(s) out of 20 total');
  t.is(result.structuredContent.nextCursor, undefined);
});
