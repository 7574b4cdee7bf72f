import test from 'ava';

import { appended, created, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

async function openOrders(t, events) {
  const log = await openLog(t);
  const instance = await created(t, log, 'orders');
  const response = await log.appendEvents({ instanceId: 'orders', events });
  return { log, instance, events: succeeded(t, response, 'appendEvents').events };
}

/** The positions, from 0, of the events for which the condition holds. */
async function matching(t, { log, events }, field, operator, value) {
  const query = { from: { instance: 'orders' }, where: [{ field, operator, value }] };
  const found = (await queried(t, log, query)).events.map((event) => event.id);
  return found.map((id) => events.findIndex((event) => event.id === id));
}

const HEADERS = [
  { streamId: 'a', eventType: 'made', timestamp: 1000 },
  { streamId: 'b', eventType: 'made', timestamp: 3000 },
  { streamId: 'a', eventType: 'paid', timestamp: 2000 },
  { streamId: 'a', eventType: 'sent', timestamp: 2000 },
];

for (const field of ['stream_id', 'streamId']) {
  test(`${field} is the stream`, async (t) => {
    const orders = await openOrders(t, HEADERS);
    t.deepEqual(await matching(t, orders, field, 'eq', 'a'), [0, 2, 3]);
    t.deepEqual(await matching(t, orders, field, 'gt', 'a'), [1]);
    t.deepEqual(await matching(t, orders, field, 'in', ['b', 'c']), [1]);
  });
}

for (const field of ['event_type', 'eventType']) {
  test(`${field} is the type`, async (t) => {
    const orders = await openOrders(t, HEADERS);
    t.deepEqual(await matching(t, orders, field, 'eq', 'made'), [0, 1]);
    t.deepEqual(await matching(t, orders, field, 'neq', 'made'), [2, 3]);
    t.deepEqual(await matching(t, orders, field, 'contains', 'a'), [0, 1, 2]);
    t.deepEqual(await matching(t, orders, field, 'between', ['n', 'q']), [2]);
    t.deepEqual(await matching(t, orders, field, 'eq', null), []);
  });
}

for (const field of ['sequence_number', 'sequenceNumber']) {
  test(`${field} is the number within the stream`, async (t) => {
    const orders = await openOrders(t, HEADERS);
    t.deepEqual(await matching(t, orders, field, 'eq', 1), [0, 1]);
    t.deepEqual(await matching(t, orders, field, 'gte', 2), [2, 3]);
    t.deepEqual(await matching(t, orders, field, 'between', [1.5, 2.5]), [2]);
  });
}

test('instanceId is the id of the instance', async (t) => {
  const orders = await openOrders(t, HEADERS);
  t.deepEqual(await matching(t, orders, 'instanceId', 'eq', orders.instance.id), [0, 1, 2, 3]);
  t.deepEqual(await matching(t, orders, 'instanceId', 'eq', 'orders'), []);
});

test('id is the id of the event', async (t) => {
  const orders = await openOrders(t, HEADERS);
  for (const [index, event] of orders.events.entries()) {
    t.deepEqual(await matching(t, orders, 'id', 'eq', event.id), [index]);
  }
  const ids = orders.events.slice(1, 3).map((event) => event.id);
  t.deepEqual(await matching(t, orders, 'id', 'in', ids), [1, 2]);
});

const TWO_SECONDS = {
  'an ISO string': '1970-01-01T00:00:02.000Z',
  'an ISO string of another zone': '1970-01-01T01:00:02+01:00',
  'epoch milliseconds': 2000,
  'a Date': new Date(2000),
};

for (const [name, value] of Object.entries(TWO_SECONDS)) {
  test(`timestamp compares as time against ${name}`, async (t) => {
    const orders = await openOrders(t, HEADERS);
    t.deepEqual(await matching(t, orders, 'timestamp', 'eq', value), [2, 3]);
    t.deepEqual(await matching(t, orders, 'timestamp', 'neq', value), [0, 1]);
    t.deepEqual(await matching(t, orders, 'timestamp', 'lt', value), [0]);
    t.deepEqual(await matching(t, orders, 'timestamp', 'lte', value), [0, 2, 3]);
    t.deepEqual(await matching(t, orders, 'timestamp', 'gt', value), [1]);
    t.deepEqual(await matching(t, orders, 'timestamp', 'gte', value), [1, 2, 3]);
    t.deepEqual(await matching(t, orders, 'timestamp', 'in', [value, 3000]), [1, 2, 3]);
    t.deepEqual(await matching(t, orders, 'timestamp', 'between', [value, value]), [2, 3]);
    t.deepEqual(await matching(t, orders, 'timestamp', 'between', [0, value]), [0, 2, 3]);
  });
}

const PATHS = [
  { eventType: 'e', payload: { a: { b: 1 }, 'a.b': 2, c: 'bare' }, metadata: { a: 3, id: 'm' } },
  { eventType: 'e', payload: { items: [{ price: 5 }, { price: 6 }] } },
  { eventType: 'e', payload: [{ price: 7 }, 'text'] },
  { eventType: 'e', payload: { items: { 0: { price: 5 } }, '': { '': 8 } } },
  {
    eventType: 'e',
    payload: { id: 'mine', timestamp: 9, 'a/b': 10, 'm~n': 11, metadata: { x: 12 } },
  },
  { eventType: 'e', payload: JSON.parse('{"__proto__":{"x":13},"constructor":14}') },
];

const FOUND = [
  ['payload.a.b', 1, [0]],
  ['a.b', 1, [0]],
  ['/payload/a/b', 1, [0]],
  ['/payload/a.b', 2, [0]],
  ['payload.c', 'bare', [0]],
  ['c', 'bare', [0]],
  ['metadata.a', 3, [0]],
  ['/metadata/a', 3, [0]],
  ['metadata.id', 'm', [0]],
  ['payload.items.0.price', 5, [1, 3]],
  ['items.0.price', 5, [1, 3]],
  ['/payload/items/1/price', 6, [1]],
  ['payload.items.2.price', 6, []],
  ['payload.items.price', 5, []],
  ['payload.0.price', 7, [2]],
  ['payload.1', 'text', [2]],
  ['/payload//', 8, [3]],
  ['payload.id', 'mine', [4]],
  ['payload.timestamp', 9, [4]],
  ['/payload/a~1b', 10, [4]],
  ['/payload/m~0n', 11, [4]],
  ['payload.metadata.x', 12, [4]],
  ['payload.__proto__.x', 13, [5]],
  ['__proto__.x', 13, [5]],
  ['payload.constructor', 14, [5]],
  ['constructor', 14, [5]],
  ['payload.toString', null, [0, 1, 2, 3, 4, 5]],
  ['payload.items.length', null, [0, 1, 2, 3, 4, 5]],
  ['payload.c.length', null, [0, 1, 2, 3, 4, 5]],
];

for (const [field, value, expected] of FOUND) {
  test(`${field} finds ${JSON.stringify(value)} in ${JSON.stringify(expected)}`, async (t) => {
    const orders = await openOrders(t, PATHS);
    t.deepEqual(await matching(t, orders, field, 'eq', value), expected);
  });
}

test('a field that is not there reads as null', async (t) => {
  const orders = await openOrders(t, PATHS);
  const all = [0, 1, 2, 3, 4, 5];
  t.deepEqual(await matching(t, orders, 'payload.nothing', 'eq', null), all);
  t.deepEqual(await matching(t, orders, 'payload.nothing', 'neq', 'x'), all);
  t.deepEqual(await matching(t, orders, 'payload.nothing', 'neq', null), []);
  t.deepEqual(await matching(t, orders, 'payload.nothing', 'in', [null, 1]), all);
  t.deepEqual(await matching(t, orders, 'payload.nothing', 'lt', 5), []);
  t.deepEqual(await matching(t, orders, 'payload.nothing', 'contains', ''), []);
});

test('payload.timestamp is a value like any other', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const time = '2026-01-31T12:00:00.000Z';
  await appended(t, log, { instanceId: 'orders', eventType: 'e', payload: { timestamp: time } });
  const query = (value) => ({
    from: { instance: 'orders' },
    where: [{ field: 'payload.timestamp', operator: 'eq', value }],
  });
  t.is((await queried(t, log, query(time))).total, 1);
  t.is((await queried(t, log, query(Date.parse(time)))).total, 0);
});
