import test from 'ava';

import { created, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

async function reduced(t, events, query) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  return queried(t, log, { from: { instance: 'orders' }, ...query });
}

const of = (...values) =>
  values.map((v, n) => ({ eventType: 'e', payload: v === undefined ? { n } : { n, v } }));

const NUMBERS = of(3, 1, 2, 0.5);
const MIXED = of('5', null, 10, undefined, true, [1], -4, { a: 1 });

const VALUES = [
  ['count of everything', NUMBERS, { type: 'count' }, 4],
  ['count of nothing', [], { type: 'count' }, 0],
  ['count of a field passes over null', MIXED, { type: 'count', field: 'v' }, 6],
  ['sum', NUMBERS, { type: 'sum', field: 'payload.v' }, 6.5],
  ['sum passes over what is no number', MIXED, { type: 'sum', field: 'v' }, 6],
  ['sum of nothing', [], { type: 'sum', field: 'v' }, 0],
  ['sum of no numbers', of('a', null), { type: 'sum', field: 'v' }, 0],
  ['avg', NUMBERS, { type: 'avg', field: 'v' }, 1.625],
  ['avg passes over what is no number', MIXED, { type: 'avg', field: 'v' }, 3],
  ['avg of nothing', [], { type: 'avg', field: 'v' }, null],
  ['avg of no numbers', of('a', null), { type: 'avg', field: 'v' }, null],
  ['min of numbers', NUMBERS, { type: 'min', field: 'v' }, 0.5],
  ['max of numbers', NUMBERS, { type: 'max', field: 'v' }, 3],
  ['min of texts', of('b', 'a', 'é', ''), { type: 'min', field: 'v' }, ''],
  ['max of texts', of('b', '\uffff', '🦀'), { type: 'max', field: 'v' }, '\uffff'],
  ['min of booleans', of(true, false), { type: 'min', field: 'v' }, false],
  ['max of booleans', of(true, false), { type: 'max', field: 'v' }, true],
  ['min of nothing', [], { type: 'min', field: 'v' }, null],
  ['max of nothing', [], { type: 'max', field: 'v' }, null],
  ['min of a missing field', NUMBERS, { type: 'min', field: 'nobody' }, null],
  ['max of a missing field', NUMBERS, { type: 'max', field: 'nobody' }, null],
  ['max of sequence numbers', NUMBERS, { type: 'max', field: 'sequence_number' }, 4],
  ['sum of sequence numbers', NUMBERS, { type: 'sum', field: 'sequenceNumber' }, 10],
  ['collect', NUMBERS, { type: 'collect', field: 'v' }, [3, 1, 2, 0.5]],
  [
    'collect passes over null and what is missing',
    of(1, null, undefined, 'a', [], {}),
    { type: 'collect', field: 'v' },
    [1, 'a', [], {}],
  ],
  ['collect of nothing', [], { type: 'collect', field: 'v' }, []],
];

for (const [name, events, reduce, expected] of VALUES) {
  test(`reduce: ${name}`, async (t) => {
    const result = await reduced(t, events, { reduce });
    t.deepEqual(Object.keys(result).sort(), ['aggregation', 'total']);
    t.deepEqual(result.aggregation, expected);
    t.is(result.total, events.length);
  });
}

test('min and max of timestamp are ISO strings', async (t) => {
  const events = [2000, 1000, 3000].map((timestamp) => ({ eventType: 'e', timestamp }));
  const min = await reduced(t, events, { reduce: { type: 'min', field: 'timestamp' } });
  t.is(min.aggregation, '1970-01-01T00:00:01.000Z');
  const max = await reduced(t, events, { reduce: { type: 'max', field: 'timestamp' } });
  t.is(max.aggregation, '1970-01-01T00:00:03.000Z');
});

test('reduce folds the matches of where and of one stream', async (t) => {
  const events = Array.from({ length: 20 }, (_, n) => ({
    streamId: `${n % 2}`,
    eventType: 'e',
    payload: { n },
  }));
  const result = await reduced(t, events, {
    from: { instance: 'orders', stream: '1' },
    where: [{ field: 'n', operator: 'gte', value: 10 }],
    reduce: { type: 'sum', field: 'n' },
  });
  t.deepEqual(result, { aggregation: 11 + 13 + 15 + 17 + 19, total: 5 });
});

test('collect orders and pages its values', async (t) => {
  const query = {
    reduce: { type: 'collect', field: 'v' },
    orderBy: { field: 'v', direction: 'desc' },
    limit: 2,
    offset: 1,
  };
  const result = await reduced(t, NUMBERS, query);
  t.deepEqual(result.aggregation, [2, 1]);
  t.is(result.total, 4);
  t.is(result.limit, 2);
  t.is(result.offset, 1);
});

const LOGINS = [
  ['logout', 'b', 5],
  ['login', 'a', 1],
  ['login', 'b', 2],
  ['logout', 'a', null],
  ['login', 'a', 4],
  ['error', null, 'text'],
].map(([eventType, user, ms]) => ({ eventType, payload: { user, ms } }));

const GROUPS = [
  [
    { type: 'count', groupBy: 'event_type' },
    [
      { event_type: 'error', count: 1 },
      { event_type: 'login', count: 3 },
      { event_type: 'logout', count: 2 },
    ],
  ],
  [
    { type: 'count', groupBy: ['eventType'] },
    [
      { eventType: 'error', count: 1 },
      { eventType: 'login', count: 3 },
      { eventType: 'logout', count: 2 },
    ],
  ],
  [
    { type: 'count', groupBy: 'payload.user' },
    [
      { 'payload.user': null, count: 1 },
      { 'payload.user': 'a', count: 3 },
      { 'payload.user': 'b', count: 2 },
    ],
  ],
  [
    { type: 'count', field: 'ms', groupBy: 'user' },
    [
      { user: null, count: 1 },
      { user: 'a', count: 2 },
      { user: 'b', count: 2 },
    ],
  ],
  [
    { type: 'sum', field: 'ms', groupBy: ['event_type', 'user'] },
    [
      { event_type: 'error', user: null, sum: 0 },
      { event_type: 'login', user: 'a', sum: 5 },
      { event_type: 'login', user: 'b', sum: 2 },
      { event_type: 'logout', user: 'a', sum: 0 },
      { event_type: 'logout', user: 'b', sum: 5 },
    ],
  ],
  [
    { type: 'avg', field: 'ms', groupBy: 'event_type' },
    [
      { event_type: 'error', avg: null },
      { event_type: 'login', avg: 7 / 3 },
      { event_type: 'logout', avg: 5 },
    ],
  ],
  [
    { type: 'max', field: 'ms', groupBy: 'user' },
    [
      { user: null, max: 'text' },
      { user: 'a', max: 4 },
      { user: 'b', max: 5 },
    ],
  ],
  [
    { type: 'min', field: 'ms', groupBy: 'event_type' },
    [
      { event_type: 'error', min: 'text' },
      { event_type: 'login', min: 1 },
      { event_type: 'logout', min: 5 },
    ],
  ],
  [
    { type: 'collect', field: 'user', groupBy: 'event_type' },
    [
      { event_type: 'error', collect: [] },
      { event_type: 'login', collect: ['a', 'b', 'a'] },
      { event_type: 'logout', collect: ['b', 'a'] },
    ],
  ],
];

for (const [reduce, rows] of GROUPS) {
  test(`rows of ${JSON.stringify(reduce)}`, async (t) => {
    const result = await reduced(t, LOGINS, { reduce });
    t.deepEqual(result, { aggregation: rows, total: 6 });
  });
}

test('groups are ordered across types, and a missing field is null', async (t) => {
  const events = of('b', 2, null, true, undefined, 'a', false, 1, 2);
  const { aggregation } = await reduced(t, events, { reduce: { type: 'count', groupBy: 'v' } });
  t.deepEqual(aggregation, [
    { v: null, count: 2 },
    { v: false, count: 1 },
    { v: true, count: 1 },
    { v: 1, count: 1 },
    { v: 2, count: 2 },
    { v: 'a', count: 1 },
    { v: 'b', count: 1 },
  ]);
});

test('a group by a __proto__ key is a row with an own key', async (t) => {
  const payload = JSON.parse('{"__proto__":"x"}');
  const { aggregation } = await reduced(t, [{ eventType: 'e', payload }], {
    reduce: { type: 'count', groupBy: '__proto__' },
  });
  t.is(JSON.stringify(aggregation), '[{"__proto__":"x","count":1}]');
});

const ROWS = [
  [{ orderBy: { field: 'count', direction: 'desc' } }, ['login', 'logout', 'error']],
  [{ orderBy: { field: 'count' } }, ['error', 'logout', 'login']],
  [{ orderBy: { field: 'event_type', direction: 'desc' } }, ['logout', 'login', 'error']],
  [{ limit: 2 }, ['error', 'login']],
  [{ offset: 1 }, ['login', 'logout']],
  [{ orderBy: { field: 'count', direction: 'desc' }, limit: 1, offset: 1 }, ['logout']],
  [{ limit: 0 }, []],
  [{ offset: 9 }, []],
];

for (const [page, types] of ROWS) {
  test(`rows ordered and paged by ${JSON.stringify(page)}`, async (t) => {
    const result = await reduced(t, LOGINS, {
      reduce: { type: 'count', groupBy: 'event_type' },
      ...page,
    });
    t.deepEqual(
      result.aggregation.map((row) => row.event_type),
      types,
    );
    t.is(result.limit, page.limit);
    t.is(result.offset, page.offset);
  });
}

test('many groups, over many events', async (t) => {
  const events = Array.from({ length: 5000 }, (_, n) => ({
    streamId: `s${n % 300}`,
    eventType: 'e',
    payload: { n },
  }));
  const { aggregation, total } = await reduced(t, events, {
    reduce: { type: 'sum', field: 'n', groupBy: 'stream_id' },
  });
  const sums = new Map();
  for (let n = 0; n < 5000; n += 1) sums.set(`s${n % 300}`, (sums.get(`s${n % 300}`) ?? 0) + n);
  const expected = [...sums.keys()]
    .sort()
    .map((stream_id) => ({ stream_id, sum: sums.get(stream_id) }));
  t.deepEqual(aggregation, expected);
  t.is(total, 5000);
});
