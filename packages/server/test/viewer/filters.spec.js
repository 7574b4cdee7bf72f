// Filters with AND, OR and NOT: what the viewer asks for has to be what the conditions say, event by event.

import test from 'ava';
import fc from 'fast-check';

import { EventList } from '../../viewer/src/events/event-list.js';
import { count, countBy, timesBetween } from '../../viewer/src/events/measure.js';
import { percentilesOverTime } from '../../viewer/src/events/percentiles.js';
import { topValues } from '../../viewer/src/events/top-values.js';
import { termsOf } from '../../viewer/src/filter/terms.js';
import { start } from '../support/server.js';
import { BEGIN, fillShop, shopEvent } from '../support/shop.js';

const COUNT = 600;
const from = { instance: 'shop' };

/** The page's calls go to this server. */
let log;

test.before(async (t) => {
  const started = await start({ teardown: (end) => ends.push(end) });
  log = started.log;
  await fillShop(log, COUNT);
  const ownFetch = globalThis.fetch;
  globalThis.fetch = (path, options) => ownFetch(new URL(path, started.url), options);
  t.pass();
});

const ends = [];
test.after.always(async () => {
  for (const end of ends.reverse()) await end();
});

const CONDITIONS = [
  { field: 'event_type', operator: 'eq', value: 'OrderPaid' },
  { field: 'event_type', operator: 'in', value: ['ItemAdded', 'OrderPlaced'] },
  { field: 'stream_id', operator: 'gt', value: 'order-3' },
  { field: 'payload.customer.name', operator: 'neq', value: 'Ann' },
  { field: 'payload.customer.name', operator: 'contains', value: 'e' },
  { field: 'payload.total', operator: 'gt', value: 50 },
  { field: 'payload.total', operator: 'between', value: [20, 40] },
  { field: 'payload.note', operator: 'gte', value: 'note 3' },
  { field: 'payload.note', operator: 'eq', value: null },
  { field: 'payload.customer.isNew', operator: 'lt', value: true },
  { field: 'sequence_number', operator: 'between', value: [10, 50] },
  { field: 'position', operator: 'lte', value: 400 },
  { field: 'stream_id', operator: 'lt', value: 5 },
  { field: 'timestamp', operator: 'gte', value: BEGIN + 100_000 },
];

const { filter: anyFilter } = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, fc.constantFrom(...CONDITIONS), tie('filter')),
  filter: fc.record({
    mode: fc.constantFrom('all', 'any', 'none'),
    items: fc.array(tie('node'), { maxLength: 3 }),
  }),
}));

/** The positions where a condition holds, as the log says. */
const known = new Map();
async function positionsOf(condition) {
  const key = JSON.stringify(condition);
  if (!known.has(key)) {
    const reduce = { type: 'collect', field: 'position' };
    const { data, error } = await log.queryEvents({ from, where: [condition], reduce });
    if (data === undefined) throw new Error(error);
    known.set(key, new Set(data.result.aggregation));
  }
  return known.get(key);
}

async function matches(node, position) {
  if (node.mode === undefined) return (await positionsOf(node)).has(position);
  const results = [];
  for (const item of node.items) results.push(await matches(item, position));
  if (node.mode === 'all') return results.every(Boolean);
  // A group without anything in it says nothing.
  if (node.items.length === 0) return true;
  return node.mode === 'any' ? results.some(Boolean) : !results.some(Boolean);
}

async function matching(filter) {
  const found = [];
  for (let position = 1; position <= COUNT; position += 1) {
    if (await matches(filter, position)) found.push(position);
  }
  return found;
}

test.serial('a list has the events for which a filter holds, in their order', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyFilter, fc.nat(COUNT), async (filter, place) => {
      const expected = await matching(filter);
      const list = new EventList({ from, terms: termsOf(filter) });
      await list.open();
      t.is(list.total, expected.length, JSON.stringify(filter));
      t.deepEqual(await list.positions(0, COUNT), expected);
      const events = await list.page(place, 5);
      t.deepEqual(
        events.map((event) => event.position),
        expected.slice(place, place + 5),
      );
      for (const event of events) t.deepEqual(event.payload, shopEvent(event.position - 1).payload);
      t.is(await list.numberAt(place), expected.filter((position) => position < place).length);
    }),
    { numRuns: 60 },
  );
});

test.serial('a list finds its events in ever smaller areas, wherever they are', async (t) => {
  // The first third has most of them.
  const uneven = {
    mode: 'any',
    items: [
      { field: 'position', operator: 'lte', value: 200 },
      { field: 'position', operator: 'gt', value: 596 },
      { mode: 'all', items: [CONDITIONS[0], CONDITIONS[4]] },
    ],
  };
  const even = { mode: 'none', items: [CONDITIONS[4]] };
  for (const filter of [uneven, even, { mode: 'all', items: [CONDITIONS[5]] }]) {
    const expected = await matching(filter);
    for (const collectedMax of [1, 7, 50]) {
      const list = new EventList({ from, terms: termsOf(filter) }, { collectedMax });
      await list.open();
      const last = expected.length - 1;
      for (const number of [last, 0, last >> 1, 7, last - 3, 100]) {
        t.deepEqual(await list.positions(number, 4), expected.slice(number, number + 4));
        t.is(await list.numberAt(expected[number]), number);
      }
      t.deepEqual(await list.positions(0, COUNT), expected);
    }
  }
});

test.serial(
  'counts of groups, frequent values and percentiles are those of the filter',
  async (t) => {
    const times = timesBetween(BEGIN + 50_000, BEGIN + 450_000);
    const range = { from: BEGIN + 50_000, until: BEGIN + 450_000 };
    await fc.assert(
      fc.asyncProperty(anyFilter, async (filter) => {
        const scope = { from, terms: termsOf(filter) };
        const all = await matching(filter);
        const events = all.map((position) => shopEvent(position - 1));
        const inTime = events.filter(
          ({ timestamp }) => timestamp >= range.from && timestamp < range.until,
        );
        t.is(await count(scope, times), inTime.length);

        const byType = {};
        for (const { eventType } of inTime) byType[eventType] = (byType[eventType] ?? 0) + 1;
        const rows = await countBy(scope, 'event_type', times);
        t.deepEqual(Object.fromEntries(rows.map((row) => [row.value, row.count])), byType);

        const top = await topValues(scope, 'payload.customer.name', times, 2);
        t.is(top.total, inTime.length);
        const names = inTime.map(({ payload }) => payload.customer.name);
        for (const { value, count: found } of top.rows) {
          t.is(found, names.filter((name) => name === value).length);
        }

        const { starts, width, lines } = await percentilesOverTime(
          scope,
          'payload.total',
          range,
          5,
        );
        for (const [n, begin] of starts.entries()) {
          const totals = inTime
            .filter(({ timestamp }) => timestamp >= begin && timestamp < begin + width)
            .map(({ payload }) => payload.total)
            .sort((a, b) => a - b);
          const nearest = (percent) =>
            totals[Math.max(0, Math.ceil((percent * totals.length) / 100) - 1)] ?? null;
          t.deepEqual(
            lines.map((line) => line[n]),
            [50, 90, 99].map(nearest),
          );
        }
      }),
      { numRuns: 15 },
    );
  },
);

test.serial('a list goes on with what is appended, and keeps its numbers', async (t) => {
  const filter = { mode: 'none', items: [CONDITIONS[0], CONDITIONS[4]] };
  const list = new EventList({ from, terms: termsOf(filter) });
  await list.extend(200);
  const before = await list.positions(0, COUNT);
  t.true(before.length > 0 && before.at(-1) <= 200);
  await list.extend(COUNT);
  const after = await list.positions(0, COUNT);
  t.deepEqual(after.slice(0, before.length), before);
  t.deepEqual(after, await matching(filter));
});

test('what a query can ask is one term', (t) => {
  const one = (filter, ...where) => t.deepEqual(termsOf(filter), [{ coefficient: 1, where }]);
  const type = (value) => ({ field: 'event_type', operator: 'eq', value });
  one({ mode: 'any', items: [type('a'), type('b')] }, { ...type(['a', 'b']), operator: 'in' });
  one(
    { mode: 'none', items: [type('a'), type('b')] },
    { ...type('a'), operator: 'neq' },
    { ...type('b'), operator: 'neq' },
  );
  const late = { field: 'timestamp', operator: 'gte', value: 5 };
  one({ mode: 'none', items: [late] }, { ...late, operator: 'lt' });
  one({ mode: 'none', items: [{ mode: 'none', items: [late] }] }, late);
});

test('a filter that would need too many queries says so', (t) => {
  const items = Array.from({ length: 9 }, (_, n) => ({
    field: `payload.f${n}`,
    operator: 'eq',
    value: n,
  }));
  t.throws(() => termsOf({ mode: 'any', items }), { message: /too many alternatives/ });
  t.notThrows(() => termsOf({ mode: 'any', items: items.slice(0, 7) }));
});
