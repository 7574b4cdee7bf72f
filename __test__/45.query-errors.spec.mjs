// A query is never half-obeyed: whatever is not understood is refused, and its place is named.

import test from 'ava';

import { created, failed, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const from = { instance: 'orders' };
const good = { field: 'a', operator: 'eq', value: 1 };

const QUERIES = [
  [{}, /from/],
  [{ from: null }, /from: expected/],
  [{ from: 'orders' }, /from: expected/],
  [{ from: [] }, /from: expected/],
  [{ from: {} }, /from\.instance: expected/],
  [{ from: { instance: 5 } }, /from\.instance: expected/],
  [{ from: { instance: '' } }, /from\.instance: expected/],
  [{ from: { instance: 'orders', stream: 5 } }, /from\.stream: expected/],
  [{ from: { instance: 'orders', stream: '' } }, /from\.stream: expected/],
  [{ from: { instance: 'orders', streams: 'a' } }, /from\.streams/],
  [{ from, were: [] }, /were/],
  [{ from, where: {} }, /where: expected/],
  [{ from, where: 'a = 1' }, /where: expected/],
  [{ from, where: [good, 5] }, /where\[1\]: expected/],
  [{ from, where: [good, null] }, /where\[1\]: expected/],
  [{ from, where: [good, []] }, /where\[1\]: expected/],
  [{ from, where: [good, { operator: 'eq', value: 1 }] }, /where\[1\]\.field: expected/],
  [{ from, where: [good, { field: 5, operator: 'eq', value: 1 }] }, /where\[1\]\.field: expected/],
  [{ from, where: [good, { field: '', operator: 'eq', value: 1 }] }, /where\[1\]\.field: expected/],
  [{ from, where: [good, { field: 'a', value: 1 }] }, /where\[1\]\.operator: expected/],
  [
    { from, where: [good, { field: 'a', operator: '=', value: 1 }] },
    /where\[1\]\.operator: expected.*eq/,
  ],
  [
    { from, where: [good, { field: 'a', operator: 'EQ', value: 1 }] },
    /where\[1\]\.operator: expected/,
  ],
  [
    { from, where: [good, { field: 'a', operator: 5, value: 1 }] },
    /where\[1\]\.operator: expected/,
  ],
  [
    { from, where: [good, { field: 'a', operator: 'toString', value: 1 }] },
    /where\[1\]\.operator: expected/,
  ],
  [{ from, where: [good, { field: 'a', operator: 'eq' }] }, /where\[1\]\.value: expected/],
  [{ from, where: [good, { ...good, valeu: 1 }] }, /where\[1\]\.valeu/],
  [
    { from, where: [{ field: 'a', operator: 'in', value: 1 }] },
    /where\[0\]\.value: expected.*array/,
  ],
  [{ from, where: [{ field: 'a', operator: 'between', value: 1 }] }, /where\[0\]\.value: expected/],
  [
    { from, where: [{ field: 'a', operator: 'between', value: [1] }] },
    /where\[0\]\.value: expected/,
  ],
  [
    { from, where: [{ field: 'a', operator: 'between', value: [1, 2, 3] }] },
    /where\[0\]\.value: expected/,
  ],
  [
    { from, where: [{ field: 'timestamp', operator: 'gt', value: 'soon' }] },
    /where\[0\]\.value: expected/,
  ],
  [
    { from, where: [{ field: 'timestamp', operator: 'in', value: [0, 'soon'] }] },
    /where\[0\]\.value\[1\]: expected/,
  ],
  [
    { from, where: [{ field: 'timestamp', operator: 'eq', value: true }] },
    /where\[0\]\.value: expected/,
  ],
  [{ from, where: [{ field: 'n', operator: 'eq', value: NaN }] }, /value/],
  [{ from, where: [{ field: 'n', operator: 'in', value: [1, Infinity] }] }, /value/],
  [{ from, where: [{ field: 'timestamp', operator: 'eq', value: new Date(NaN) }] }, /value/],
  [{ from, select: 'id' }, /select: expected/],
  [{ from, select: ['id', 5] }, /select\[1\]: expected/],
  [{ from, select: ['id', ''] }, /select\[1\]: expected/],
  [{ from, orderBy: 'timestamp' }, /orderBy: expected/],
  [{ from, orderBy: [{ field: 'timestamp' }] }, /orderBy: expected/],
  [{ from, orderBy: {} }, /orderBy\.field: expected/],
  [{ from, orderBy: { field: 5 } }, /orderBy\.field: expected/],
  [{ from, orderBy: { field: 'a', direction: 'down' } }, /orderBy\.direction: expected.*asc/],
  [{ from, orderBy: { field: 'a', direction: 'DESC' } }, /orderBy\.direction: expected/],
  [{ from, orderBy: { field: 'a', order: 'desc' } }, /orderBy\.order/],
  [{ from, limit: -1 }, /limit: expected/],
  [{ from, limit: 1.5 }, /limit: expected/],
  [{ from, limit: '10' }, /limit: expected/],
  [{ from, limit: NaN }, /limit: expected/],
  [{ from, limit: Infinity }, /limit: expected/],
  [{ from, offset: -1 }, /offset: expected/],
  [{ from, offset: 0.5 }, /offset: expected/],
  [{ from, offset: '10' }, /offset: expected/],
  [{ from, offset: true }, /offset: expected/],
  [{ from, reduce: 'count' }, /reduce: expected/],
  [{ from, reduce: [] }, /reduce: expected/],
  [{ from, reduce: {} }, /reduce\.type: expected/],
  [{ from, reduce: { type: 'median', field: 'a' } }, /reduce\.type: expected.*count/],
  [{ from, reduce: { type: 'COUNT' } }, /reduce\.type: expected/],
  [{ from, reduce: { type: 'count', field: 5 } }, /reduce\.field: expected/],
  ...['sum', 'avg', 'min', 'max'].map((type) => [
    { from, reduce: { type } },
    /reduce\.field: expected/,
  ]),
  [{ from, reduce: { type: 'count', group: 'a' } }, /reduce\.group/],
  [{ from, reduce: { type: 'count', groupBy: 5 } }, /reduce\.groupBy: expected/],
  [{ from, reduce: { type: 'count', groupBy: '' } }, /reduce\.groupBy: expected/],
  [{ from, reduce: { type: 'count', groupBy: ['a', 5] } }, /reduce\.groupBy\[1\]: expected/],
  // What is passed over must be right all the same.
  [{ from, reduce: { type: 'count' }, orderBy: { field: 'a', dir: 'asc' } }, /orderBy\.dir/],
  [{ from, reduce: { type: 'count' }, limit: -1 }, /limit/],
  [{ from, reduce: { type: 'sum', field: 'a' }, offset: '1' }, /offset/],
  [{ from, reduce: { type: 'count' }, select: 'id' }, /select/],
];

for (const [query, pattern] of QUERIES) {
  const shown = JSON.stringify(query, (_, value) =>
    Number.isFinite(value) || typeof value !== 'number' ? value : `${value}`,
  );
  test(`refused: ${shown}`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    failed(t, await log.queryEvents(query), 'queryEvents', 'INVALID_ARGUMENT', pattern);
  });
}

test('more than 100 conditions are over the limit', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const response = await log.queryEvents({ from, where: new Array(101).fill(good) });
  failed(t, response, 'queryEvents', 'LIMIT_EXCEEDED', /where.*100/);
});

test('undefined parts of a query are left out', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const response = await log.queryEvents({
    from: { instance: 'orders', stream: undefined },
    where: undefined,
    select: undefined,
    orderBy: undefined,
    limit: undefined,
    offset: undefined,
    reduce: undefined,
  });
  t.deepEqual(succeeded(t, response, 'queryEvents').result, { events: [], total: 0 });
});

test('an empty where holds for every event', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  await log.appendEvent({ instanceId: 'orders', eventType: 'made' });
  const response = await log.queryEvents({ from, where: [] });
  t.is(succeeded(t, response, 'queryEvents').result.total, 1);
});
