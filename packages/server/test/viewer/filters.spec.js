// Filters with AND, OR and NOT: what the viewer asks for has to be what the conditions say, event by event.

import test from 'ava';
import fc from 'fast-check';

import { countOverTime } from '../../viewer/src/events/count-over-time.js';
import { EventList } from '../../viewer/src/events/event-list.js';
import { count, timesBetween } from '../../viewer/src/events/measure.js';
import { percentilesOverTime } from '../../viewer/src/events/percentiles.js';
import { topValues } from '../../viewer/src/events/top-values.js';
import { partOverTime } from '../../viewer/src/events/spans.js';
import { conditionOf, writtenOf } from '../../viewer/src/filter/condition.js';
import { OPERATORS } from '../../viewer/src/filter/operators.js';
import { filterText, parseFilter } from '../../viewer/src/filter/tree.js';
import { remarkOn, whereOf } from '../../viewer/src/filter/where.js';
import { start as startServer } from '../support/server.js';
import { BEGIN, fillShop, shopEvent } from '../support/shop.js';

const COUNT = 600;
const from = { instance: 'shop' };

/** The page's calls go to this server. */
let log;

test.before(async (t) => {
  const started = await startServer({ teardown: (end) => ends.push(end) });
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
  { field: 'stream_id', operator: 'startsWith', value: 'ORDER-3', ignoreCase: true },
  { field: 'payload.note', operator: 'endsWith', value: '5' },
  { field: 'payload.note', operator: 'matches', value: '^note [12]' },
  { field: 'payload.customer.name', operator: 'notIn', value: ['Ann', 'Dee'] },
  { field: 'payload.note', operator: 'exists', value: false },
  { field: 'payload.total', operator: 'gt', valueField: 'payload.n' },
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
      const list = new EventList({ from, where: whereOf(filter) });
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
      const list = new EventList({ from, where: whereOf(filter) }, { collectedMax });
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

/** The number that the part `p` of all is not above, as far between two numbers as `p` says. */
function percentile(numbers, p) {
  if (numbers.length === 0) return null;
  const place = p * (numbers.length - 1);
  const [low, high] = [numbers[Math.floor(place)], numbers[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

const minuteOf = (timestamp) => timestamp - ((timestamp - BEGIN) % 60_000);

test.serial('counts over time, frequent values and percentiles are the filter’s', async (t) => {
  const range = { from: BEGIN + 50_000, until: BEGIN + 450_000 };
  const times = timesBetween(range.from, range.until);
  await fc.assert(
    fc.asyncProperty(anyFilter, async (filter) => {
      const scope = { from, where: whereOf(filter) };
      const all = await matching(filter);
      const events = all.map((position) => shopEvent(position - 1));
      const inTime = events.filter(
        ({ timestamp }) => timestamp >= range.from && timestamp < range.until,
      );
      t.is(await count(scope, times), inTime.length);

      const { types, ...bars } = await countOverTime(scope, range, 9, 'UTC');
      t.deepEqual(bars.length, { every: '1m', ms: 60_000, name: '1 min' });
      // The filter may begin later than the range, and end before it does.
      const minutes = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => BEGIN + n * 60_000);
      const first = Math.max(0, minutes.indexOf(bars.starts[0]));
      t.deepEqual(bars.starts, minutes.slice(first, first + bars.starts.length));
      t.true(inTime.every(({ timestamp }) => bars.starts.includes(minuteOf(timestamp))));
      for (const { name, counts, total } of types) {
        const ofType = inTime.filter(({ eventType }) => eventType === name);
        const inBar =
          (begin) =>
          ({ timestamp }) =>
            Math.floor((timestamp - begin) / 60_000) === 0;
        t.deepEqual(
          counts,
          bars.starts.map((begin) => ofType.filter(inBar(begin)).length),
        );
        t.is(total, ofType.length);
      }
      t.is(types.length, new Set(inTime.map(({ eventType }) => eventType)).size);

      const inScope = { from, where: [...scope.where, ...times] };
      const top = await topValues(inScope, 'payload.customer.name', 2);
      t.is(top.total, inTime.length);
      const names = inTime.map(({ payload }) => payload.customer.name);
      for (const { value, count: found } of top.rows) {
        t.is(found, names.filter((name) => name === value).length);
      }

      const parts = await percentilesOverTime(scope, 'payload.total', range, 9, 'UTC');
      t.true(parts.isExact);
      for (const [n, begin] of parts.starts.entries()) {
        const totals = inTime
          .filter(({ timestamp }) => timestamp >= begin && timestamp < begin + 60_000)
          .map(({ payload }) => payload.total)
          .sort((a, b) => a - b);
        for (const [line, p] of [0.5, 0.9, 0.99].entries()) {
          const [found, expected] = [parts.lines[line][n], percentile(totals, p)];
          if (expected === null) t.is(found, null);
          else t.true(Math.abs(found - expected) < 1e-9, `${found} is not ${expected}`);
        }
      }
    }),
    {
      numRuns: 15,
      examples: [
        // No event can be in the last minutes of the range, nor in the first.
        [{ mode: 'none', items: [CONDITIONS[13]] }],
        [{ mode: 'all', items: [CONDITIONS[13]] }],
      ],
    },
  );
});

test.serial('events without a field are told among its most frequent values', async (t) => {
  const { rows, total } = await topValues({ from, where: [] }, 'payload.note', 2);
  t.deepEqual([rows[0], total], [{ value: null, count: COUNT - COUNT / 5 }, COUNT]);
});

test.serial('parts of time are as long as people read them, in their own zone', async (t) => {
  const { success, error } = await log.appendEvents({
    instanceId: 'days',
    autoCreateInstance: true,
    // The clocks of Berlin go back on this day: it has 25 hours.
    events: ['2026-10-24T22:00:00Z', '2026-10-25T22:59:59.999Z', '2026-10-25T23:00:00Z'].map(
      (timestamp) => ({ eventType: 'passed', timestamp }),
    ),
  });
  t.true(success, error);
  const scope = { from: { instance: 'days' }, where: [] };
  const asked = { aggregates: { n: { type: 'count' } } };
  const part = async (begin, end, most, timeZone) => {
    const range = { from: Date.parse(begin), until: Date.parse(end) };
    const found = await partOverTime(scope, range, asked, most, timeZone);
    return [
      found.length.name,
      found.starts.map((start) => new Date(start).toISOString()),
      found.rows,
    ];
  };
  t.deepEqual(await part('2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z', 3, 'Europe/Berlin'), [
    '1 d',
    ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    [
      [{ timestamp: '2026-10-25T00:00:00.000+02:00', n: 2 }],
      [{ timestamp: '2026-10-26T00:00:00.000+01:00', n: 1 }],
    ],
  ]);
  // Parts of less than a second are the viewer's own. They have the same form.
  t.deepEqual(await part('2026-10-25T22:59:59.990Z', '2026-10-25T23:00:00.005Z', 4, 'UTC'), [
    '5 ms',
    ['2026-10-25T22:59:59.990Z', '2026-10-25T22:59:59.995Z', '2026-10-25T23:00:00.000Z'],
    [[{ n: 0 }], [{ n: 1 }], [{ n: 1 }]],
  ]);
  const [name, starts, rows] = await part(
    '1999-01-01T00:00:00Z',
    '2026-12-01T00:00:00Z',
    70,
    'UTC',
  );
  t.is(name, '6 mo');
  t.is(starts.length, 56);
  t.deepEqual(rows.at(-1), [{ timestamp: '2026-07-01T00:00:00.000Z', n: 3 }]);
  // Without events there are parts all the same.
  t.deepEqual((await part('2001-01-01T00:00:00Z', '2001-01-03T00:00:00Z', 2, 'UTC'))[2], [
    [{ timestamp: '2001-01-01T00:00:00.000Z', n: 0 }],
    [{ timestamp: '2001-01-02T00:00:00.000Z', n: 0 }],
  ]);
});

test.serial('a list goes on with what is appended, and keeps its numbers', async (t) => {
  const filter = { mode: 'none', items: [CONDITIONS[0], CONDITIONS[4]] };
  const list = new EventList({ from, where: whereOf(filter) });
  await list.extend(200);
  const before = await list.positions(0, COUNT);
  t.true(before.length > 0 && before.at(-1) <= 200);
  await list.extend(COUNT);
  const after = await list.positions(0, COUNT);
  t.deepEqual(after.slice(0, before.length), before);
  t.deepEqual(after, await matching(filter));
});

test('a filter is a text that is read as the same filter, and so is each condition as it is written', (t) => {
  const fields = new Map([['payload.customer.name', { types: new Set(['string']), examples: [] }]]);
  fc.assert(
    fc.property(anyFilter, (filter) => {
      t.deepEqual(parseFilter(filterText(filter)), filter);
    }),
  );
  // What is written for a field that has only texts is a text, so that a number can be none of its values.
  for (const condition of CONDITIONS.filter(({ value }) => value !== 5)) {
    t.deepEqual(conditionOf(writtenOf(condition, fields), fields, false), condition);
  }
  for (const wrong of [
    '["payload.n","gt"]',
    '["payload.n","like",1]',
    '["payload.n","gt",1,"ignorecase"]',
    '["payload.n","gt",1,"ignoreCase","field"]',
    '["payload.n","gt",1,"field"]',
    '["all",5]',
    '5',
  ]) {
    t.throws(() => parseFilter(wrong), { message: /^filter: expected/ }, wrong);
  }
});

test('what is written counts once it is complete', (t) => {
  const none = new Map();
  const written = { field: 'payload.n', number: 0, text: '', isField: false, ignoreCase: false };
  const named = (name) => OPERATORS.findIndex((each) => each.name === name);
  const condition = (part, isNew = true) => conditionOf({ ...written, ...part }, none, isNew);
  t.true(condition({}).isNew);
  t.deepEqual(condition({}, false), { field: 'payload.n', operator: 'eq', value: '' });
  t.true(condition({ field: ' ', text: '5' }).isNew);
  t.true(condition({ number: named('between'), text: '5' }).isNew);
  t.deepEqual(condition({ number: named('does not exist') }), {
    field: 'payload.n',
    operator: 'exists',
    value: false,
  });
  t.true(condition({ isField: true }, false).isNew);
  // What an operator cannot do is left out.
  t.deepEqual(
    condition({ number: named('>'), isField: true, text: 'payload.m', ignoreCase: true }),
    {
      field: 'payload.n',
      operator: 'gt',
      valueField: 'payload.m',
    },
  );
  t.deepEqual(condition({ number: named('is none of'), isField: true, text: '1, b' }), {
    field: 'payload.n',
    operator: 'notIn',
    value: [1, 'b'],
  });
  // A regular expression is a text, whatever it looks like.
  t.is(condition({ number: named('matches'), text: '404' }).value, '404');
});

test.serial('what the log refuses is told of the condition that it is about', async (t) => {
  const good = CONDITIONS[0];
  const bad = [
    [{ field: 'payload.note', operator: 'matches', value: '(' }, 'value', /regular expression/],
    [{ field: 'eventtype', operator: 'eq', value: 1 }, 'field', /event_type/],
    [{ field: 'payload.n', operator: 'gt', value: null }, 'value', /expected a number/],
    [{ field: 'payload.n', operator: 'between', value: [1, 'b'] }, 'value', /like the first/],
    [
      { field: 'payload.n', operator: 'eq', valueField: 'day(n)' },
      'valueField',
      /expected a field/,
    ],
    [{ field: 'payload.n', operator: 'eq', value: {}, ignoreCase: true }, undefined, /./],
  ];
  for (const [condition, part, text] of bad) {
    for (const filter of [
      { mode: 'all', items: [condition] },
      { mode: 'all', items: [good, condition, good] },
      { mode: 'any', items: [good, condition] },
      { mode: 'none', items: [good, good, condition] },
      {
        mode: 'all',
        items: [good, { mode: 'none', items: [{ mode: 'any', items: [good, condition] }] }],
      },
    ]) {
      const list = new EventList({ from, where: whereOf(filter) });
      const error = await t.throwsAsync(() => list.open(), { message: /^where/ });
      const remark = remarkOn(filter, error.message);
      t.is(remark?.condition, condition, error.message);
      if (part !== undefined) t.is(remark.part, part, error.message);
      t.regex(remark.text, text);
    }
  }
  t.is(
    remarkOn({ mode: 'all', items: [good] }, 'where: expected at most 100 conditions'),
    undefined,
  );
  t.is(
    remarkOn({ mode: 'all', items: [good] }, 'where[3].value: of a condition beside the filter'),
    undefined,
  );
});
