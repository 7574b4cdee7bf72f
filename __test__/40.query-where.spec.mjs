import test from 'ava';

import { created, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

/** A log whose instance `orders` has one event for each payload, numbered by position. */
async function logOf(t, payloads) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const events = payloads.map((payload) => ({ eventType: 'made', payload }));
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  return log;
}

/** The positions, from 0, of the events that hold. */
async function matching(t, log, ...where) {
  const { events, total } = await queried(t, log, { from: { instance: 'orders' }, where });
  t.is(total, events.length);
  return events.map((event) => event.sequence_number - 1);
}

const condition = (operator, value, field = 'payload.v') => ({ field, operator, value });

const NUMBERS = [{ v: -1 }, { v: 0 }, { v: 1.5 }, { v: 2 }, { v: 10 }];
const TEXTS = [{ v: '' }, { v: 'B' }, { v: 'a' }, { v: 'ab' }, { v: 'b' }];
const MIXED = [
  { v: null },
  {},
  { v: false },
  { v: true },
  { v: 0 },
  { v: 1 },
  { v: '' },
  { v: '1' },
  { v: [] },
  { v: [1, 'x'] },
  { v: {} },
];

const CASES = [
  [NUMBERS, 'eq', 1.5, [2]],
  [NUMBERS, 'eq', -0, [1]],
  [NUMBERS, 'neq', 1.5, [0, 1, 3, 4]],
  [NUMBERS, 'gt', 1.5, [3, 4]],
  [NUMBERS, 'gte', 1.5, [2, 3, 4]],
  [NUMBERS, 'lt', 1.5, [0, 1]],
  [NUMBERS, 'lte', 1.5, [0, 1, 2]],
  [NUMBERS, 'between', [0, 2], [1, 2, 3]],
  [NUMBERS, 'between', [2, 0], []],
  [NUMBERS, 'in', [2, -1, 99], [0, 3]],
  [NUMBERS, 'in', [], []],
  [TEXTS, 'eq', 'ab', [3]],
  [TEXTS, 'eq', '', [0]],
  [TEXTS, 'neq', 'ab', [0, 1, 2, 4]],
  [TEXTS, 'gt', 'a', [3, 4]],
  [TEXTS, 'gte', 'a', [2, 3, 4]],
  [TEXTS, 'lt', 'a', [0, 1]],
  [TEXTS, 'lte', 'a', [0, 1, 2]],
  [TEXTS, 'between', ['B', 'ab'], [1, 2, 3]],
  [TEXTS, 'in', ['b', ''], [0, 4]],
  [TEXTS, 'contains', 'b', [3, 4]],
  [TEXTS, 'contains', '', [0, 1, 2, 3, 4]],
  [MIXED, 'eq', null, [0, 1]],
  [MIXED, 'neq', null, [2, 3, 4, 5, 6, 7, 8, 9, 10]],
  [MIXED, 'eq', true, [3]],
  [MIXED, 'eq', false, [2]],
  [MIXED, 'eq', 1, [5]],
  [MIXED, 'eq', '1', [7]],
  [MIXED, 'neq', 'x', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  [MIXED, 'neq', 0, [0, 1, 2, 3, 5, 6, 7, 8, 9, 10]],
  [MIXED, 'gt', 0, [5]],
  [MIXED, 'gte', 0, [4, 5]],
  [MIXED, 'lt', 1, [4]],
  [MIXED, 'lte', 1, [4, 5]],
  [MIXED, 'gte', '', [6, 7]],
  [MIXED, 'gt', false, [3]],
  [MIXED, 'lte', true, [2, 3]],
  [MIXED, 'in', [null, '1', true], [0, 1, 3, 7]],
  [MIXED, 'contains', 'x', [9]],
  [MIXED, 'contains', 1, [9]],
  [MIXED, 'contains', '1', [7]],
  [MIXED, 'between', [0, 1], [4, 5]],
];

for (const [payloads, operator, value, expected] of CASES) {
  const names = new Map([
    [NUMBERS, 'numbers'],
    [TEXTS, 'texts'],
    [MIXED, 'all types'],
  ]);
  const shown = Object.is(value, -0) ? '-0' : JSON.stringify(value);
  test(`${operator} ${shown} among ${names.get(payloads)}`, async (t) => {
    const log = await logOf(t, payloads);
    t.deepEqual(await matching(t, log, condition(operator, value)), expected);
  });
}

test('strings compare by UTF-16 code unit, as JavaScript does', async (t) => {
  const texts = ['z', 'é', '\ue000', '\uffff', '🦀', '\ud800', '\udfff', 'a\0', 'a'];
  const log = await logOf(
    t,
    texts.map((v) => ({ v })),
  );
  for (const bound of texts.filter(
    (text) => text.isWellFormed?.() ?? !/\p{Surrogate}/u.test(text),
  )) {
    const positions = (holds) => texts.flatMap((text, index) => (holds(text) ? [index] : []));
    t.deepEqual(
      await matching(t, log, condition('lt', bound)),
      positions((text) => text < bound),
    );
    t.deepEqual(
      await matching(t, log, condition('gte', bound)),
      positions((text) => text >= bound),
    );
    t.deepEqual(
      await matching(t, log, condition('eq', bound)),
      positions((text) => text === bound),
    );
  }
});

test('texts are compared as values, however their JSON was escaped', async (t) => {
  const log = await logOf(t, [{ v: 'a/"\n\u2028é' }, { 'é\n': 1 }]);
  t.deepEqual(await matching(t, log, condition('eq', 'a/"\n\u2028é')), [0]);
  t.deepEqual(await matching(t, log, condition('contains', '"\n')), [0]);
  t.deepEqual(await matching(t, log, condition('eq', 1, '/payload/é\n')), [1]);
});

test('numbers compare as JavaScript numbers', async (t) => {
  const log = await logOf(t, [
    { v: 0.1 + 0.2 },
    { v: 0.3 },
    { v: 2 ** 53 },
    { v: 1e21 },
    { v: 5e-324 },
  ]);
  t.deepEqual(await matching(t, log, condition('eq', 0.3)), [1]);
  t.deepEqual(await matching(t, log, condition('eq', 2 ** 53 + 1)), [2]);
  t.deepEqual(await matching(t, log, condition('gt', 2 ** 53)), [3]);
  t.deepEqual(await matching(t, log, condition('between', [5e-324, 5e-324])), [4]);
});

test('all conditions must hold', async (t) => {
  const log = await logOf(t, [
    { a: 1, b: 1 },
    { a: 1, b: 2 },
    { a: 2, b: 2 },
  ]);
  t.deepEqual(await matching(t, log, condition('eq', 1, 'a'), condition('eq', 2, 'b')), [1]);
  t.deepEqual(await matching(t, log, condition('gt', 1, 'a'), condition('lt', 2, 'a')), []);
  t.deepEqual(await matching(t, log), [0, 1, 2]);
});

test('where may hold 100 conditions', async (t) => {
  const log = await logOf(t, [{ v: 1 }, { v: 2 }]);
  t.deepEqual(await matching(t, log, ...new Array(100).fill(condition('eq', 2))), [1]);
});

test('a stream that is not there has no events', async (t) => {
  const log = await logOf(t, [{}]);
  const result = await queried(t, log, { from: { instance: 'orders', stream: 'nobody' } });
  t.deepEqual(result, { events: [], total: 0 });
});

test('from.stream keeps the events of one stream', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const events = Array.from({ length: 300 }, (_, number) => ({
    streamId: number % 10 === 0 ? 'rare' : 'often',
    eventType: 'made',
    payload: { number },
  }));
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  const rare = await queried(t, log, { from: { instance: 'orders', stream: 'rare' } });
  t.is(rare.total, 30);
  t.deepEqual(
    rare.events.map((event) => event.payload.number),
    Array.from({ length: 30 }, (_, index) => index * 10),
  );
  const where = [{ field: 'payload.number', operator: 'lt', value: 100 }];
  t.is((await queried(t, log, { from: { instance: 'orders', stream: 'often' }, where })).total, 90);
});
