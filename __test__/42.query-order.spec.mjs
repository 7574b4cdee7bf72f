import test from 'ava';

import { created, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

async function openOrders(t, events) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  return log;
}

const from = { instance: 'orders' };

/** The `n` of each event of the answer, in its order. */
async function numbers(t, log, query) {
  const { events } = await queried(t, log, { from, ...query });
  return events.map((event) => event.payload.n);
}

const TIMES = [3000, 1000, 2000, 1000, 3000, 2000].map((timestamp, n) => ({
  eventType: `type ${n % 2}`,
  timestamp,
  payload: { n },
}));

test('without orderBy events come in append order', async (t) => {
  t.deepEqual(await numbers(t, await openOrders(t, TIMES), {}), [0, 1, 2, 3, 4, 5]);
});

test('orderBy sorts up unless it is told otherwise, and ties keep append order', async (t) => {
  const log = await openOrders(t, TIMES);
  const up = [1, 3, 2, 5, 0, 4];
  t.deepEqual(await numbers(t, log, { orderBy: { field: 'timestamp' } }), up);
  t.deepEqual(await numbers(t, log, { orderBy: { field: 'timestamp', direction: 'asc' } }), up);
  t.deepEqual(await numbers(t, log, { orderBy: { field: 'eventType' } }), [0, 2, 4, 1, 3, 5]);
});

test('downwards, ties are newest first', async (t) => {
  const log = await openOrders(t, TIMES);
  const down = { field: 'timestamp', direction: 'desc' };
  t.deepEqual(await numbers(t, log, { orderBy: down }), [4, 0, 5, 2, 3, 1]);
  t.deepEqual(
    await numbers(t, log, { orderBy: { field: 'n', direction: 'desc' } }),
    [5, 4, 3, 2, 1, 0],
  );
});

test('sequence_number sorts by number across streams', async (t) => {
  const log = await openOrders(
    t,
    Array.from({ length: 24 }, (_, n) => ({
      streamId: n % 2 ? 'a' : 'b',
      eventType: 'e',
      payload: { n },
    })),
  );
  const up = await numbers(t, log, { orderBy: { field: 'sequence_number' } });
  t.deepEqual(
    up,
    Array.from({ length: 24 }, (_, n) => n),
  );
  const down = await numbers(t, log, {
    orderBy: { field: 'sequenceNumber', direction: 'desc' },
    limit: 3,
  });
  t.deepEqual(down, [23, 22, 21]);
});

test('across types: null, boolean, number, string, array, object', async (t) => {
  const values = [{ a: 1 }, [1], 'b', 'a', 2, -1, true, false, null];
  const log = await openOrders(t, [
    ...values.map((v, n) => ({ eventType: 'e', payload: { n, v } })),
    { eventType: 'e', payload: { n: 9 } },
  ]);
  t.deepEqual(
    await numbers(t, log, { orderBy: { field: 'payload.v' } }),
    [8, 9, 7, 6, 5, 4, 3, 2, 1, 0],
  );
  const orderBy = { field: 'payload.v', direction: 'desc' };
  t.deepEqual(await numbers(t, log, { orderBy }), [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]);
});

test('strings sort by UTF-16 code unit', async (t) => {
  const texts = ['\uffff', '🦀', 'z', 'é', '', 'a', '\ud800', 'B', 'a\0'];
  const log = await openOrders(
    t,
    texts.map((v, n) => ({ eventType: 'e', payload: { n, v } })),
  );
  const expected = [...texts].sort().map((text) => texts.indexOf(text));
  t.deepEqual(await numbers(t, log, { orderBy: { field: 'v' } }), expected);
});

const MANY = Array.from({ length: 1500 }, (_, n) => ({
  eventType: 'e',
  payload: { n, k: (n * 7919) % 100 },
}));

for (const orderBy of [
  undefined,
  { field: 'k' },
  { field: 'k', direction: 'desc' },
  { field: 'timestamp', direction: 'desc' },
]) {
  test(`pages put together are the whole, ordered by ${JSON.stringify(orderBy) ?? 'nothing'}`, async (t) => {
    const log = await openOrders(t, MANY);
    const whole = await numbers(t, log, { orderBy });
    t.is(whole.length, 1500);
    for (const [offset, limit] of [
      [0, 1],
      [0, 10],
      [3, 7],
      [1490, 100],
      [1500, 5],
      [700, 0],
      [9999, 1],
    ]) {
      const result = await queried(t, log, { from, orderBy, limit, offset });
      t.deepEqual(Object.keys(result).sort(), ['events', 'limit', 'offset', 'total']);
      t.is(result.total, 1500);
      t.is(result.limit, limit);
      t.is(result.offset, offset);
      t.deepEqual(
        result.events.map((event) => event.payload.n),
        whole.slice(offset, offset + limit),
      );
    }
    t.deepEqual(await numbers(t, log, { orderBy, offset: 1498 }), whole.slice(1498));
    t.deepEqual(await numbers(t, log, { orderBy, limit: 2 }), whole.slice(0, 2));
  });
}

test('total counts the matches before limit and offset', async (t) => {
  const log = await openOrders(t, MANY);
  const where = [{ field: 'n', operator: 'lt', value: 100 }];
  const result = await queried(t, log, { from, where, limit: 3, offset: 50 });
  t.is(result.total, 100);
  t.deepEqual(
    result.events.map((event) => event.payload.n),
    [50, 51, 52],
  );
});

test('a result without paging has neither limit nor offset', async (t) => {
  const log = await openOrders(t, TIMES);
  t.deepEqual(Object.keys(await queried(t, log, { from })).sort(), ['events', 'total']);
});

test('events come whole, equal to what the append answered', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const response = await log.appendEvents({ instanceId: 'orders', events: TIMES });
  t.deepEqual((await queried(t, log, { from })).events, response.data.events);
});

test('a query sees every append that was answered before it', async (t) => {
  const log = await openOrders(t, []);
  for (let count = 1; count <= 100; count += 1) {
    await log.appendEvent({ instanceId: 'orders', eventType: 'e' });
    t.is((await queried(t, log, { from, limit: 0 })).total, count);
  }
});
