// `position` is a field of queries, and a name that was meant to be an event's key is no field of the payload.

import test from 'ava';

import { created, failed, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const from = { instance: 'orders' };

/** A log whose events have a payload `{ n, position: 'of the payload' }`, and n is their position. */
async function numbered(t, count) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  for (let first = 1; first <= count; first += 5000) {
    const events = Array.from({ length: Math.min(5000, count + 1 - first) }, (_, at) => ({
      eventType: 'made',
      streamId: `s${(first + at) % 3}`,
      payload: { n: first + at, position: 'of the payload' },
    }));
    succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  }
  return log;
}

async function query(t, log, parts) {
  return succeeded(t, await log.queryEvents({ from, ...parts }), 'queryEvents').result;
}

const where = (operator, value) => [{ field: 'position', operator, value }];
const numbers = ({ events }) => events.map(({ payload }) => payload.n);

test('events are found by position, with each operator', async (t) => {
  const log = await numbered(t, 10);
  for (const [operator, value, expected] of [
    ['eq', 3, [3]],
    ['eq', '3', []],
    ['eq', 3.5, []],
    ['neq', 3, [1, 2, 4, 5, 6, 7, 8, 9, 10]],
    ['gt', 8, [9, 10]],
    ['gte', 8.5, [9, 10]],
    ['lt', 3, [1, 2]],
    ['lte', 0, []],
    ['lte', -1, []],
    ['between', [4, 6], [4, 5, 6]],
    ['between', [6, 4], []],
    ['in', [2, 9, 99, 'x'], [2, 9]],
    ['contains', 3, []],
  ]) {
    const found = await query(t, log, { where: where(operator, value) });
    t.deepEqual(numbers(found), expected, `${operator} ${JSON.stringify(value)}`);
    t.is(found.total, expected.length);
    const stream = { ...from, stream: 's1' };
    const ofStream = await query(t, log, { from: stream, where: where(operator, value) });
    t.deepEqual(
      numbers(ofStream),
      expected.filter((n) => n % 3 === 1),
    );
  }
});

test('position is a field to order by, to select, to group by and to fold', async (t) => {
  const log = await numbered(t, 10);
  const descending = { field: 'position', direction: 'desc' };
  const stream = { ...from, stream: 's1' };
  t.deepEqual(numbers(await query(t, log, { orderBy: descending, limit: 3 })), [10, 9, 8]);
  t.deepEqual(numbers(await query(t, log, { orderBy: descending, offset: 8 })), [2, 1]);
  t.deepEqual(numbers(await query(t, log, { orderBy: { field: 'position' }, limit: 2 })), [1, 2]);
  t.deepEqual(
    numbers(await query(t, log, { from: stream, orderBy: descending, limit: 2 })),
    [10, 7],
  );
  t.deepEqual(
    numbers(await query(t, log, { where: where('lt', 5), orderBy: descending })),
    [4, 3, 2, 1],
  );
  const selected = await query(t, log, { select: ['position', 'payload.n'], limit: 2 });
  t.deepEqual(selected.events, [
    { payload: { n: 1 }, position: 1 },
    { payload: { n: 2 }, position: 2 },
  ]);
  const ofPayload = await query(t, log, { select: ['payload.position'], limit: 1 });
  t.deepEqual(ofPayload.events, [{ payload: { position: 'of the payload' } }]);
  const reduce = (type, more) => query(t, log, { reduce: { type, field: 'position', ...more } });
  t.is((await reduce('sum')).aggregation, 55);
  t.is((await reduce('max')).aggregation, 10);
  t.is((await reduce('count')).aggregation, 10);
  t.deepEqual((await reduce('max', { groupBy: 'stream_id' })).aggregation, [
    { stream_id: 's0', max: 9 },
    { stream_id: 's1', max: 10 },
    { stream_id: 's2', max: 8 },
  ]);
  const groups = await query(t, log, { reduce: { type: 'count', groupBy: 'position' }, limit: 2 });
  t.deepEqual(groups.aggregation, [
    { position: 1, count: 1 },
    { position: 2, count: 1 },
  ]);
});

test('a range of positions is looked for in its blocks alone', async (t) => {
  const log = await numbered(t, 20_000);
  const range = where('between', [9000, 9003]);
  const found = await query(t, log, { where: range, explain: true });
  t.deepEqual(numbers(found), [9000, 9001, 9002, 9003]);
  t.is(found.plan.blocks.read, 1);
  t.true(found.plan.eventsExamined <= 4096);
  t.is(found.plan.eventsRead, 0);
  const last = await query(t, log, {
    orderBy: { field: 'position', direction: 'desc' },
    limit: 2,
    explain: true,
  });
  t.deepEqual([numbers(last), last.plan.path], [[20_000, 19_999], 'positions']);
  const count = { where: where('lte', 8192), reduce: { type: 'count' }, explain: true };
  const counted = await query(t, log, count);
  t.is(counted.aggregation, 8192);
  t.is(counted.plan.blocks.read, 0);
});

test('readAll and failIf know it as well', async (t) => {
  const log = await numbered(t, 10);
  const read = [];
  for await (const event of log.readAll({ instance: 'orders', where: where('gt', 7) })) {
    read.push(event.position);
  }
  t.deepEqual(read, [8, 9, 10]);
  const guarded = (after) =>
    log.appendEvent({
      instanceId: 'orders',
      eventType: 'made',
      failIf: [{ where: where('gt', after) }],
    });
  t.is((await guarded(9)).code, 'CONDITION_FAILED');
  succeeded(t, await guarded(10), 'appendEvent');
});

const MISTAKEN = {
  eventtype: 'event_type',
  EventType: 'event_type',
  streamid: 'stream_id',
  Sequence_Number: 'sequence_number',
  POSITION: 'position',
  Timestamp: 'timestamp',
  Payload: 'payload',
  'PayLoad.n': 'payload.n',
  'day(timestamp)': 'no functions of fields',
  'sum(payload.n)': 'no functions of fields',
};

for (const [field, meant] of Object.entries(MISTAKEN)) {
  test(`${field} is refused in every place of a query`, async (t) => {
    const log = await numbered(t, 1);
    for (const [path, parts] of [
      ['where[0].field', { where: [{ field, operator: 'eq', value: 1 }] }],
      ['orderBy.field', { orderBy: { field } }],
      ['select[1]', { select: ['id', field] }],
      ['reduce.field', { reduce: { type: 'sum', field } }],
      ['reduce.groupBy', { reduce: { type: 'count', groupBy: field } }],
      ['reduce.groupBy[0]', { reduce: { type: 'count', groupBy: [field] } }],
    ]) {
      const response = await log.queryEvents({ from, ...parts });
      failed(t, response, 'queryEvents', 'INVALID_ARGUMENT');
      t.true(response.error.startsWith(`${path}: expected `), response.error);
      t.true(response.error.includes(meant), response.error);
      t.true(response.error.includes(`payload.${field}`), response.error);
    }
    const reached = await query(t, log, {
      where: [{ field: `payload.${field}`, operator: 'eq', value: null }],
    });
    t.is(reached.total, 1);
  });
}
