// The way that is chosen for a query, and what it leaves out. That every way gives the same answer is
// for other tests to show.

import test from 'ava';

import { appended, created, queried, succeeded } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const BLOCK = 4096;
const PART = BLOCK / 8;
/** Three blocks, a part of one, and what is too little for a part. */
const LEFT = 100;
const EVENTS = 3 * BLOCK + PART + LEFT;
const CHUNKS = 5;
/** Whole blocks are sealed, and have columns of whatever is in arrays too. */
const SEALED = 3;
const UNSEALED = PART + LEFT;

const START = Date.UTC(2026, 0, 1);
const at = (n) => START + n * 1000;

/** In the second block. */
const RARE = 5000;

const event = (n) => ({
  streamId: n === RARE ? 'rare' : `stream-${n % 100}`,
  eventType: n === RARE ? 'rare' : 'usual',
  timestamp: at(n),
  payload: { n, status: n % 50 === 0 ? 500 : 200, deep: { a: { b: { c: n } } }, list: [n] },
});

/** A log of which the file has all summaries that it can have. */
async function logOf(t) {
  const path = await temporaryPath(t);
  const first = await openAt(t, path);
  await created(t, first, 'log');
  const events = Array.from({ length: EVENTS }, (_, n) => event(n));
  succeeded(t, await first.appendEvents({ instanceId: 'log', events }), 'appendEvents');
  await first.close();
  return openAt(t, path);
}

async function explained(t, log, { from, ...query }) {
  const instance = { instance: 'log', ...from };
  const { plan, ...result } = await queried(t, log, { ...query, from: instance, explain: true });
  t.deepEqual(await queried(t, log, { ...query, from: instance }), result);
  t.is(plan.blocks.total, CHUNKS);
  t.true(plan.description.length > 0 && plan.milliseconds > 0 && plan.threads >= 1);
  return { plan, result };
}

const where = (field, operator, value) => ({ where: [{ field, operator, value }] });
const newestFirst = { orderBy: { field: 'timestamp', direction: 'desc' } };
const stream = { from: { stream: 'stream-7' } };

/** Queries with the path, the blocks that are read, and the events that are. */
const PLANS = {
  'the number of events': [{ reduce: { type: 'count' } }, 'none', 0, 0],
  'the number of events, as a total': [{ limit: 0 }, 'none', 0, 0],
  'the number of events of a stream': [{ ...stream, limit: 0 }, 'none', 0, 0],
  'a page in append order': [{ offset: 9000, limit: 3 }, 'positions', 0, 0],
  'the newest events': [{ ...newestFirst, limit: 3 }, 'positions', 0, 0],
  'a page far from the newest event': [
    { ...newestFirst, offset: 9000, limit: 3 },
    'positions',
    0,
    0,
  ],
  'the oldest events': [{ orderBy: { field: 'timestamp' }, limit: 3 }, 'positions', 0, 0],
  'the newest events of a stream': [{ ...stream, ...newestFirst, limit: 3 }, 'stream', 0, 3],
  'the last numbers of a stream': [
    { ...stream, orderBy: { field: 'sequence_number', direction: 'desc' }, offset: 2, limit: 3 },
    'stream',
    0,
    5,
  ],
  'a stream that a condition names': [where('streamId', 'eq', 'rare'), 'stream', 0, 1],
  'a rare type': [where('event_type', 'eq', 'rare'), 'blocks', 2, LEFT],
  'a type that is nowhere': [where('event_type', 'eq', 'none'), 'blocks', 1, LEFT],
  'a range of time': [where('timestamp', 'between', [at(10), at(20)]), 'blocks', 1, 0],
  'the number of each type': [
    { reduce: { type: 'count', groupBy: 'event_type' } },
    'blocks',
    1,
    LEFT,
  ],
  'a field of the payload': [where('payload.status', 'gte', 500), 'blocks', CHUNKS, LEFT],
  'a number that no event has': [where('payload.status', 'gt', 501), 'blocks', 1, LEFT],
  'numbers of some blocks': [where('payload.n', 'lt', 100), 'blocks', 2, LEFT],
  'a kind that no event has': [where('payload.status', 'eq', '500'), 'blocks', 1, LEFT],
  'a field that no event has': [where('payload.none', 'eq', 1), 'blocks', 1, LEFT],
  'sums and groups': [
    { reduce: { type: 'avg', field: 'n', groupBy: 'status' } },
    'blocks',
    CHUNKS,
    LEFT,
  ],
  'an order by a field': [
    { orderBy: { field: 'payload.n', direction: 'desc' }, limit: 3 },
    'blocks',
    CHUNKS,
    LEFT,
  ],
  'an element of an array': [where('payload.list.0', 'eq', 7), 'blocks', CHUNKS, UNSEALED],
  'a path of four keys': [where('payload.deep.a.b.c', 'eq', 7), 'blocks', CHUNKS, UNSEALED],
  'only those that other conditions leave': [
    {
      where: [
        { field: 'payload.list.0', operator: 'gte', value: 0 },
        { field: 'payload.status', operator: 'eq', value: 500 },
      ],
    },
    'blocks',
    CHUNKS,
    Math.floor(PART / 50) + LEFT,
  ],
};

test('each query takes the way that leaves most out', async (t) => {
  const log = await logOf(t);
  for (const [name, [query, path, blocksRead, eventsRead]] of Object.entries(PLANS)) {
    const { plan } = await explained(t, log, query);
    t.is(plan.path, path, name);
    t.is(plan.blocks.read, blocksRead, name);
    t.is(plan.blocks.skipped, path === 'blocks' ? CHUNKS - blocksRead : 0, name);
    t.is(plan.eventsRead, eventsRead, name);
  }
});

test('an id is looked for where ids are that could be it', async (t) => {
  const log = await logOf(t);
  const { events } = await queried(t, log, { from: { instance: 'log' }, offset: RARE, limit: 1 });
  const { plan, result } = await explained(t, log, where('id', 'eq', events[0].id));
  t.deepEqual(result.events, events);
  t.is(plan.path, 'blocks');
  t.true(plan.blocks.read <= 3 && plan.eventsRead <= BLOCK + PART + LEFT);
});

test('an event that is late costs the shortcut, not the answer', async (t) => {
  const log = await logOf(t);
  await appended(t, log, { instanceId: 'log', eventType: 'late', timestamp: at(-1) });
  const { plan, result } = await explained(t, log, { ...newestFirst, limit: 2 });
  t.is(plan.path, 'blocks');
  t.is(plan.blocks.read, 1);
  t.is(plan.blocks.skipped, CHUNKS - 1);
  t.deepEqual(
    result.events.map(({ payload }) => payload.n),
    [EVENTS - 1, EVENTS - 2],
  );
  await appended(t, log, { instanceId: 'log', eventType: 'new', timestamp: at(EVENTS) });
  const newest = await explained(t, log, { ...newestFirst, limit: 1 });
  t.is(newest.plan.path, 'positions');
  t.is(newest.result.events[0].event_type, 'new');
});

test('blocks whose summaries the file does not have yet are told apart', async (t) => {
  const log = await logOf(t);
  const { plan } = await explained(t, log, where('payload.status', 'gte', 500));
  t.is(plan.blocks.unsealed, 2);
});

test('a result says how it was found only where that is asked for', async (t) => {
  const log = await logOf(t);
  const without = await queried(t, log, { from: { instance: 'log' }, limit: 1, explain: false });
  t.deepEqual(Object.keys(without), ['events', 'total', 'limit']);
  const sum = { type: 'sum', field: 'payload.n' };
  const { plan } = await queried(t, log, { from: { instance: 'log' }, reduce: sum, explain: true });
  t.is(plan.path, 'blocks');
});

/** What the plan of a reduction says of it. */
async function reduced(t, log, reduce, rest) {
  const query = { from: { instance: 'log' }, reduce, explain: true, ...rest };
  return (await queried(t, log, query)).plan.reduce;
}

/** In how many blocks something was known in what way. */
const inBlocks = (summary, columns, events) => ({ summary, columns, events });

test('a plan says where the values of aggregates come from', async (t) => {
  const log = await logOf(t);
  const of = async (type, field, rest, groupBy) => {
    const { aggregates } = await reduced(t, log, { type, field, groupBy, p: rest?.p }, rest?.query);
    t.deepEqual(Object.keys(aggregates), [type]);
    t.is(aggregates[type].type, type);
    return aggregates[type].blocks;
  };
  // The counts that the log keeps are one summary.
  t.deepEqual(await of('count'), inBlocks(1, 0, 0));
  const usual = { query: where('event_type', 'eq', 'usual') };
  t.deepEqual(await of('count', undefined, usual), inBlocks(CHUNKS - 1, 0, 1));
  t.deepEqual(await of('count', undefined, undefined, 'event_type'), inBlocks(CHUNKS - 1, 0, 1));
  t.deepEqual(await of('sum', 'payload.n'), inBlocks(0, CHUNKS - 1, 1));
  t.deepEqual(await of('max', 'payload.list.0'), inBlocks(0, SEALED, CHUNKS - SEALED));
  // A block without an event that matches is not one of them.
  const rare = { query: where('payload.n', 'eq', RARE) };
  t.deepEqual(await of('count', undefined, rare), inBlocks(0, 1, 0));
  const first = { query: where('payload.n', 'lt', 100) };
  t.deepEqual(await of('collect', 'payload.n', first, 'payload.status'), inBlocks(0, 1, 0));
  t.is(await reduced(t, log, { type: 'collect', field: 'payload.n' }), undefined);
  const events = await queried(t, log, { from: { instance: 'log' }, limit: 1, explain: true });
  t.is(events.plan.reduce, undefined);
});

test('a plan says what became of groups, and which numbers come from a sketch', async (t) => {
  const log = await logOf(t);
  const every = (rest) => ({ field: 'timestamp', every: '24h', ...rest });
  const p50 = { type: 'percentile', p: 0.5 };
  const reduce = {
    aggregates: {
      n: { type: 'count' },
      some: { ...p50, field: 'payload.n' },
      deep: { ...p50, field: 'payload.none' },
    },
    groupBy: [
      every({ timeZone: 'europe/berlin', fill: true }),
      { field: 'payload.status', bins: [0, 300, 900], fill: true },
    ],
    having: [{ field: 'n', operator: 'lt', value: 5 }],
  };
  const { groups, rows, aggregates } = await reduced(t, log, reduce);
  t.deepEqual(groups, [
    { field: 'timestamp', every: '1d', timeZone: 'Europe/Berlin', fill: true },
    { field: 'payload.status', bins: 3, fill: true },
  ]);
  t.deepEqual(rows, { found: 2, filled: 1, chosen: 1 });
  t.deepEqual(aggregates.some, {
    type: 'percentile',
    blocks: inBlocks(0, CHUNKS - 1, 1),
    sketch: false,
  });
  t.deepEqual(Object.keys(aggregates), ['n', 'some', 'deep']);
  const groupBy = [every({ every: 'quarter', timeZone: '-0330' }), 'event_type'];
  const plain = await reduced(t, log, { type: 'count', groupBy });
  t.deepEqual(plain.groups, [
    { field: 'timestamp', every: '1q', timeZone: '-03:30', fill: false },
    { field: 'event_type' },
  ]);
  // The quarter begins in this zone after 12,600 of the events.
  t.deepEqual(plain.rows, { found: 3, filled: 0, chosen: 3 });
  await appended(t, log, { instanceId: 'log', eventType: 'more', payload: {} });
  const many = Array.from({ length: 4000 }, (_, n) => event(n));
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: many }), 'appendEvents');
  const all = await reduced(t, log, { ...p50, field: 'payload.n' });
  t.true(all.aggregates.percentile.sketch);
});
