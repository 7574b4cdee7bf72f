// The aggregates beside the SDK's, alone, with names, and in groups, against a plain computation.

import test from 'ava';
import fc from 'fast-check';

import { created, failed, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

async function logOf(t, payloads) {
  const log = await openLog(t);
  await created(t, log, 'i');
  const events = payloads.map((payload) => ({ eventType: 'made', payload }));
  if (events.length > 0) {
    succeeded(t, await log.appendEvents({ instanceId: 'i', events }), 'appendEvents');
  }
  return log;
}

async function reduced(t, log, reduce, rest) {
  const { aggregation } = await queried(t, log, { from: { instance: 'i' }, reduce, ...rest });
  return aggregation;
}

const numbersOf = (values) => values.filter((value) => typeof value === 'number');

function percentile(values, p) {
  const sorted = numbersOf(values).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const rank = (sorted.length - 1) * p;
  const low = sorted[Math.floor(rank)];
  const high = sorted[Math.ceil(rank)];
  return low + (high - low) * (rank - Math.floor(rank));
}

function deviation(values) {
  const numbers = numbersOf(values);
  if (numbers.length < 2) return null;
  const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
  const squares = numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0);
  return Math.sqrt(squares / (numbers.length - 1));
}

/** How often each value that is not null occurs, the most frequent first. */
function frequencies(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const rank = (value) => ['boolean', 'number', 'string'].indexOf(typeof value);
  const order = (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1);
  const entries = [...counts].map(([value, count]) => ({ value, count }));
  return entries.sort((a, b) => b.count - a.count || order(a.value, b.value));
}

const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('a', 'b', 'é', true, false, null, undefined, 0.5),
);

test('each aggregate is what a plain computation gives, in one group and in several', async (t) => {
  const log = await openLog(t);
  let number = 0;
  const property = fc.asyncProperty(
    fc.array(value, { maxLength: 40 }),
    fc.nat(4),
    async (all, groups) => {
      number += 1;
      const name = `i${number}`;
      await created(t, log, name);
      const events = all.map((v, at) => ({ eventType: `t${at % (groups + 1)}`, payload: { v } }));
      if (events.length > 0) {
        succeeded(t, await log.appendEvents({ instanceId: name, events }), 'appendEvents');
      }
      const aggregates = {
        n: { type: 'count' },
        p: { type: 'percentile', field: 'v', p: 0.3 },
        different: { type: 'countDistinct', field: 'v' },
        first: { type: 'first', field: 'v' },
        last: { type: 'last', field: 'v' },
        spread: { type: 'stddev', field: 'v' },
        top: { type: 'topK', field: 'v', k: 2 },
      };
      const query = { from: { instance: name }, reduce: { aggregates, groupBy: 'event_type' } };
      const rows = (await queried(t, log, query)).aggregation;
      const types = [...new Set(events.map((event) => event.eventType))].sort();
      const expected = types.map((type) => {
        const values = events.filter((event) => event.eventType === type).map((e) => e.payload.v);
        const there = values.filter((v) => v !== null && v !== undefined);
        return {
          event_type: type,
          n: values.length,
          p: percentile(values, 0.3),
          different: new Set(there).size,
          first: there[0] ?? null,
          last: there.at(-1) ?? null,
          spread: deviation(values),
          top: frequencies(there).slice(0, 2),
        };
      });
      const near = (a, b) => a === b || Math.abs(a - b) < 1e-9;
      t.is(rows.length, expected.length);
      for (const [at, row] of rows.entries()) {
        t.true(near(row.spread, expected[at].spread) && near(row.p, expected[at].p));
        t.deepEqual({ ...row, spread: 0, p: 0 }, { ...expected[at], spread: 0, p: 0 });
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test('without events, each has the value of nothing', async (t) => {
  const log = await logOf(t, []);
  const field = 'v';
  const aggregates = {
    n: { type: 'count' },
    p: { type: 'percentile', field, p: 1 },
    different: { type: 'countDistinct', field },
    first: { type: 'first', field },
    last: { type: 'last', field },
    spread: { type: 'stddev', field },
    top: { type: 'topK', field },
    all: { type: 'collect', field },
  };
  const nothing = {
    n: 0,
    p: null,
    different: 0,
    first: null,
    last: null,
    spread: null,
    top: [],
    all: [],
  };
  t.deepEqual(await reduced(t, log, { aggregates }), nothing);
  t.deepEqual(await reduced(t, log, { aggregates, groupBy: 'event_type' }), []);
  t.is(await reduced(t, log, { type: 'percentile', field, p: 0.5 }), null);
});

test('a single type keeps its form, and its name in rows', async (t) => {
  const log = await logOf(t, [
    { v: 1, k: 'a' },
    { v: 3, k: 'a' },
    { v: 5, k: 'b' },
  ]);
  t.is(await reduced(t, log, { type: 'percentile', field: 'v', p: 0.5 }), 3);
  t.deepEqual(await reduced(t, log, { type: 'countDistinct', field: 'v', groupBy: 'k' }), [
    { k: 'a', countDistinct: 2 },
    { k: 'b', countDistinct: 1 },
  ]);
  const orderBy = { field: 'last', direction: 'desc' };
  t.deepEqual(await reduced(t, log, { type: 'last', field: 'v', groupBy: 'k' }, { orderBy }), [
    { k: 'b', last: 5 },
    { k: 'a', last: 3 },
  ]);
});

test('a percentile of many numbers is near, and says so', async (t) => {
  const log = await logOf(
    t,
    Array.from({ length: 20_000 }, (_, n) => ({ n: (n * 7919) % 20_000, few: n % 1000 })),
  );
  const aggregates = {
    many: { type: 'percentile', field: 'n', p: 0.5 },
    all: { type: 'countDistinct', field: 'n' },
  };
  const query = { from: { instance: 'i' }, reduce: { aggregates } };
  const response = await log.queryEvents(query);
  const { result } = succeeded(t, response, 'queryEvents');
  t.true(Math.abs(result.aggregation.many - 9_999.5) <= 9_999.5 * 0.005);
  t.is(result.aggregation.all, 20_000);
  t.is(response.message, 'many is within 0.5 percent where it is of more than 16384 numbers');
  const where = [{ field: 'few', operator: 'lt', value: 800 }];
  const exact = await log.queryEvents({ ...query, where });
  t.is(exact.message, undefined);
});

test('what is wrong with an aggregate is named with its place', async (t) => {
  const log = await logOf(t, [{}]);
  const refused = async (reduce, words, rest) => {
    const response = await log.queryEvents({ from: { instance: 'i' }, reduce, ...rest });
    failed(t, response, 'queryEvents', 'INVALID_ARGUMENT', words);
  };
  await refused(
    { aggregates: { a: { type: 'medain' } } },
    /^reduce\.aggregates\.a\.type: expected one of/,
  );
  await refused({ aggregates: {} }, /^reduce\.aggregates: .* found an object without any$/);
  await refused(
    { type: 'percentile', field: 'v', p: 50 },
    /^reduce\.p: expected a number from 0 to 1/,
  );
  await refused({ aggregates: { k: { type: 'count' } }, groupBy: 'k' }, /already/);
  const rest = { orderBy: { field: 'nope' } };
  const reduce = { aggregates: { n: { type: 'count' } }, groupBy: 'k' };
  const passed = await log.queryEvents({ from: { instance: 'i' }, reduce, ...rest });
  t.regex(
    passed.message,
    /^orderBy was passed over: the rows have only the fields of reduce.groupBy and n$/,
  );
});
