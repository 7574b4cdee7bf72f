// Trees of conditions, and the operators that the SDK does not know, through every method that takes conditions.

import test from 'ava';

import { conditionFailed, created, failed, queried, succeeded } from './support/response.mjs';
import { openLog, testOfFiles } from './support/temporary.mjs';

/** A log with one event for each payload, each in a stream with its number. */
async function logOf(t, payloads) {
  const log = await openLog(t);
  await created(t, log, 'i');
  const events = payloads.map((payload, at) => ({
    streamId: String(at),
    eventType: at % 2 === 0 ? 'even' : 'odd',
    payload,
  }));
  succeeded(t, await log.appendEvents({ instanceId: 'i', events }), 'appendEvents');
  return log;
}

/** The numbers of the events that a `where` finds. */
async function numbers(t, log, where) {
  const { events, total } = await queried(t, log, { from: { instance: 'i' }, where });
  t.is(total, events.length);
  return events.map((event) => Number(event.stream_id));
}

const is = (field, operator, value, rest) => ({ field, operator, value, ...rest });
const even = is('event_type', 'eq', 'even');
const above = (n) => is('payload.n', 'gt', n);

const TREES = [
  [{ any: [even, above(2)] }, [0, 2, 3, 4]],
  [[{ any: [even, above(2)] }], [0, 2, 3, 4]],
  [{ all: [even, above(1)] }, [2]],
  [
    [even, { not: above(1) }],
    [0, 4],
  ],
  [{ not: above(1) }, [0, 1, 4, 5]],
  [{ not: { not: above(1) } }, [2, 3]],
  [{ not: { any: [even, above(2)] } }, [1, 5]],
  [{ any: [] }, []],
  [{ all: [] }, [0, 1, 2, 3, 4, 5]],
  [{ not: { any: [] } }, [0, 1, 2, 3, 4, 5]],
  [{ not: { all: [] } }, []],
  [{ any: [{ all: [] }, { any: [] }] }, [0, 1, 2, 3, 4, 5]],
  [{ any: [even], all: undefined, not: null }, [0, 2, 4]],
  [[is('payload.n', 'exists', true)], [0, 1, 2, 3, 4]],
  [[is('payload.n', 'exists', false)], [5]],
  [{ not: is('payload.n', 'eq', null) }, [0, 1, 2, 3]],
];

test('trees hold as their conditions do, also where a field is missing', async (t) => {
  const log = await logOf(t, [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }, { n: null }, {}]);
  for (const [where, expected] of TREES) {
    t.deepEqual(await numbers(t, log, where), expected, JSON.stringify(where));
  }
});

testOfFiles('a tree of many blocks is answered by what their summaries leave open', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'i');
  const events = Array.from({ length: 10_000 }, (_, n) => ({
    eventType: ['seen', 'made', 'sold'][n < 9 ? n % 3 : 0],
    payload: { n, name: `user-${n % 100}` },
  }));
  succeeded(t, await log.appendEvents({ instanceId: 'i', events }), 'appendEvents');
  const ofTypes = { any: [is('event_type', 'eq', 'made'), is('event_type', 'eq', 'sold')] };
  const reduce = { type: 'count' };
  const from = { instance: 'i' };
  const counted = await queried(t, log, { from, where: ofTypes, reduce, explain: true });
  t.is(counted.aggregation, 6);
  t.is(counted.plan.path, 'blocks');
  t.true(counted.plan.blocks.skipped > 0);
  const either = { any: [is('payload.n', 'lt', 3), is('payload.n', 'gte', 9998)] };
  const found = await queried(t, log, { from, where: either, explain: true });
  t.deepEqual(
    found.events.map((event) => event.payload.n),
    [0, 1, 2, 9998, 9999],
  );
  t.true(found.plan.blocks.skipped > 0);
  const rest = await queried(t, log, { from, where: { not: either }, reduce });
  t.is(rest.aggregation, 9_995);
});

const TEXTS = [{ v: 'Abc' }, { v: 'abc' }, { v: 'straße' }, { v: 5 }, { v: ['ABC'] }, {}];

const OPERATORS = [
  [is('v', 'startsWith', 'a'), [1]],
  [is('v', 'startsWith', 'A', { ignoreCase: true }), [0, 1]],
  [is('v', 'endsWith', 'bc'), [0, 1]],
  [is('v', 'endsWith', 'SSE', { ignoreCase: true }), [2]],
  [is('v', 'eq', 'STRASSE', { ignoreCase: true }), [2]],
  [is('v', 'neq', 'ABC', { ignoreCase: true }), [2, 3, 4, 5]],
  [is('v', 'contains', 'abc', { ignoreCase: true }), [0, 1, 4]],
  [is('v', 'in', ['ABC', 5], { ignoreCase: true }), [0, 1, 3]],
  [is('v', 'notIn', ['ABC', 5], { ignoreCase: true }), [2, 4, 5]],
  [is('v', 'notIn', ['abc']), [0, 2, 3, 4, 5]],
  [is('v', 'notIn', []), [0, 1, 2, 3, 4, 5]],
  [is('v', 'matches', '^[aA]b'), [0, 1]],
  [is('v', 'matches', '^ABC$', { ignoreCase: true }), [0, 1]],
  [is('v', 'matches', String.raw`^\p{L}{6}$`), [2]],
  [is('v', 'exists', true), [0, 1, 2, 3, 4]],
  [{ field: 'v', operator: 'eq', valueField: 'payload.v' }, [0, 1, 2, 3, 4, 5]],
  [{ field: 'v', operator: 'lt', valueField: 'v' }, []],
  [{ field: 'stream_id', operator: 'lt', valueField: 'v' }, [0, 1, 2]],
];

test('operators hold as they are described', async (t) => {
  const log = await logOf(t, TEXTS);
  for (const [where, expected] of OPERATORS) {
    t.deepEqual(await numbers(t, log, [where]), expected, JSON.stringify(where));
  }
});

test('readers, subscriptions, projections and guards take trees', async (t) => {
  const log = await logOf(t, [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
  const where = { any: [above(2), is('payload.n', 'eq', 0)] };
  for (const given of [where, [where], [{ all: [where] }]]) {
    const read = [];
    for await (const event of log.readAll({ instance: 'i', where: given }))
      read.push(event.position);
    t.deepEqual(read, [1, 4]);
    const followed = [];
    for await (const event of log.subscribe({ instance: 'i', where: given })) {
      followed.push(event.position);
      if (event.position === 4) break;
    }
    t.deepEqual(followed, [1, 4]);
    const apply = (sum, event) => sum + event.payload.n;
    const all = await log.project({ instance: 'i', where: given, initial: 0, apply });
    t.is(all.state, 3);
    const ofStream = { instance: 'i', stream: '3', where: given, initial: 0, apply };
    t.is((await log.project(ofStream)).state, 3);
    t.is((await log.project({ ...ofStream, stream: '1' })).state, 0);
    const event = { instanceId: 'i', eventType: 'a', failIf: { where: given } };
    conditionFailed(t, await log.appendEvent(event), 'appendEvent');
  }
  const none = { instanceId: 'i', eventType: 'a', failIf: { where: { any: [] } } };
  succeeded(t, await log.appendEvent(none), 'appendEvent');
});

test('what is wrong in a tree is named with its place, wherever it is given', async (t) => {
  const log = await logOf(t, [{}]);
  const where = { any: [even, { not: is('payload.n', 'startwith', 'a') }] };
  const words = /where\.any\[1\]\.not\.operator: .* did you mean "startsWith"\?$/;
  const query = { from: { instance: 'i' }, where };
  failed(t, await log.queryEvents(query), 'queryEvents', 'INVALID_ARGUMENT', words);
  const append = { instanceId: 'i', eventType: 'a', failIf: { where } };
  failed(t, await log.appendEvent(append), 'appendEvent', 'INVALID_ARGUMENT', words);
  const reading = await t.throwsAsync(log.readAll({ instance: 'i', where }).next());
  t.regex(reading.message, words);
  const deep = (levels) => (levels === 0 ? even : { not: deep(levels - 1) });
  t.deepEqual(await numbers(t, log, deep(64)), [0]);
  const nested = { from: { instance: 'i' }, where: deep(65) };
  failed(
    t,
    await log.queryEvents(nested),
    'queryEvents',
    'LIMIT_EXCEEDED',
    /at most 64 levels of any, all and not/,
  );
  const many = {
    from: { instance: 'i' },
    where: [{ any: Array(60).fill(even) }, { all: Array(41).fill(even) }],
  };
  failed(
    t,
    await log.queryEvents(many),
    'queryEvents',
    'LIMIT_EXCEEDED',
    /^where\[1\]\.all\[40\]: expected at most 100/,
  );
});

/** What JSON leaves out or alters, by what is said of it. */
const LOST = [
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [() => {}, 'a function'],
  [Symbol('s'), 'a symbol'],
  [new Map([['a', 1]]), 'a Map'],
  [new Set([1]), 'a Set'],
  [new Date(NaN), 'an invalid Date'],
  [/a/, 'a RegExp'],
  [new Error('e'), 'an Error'],
  [Object(NaN), 'NaN'],
  [{ toJSON: () => null }, 'an object whose toJSON gives null'],
];

/** A condition in so many levels of trees, of each kind in turn. */
function inTrees(part, levels) {
  let tree = part;
  for (let level = 0; level < levels; level += 1) {
    tree = [{ any: [tree] }, { all: [tree] }, { not: tree }][level % 3];
  }
  return tree;
}

test('a value that JSON alters is refused however deep in trees it stands', async (t) => {
  const log = await logOf(t, [{}]);
  const refused = async (where, what) => {
    const words = new RegExp(`where.*expected JSON, found ${what}`);
    const query = { from: { instance: 'i' }, where };
    failed(t, await log.queryEvents(query), 'queryEvents', 'INVALID_ARGUMENT', words);
    const append = { instanceId: 'i', eventType: 'a', failIf: [{ where }] };
    failed(t, await log.appendEvent(append), 'appendEvent', 'INVALID_ARGUMENT', words);
    for (const reading of [log.readAll, log.subscribe]) {
      const error = await t.throwsAsync(reading.call(log, { instance: 'i', where }).next());
      t.is(error.code, 'INVALID_ARGUMENT');
      t.regex(error.message, words);
    }
  };
  for (const levels of [1, 3, 64]) {
    for (const [value, what] of LOST) {
      await refused(inTrees(is('payload.v', 'eq', value), levels), what);
      await refused([inTrees(is('payload.v', 'in', [1, value]), levels)], what);
    }
    await refused([inTrees(is('payload.v', 'notIn', [undefined]), levels)], 'undefined');
  }
  const { total } = await queried(t, log, { from: { instance: 'i' } });
  t.is(total, 1);
});
