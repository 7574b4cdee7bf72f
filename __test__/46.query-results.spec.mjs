// The list of a result comes in pieces, each in a turn of the event loop of its own. None of that may
// show in what a query is answered with.

import { createRequire } from 'node:module';

import test from 'ava';

import { watchPieces } from './support/pieces.mjs';
import { created, eventsOf, failed, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const require = createRequire(import.meta.url);

const from = { instance: 'orders' };

/** What a piece has at most, with the number of the call and an element that was just too long. */
const PIECE_CHARACTERS_MAX = 100_000;

/** A log with as many events as are given, of about 300 bytes, and those as they were answered. */
async function logOf(t, count, payload = (n) => ({ n, text: 'x'.repeat(200) })) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const events = Array.from({ length: count }, (_, n) => ({
    eventType: n % 2 === 0 ? 'even' : 'odd',
    streamId: `stream ${n % 7}`,
    payload: payload(n),
    metadata: n % 3 === 0 ? { third: true } : {},
  }));
  const answered = await log.appendEvents({ instanceId: 'orders', events });
  return { log, events: succeeded(t, answered, 'appendEvents').events };
}

test.serial(
  'a long result is parsed in pieces, and the event loop turns between them',
  async (t) => {
    const { log, events } = await logOf(t, 3000);
    let turns = 0;
    let done = false;
    const turn = () => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    const turnsOfPieces = [];
    watchPieces(t, (text) => {
      t.true(text.length <= PIECE_CHARACTERS_MAX, `${text.length}`);
      turnsOfPieces.push(turns);
    });
    const result = await queried(t, log, { from });
    done = true;
    t.deepEqual(result, { events, total: 3000 });
    // 3000 events of over 300 characters.
    t.true(turnsOfPieces.length >= 8, `${turnsOfPieces.length}`);
    t.is(new Set(turnsOfPieces).size, turnsOfPieces.length);
  },
);

test.serial('appends do not wait for what a query has found', async (t) => {
  const { log } = await logOf(t, 5000);
  const { drainAll } = require('../lib/wire/calls.js');
  const order = [];
  const append = async () => {
    const response = await log.appendEvent({ instanceId: 'orders', eventType: 'late' });
    order.push(succeeded(t, response, 'appendEvent').event.event_type);
  };
  let appends;
  watchPieces(t, () => {
    // Each is answered before the next, so that meanwhile the rest of the result comes to wait.
    appends ??= Array.from({ length: 200 }, () => {
      const promise = append();
      drainAll();
      return promise;
    });
  });
  const { events } = await queried(t, log, { from });
  order.push(events.length);
  await Promise.all(appends);
  t.deepEqual(order, [...new Array(200).fill('late'), 5000]);
});

for (const count of [0, 1, 350, 4000]) {
  test(`a query finds ${count} events as they were stored`, async (t) => {
    const { log, events } = await logOf(t, count);
    const pages = { limit: count, offset: 0 };
    const result = await queried(t, log, { from, ...pages });
    t.deepEqual(result, { events, total: count, ...pages });
    t.deepEqual(Object.keys(result), ['events', 'total', 'limit', 'offset']);
    for (const event of result.events) t.deepEqual(Object.keys(event), Object.keys(events[0]));

    const orderBy = { field: 'n', direction: 'desc' };
    const backwards = await queried(t, log, { from, orderBy });
    t.deepEqual(backwards.events, events.toReversed());

    const select = ['payload.n', 'id'];
    const parts = await queried(t, log, { from, select });
    const selected = events.map(({ id, payload }) => ({ id, payload: { n: payload.n } }));
    t.deepEqual(parts, { events: selected, total: count });
  });
}

test('rows of groups, and a collection, are as long as they are', async (t) => {
  const { log, events } = await logOf(t, 4000);
  const rows = await queried(t, log, { from, reduce: { type: 'count', groupBy: 'n' } });
  t.deepEqual(rows, { aggregation: events.map((_, n) => ({ n, count: 1 })), total: 4000 });
  t.deepEqual(Object.keys(rows), ['aggregation', 'total']);

  const collected = await queried(t, log, { from, reduce: { type: 'collect', field: 'id' } });
  t.deepEqual(collected, { aggregation: events.map(({ id }) => id), total: 4000 });

  for (const [type, aggregation] of [
    ['count', 4000],
    ['max', 3999],
    ['avg', 1999.5],
  ]) {
    const reduce = { type, field: 'n' };
    t.deepEqual(await queried(t, log, { from, reduce }), { aggregation, total: 4000 });
  }
});

test('elements of every kind and length stay in their order', async (t) => {
  const long = 'ü'.repeat(300_000);
  const values = [
    '2026-01-31T12:00:00.000Z',
    4,
    [4, 1, 'x'],
    { n: [] },
    long,
    '',
    [[]],
    true,
    [long],
    -0.5,
    'last',
  ];
  const { log, events } = await logOf(t, values.length, (n) => ({ v: values[n] }));
  const reduce = { type: 'collect', field: 'v' };
  t.deepEqual((await queried(t, log, { from, reduce })).aggregation, values);
  t.deepEqual(await eventsOf(t, log, 'orders'), events);
  const select = ['payload.v'];
  const selected = values.map((v) => ({ payload: { v } }));
  t.deepEqual((await queried(t, log, { from, select })).events, selected);
});

test('results that come at the same time are not mixed up', async (t) => {
  const { log, events } = await logOf(t, 2000);
  const calls = Array.from({ length: 60 }, async (_, n) => {
    if (n % 5 === 4) {
      const query = { from: { instance: `nobody ${n}` } };
      return failed(t, await log.queryEvents(query), 'queryEvents', 'INSTANCE_NOT_FOUND');
    }
    if (n % 5 === 3) {
      const params = { instanceId: 'other', autoCreateInstance: true, eventType: `${n}` };
      const { event } = succeeded(t, await log.appendEvent(params), 'appendEvent');
      return t.is(event.event_type, `${n}`);
    }
    const [limit, offset] = [500 + n, n];
    const result = await queried(t, log, { from, limit, offset });
    return t.deepEqual(result.events, events.slice(offset, offset + limit));
  });
  await Promise.all(calls);
});

test('what came of a result is dropped when the query fails after all', async (t) => {
  const { expect, settle } = require('../lib/wire/calls.js');
  const answer = (...texts) =>
    new Promise((resolve) => {
      const number = expect('eventLog.queryEvents', resolve);
      for (const text of texts) settle(text(number));
    });
  const piece = (number) => `[${number},5,2,"of the first",2]`;
  const failure = (number) =>
    `["2026-01-31T12:00:00.000Z",${number},0,"id","broken","CORRUPTED",null]`;
  const result = (number) =>
    `["2026-01-31T12:00:00.000Z",${number},6,"id",null,"aggregation",{"total":1},5,1,"of the second"]`;
  t.deepEqual(await answer(piece, piece, failure), {
    type: 'eventLog.queryEvents',
    success: false,
    error: 'broken',
    code: 'CORRUPTED',
    timestamp: '2026-01-31T12:00:00.000Z',
    requestId: 'id',
  });
  // It has the number of the first.
  const { data } = await answer(result);
  t.deepEqual(data, { result: { aggregation: ['of the second'], total: 1 } });
  t.deepEqual((await answer(piece, result)).data.result.aggregation, [
    'of the first',
    2,
    'of the second',
  ]);
});
