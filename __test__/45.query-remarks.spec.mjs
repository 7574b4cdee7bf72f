// What a query combines and cannot act together is passed over, and named in `message`.

import test from 'ava';

import { created, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const from = { instance: 'api' };

async function openWithRequests(t) {
  const log = await openLog(t);
  await created(t, log, 'api');
  const requests = [
    [200, 12, '2026-01-01T10:00:00Z'],
    [500, 90, '2026-01-01T11:00:00Z'],
    [404, 5, '2026-01-01T12:00:00Z'],
    [500, 40, '2026-01-01T13:00:00Z'],
  ];
  const events = requests.map(([status, ms, timestamp]) => ({
    streamId: 'calls',
    eventType: 'request',
    payload: { status, ms },
    timestamp,
  }));
  succeeded(t, await log.appendEvents({ instanceId: 'api', events }), 'appendEvents');
  return log;
}

/** The result and the message of a query that must succeed. */
async function asked(t, log, query) {
  const response = await log.queryEvents({ from, ...query });
  return { ...succeeded(t, response, 'queryEvents').result, message: response.message };
}

const newest = { field: 'timestamp', direction: 'desc' };

test('one value has no order, no page and no fields', async (t) => {
  const log = await openWithRequests(t);
  const sum = { type: 'sum', field: 'payload.ms' };
  const plain = await asked(t, log, { reduce: sum });
  t.is(plain.message, undefined);
  for (const [key, value] of Object.entries({
    orderBy: newest,
    limit: 2,
    offset: 1,
    select: ['payload'],
  })) {
    const { message, ...result } = await asked(t, log, { reduce: sum, [key]: value });
    t.deepEqual(result, { aggregation: 147, total: 4 });
    t.regex(message, new RegExp(`^${key} was passed over: `));
  }
  const all = { orderBy: newest, limit: 2, offset: 1, select: ['payload'] };
  const { message } = await asked(t, log, { reduce: sum, ...all });
  for (const key of Object.keys(all)) t.regex(message, new RegExp(`${key} was passed over`));
});

test('rows keep their own order where another one is asked for, and are paged', async (t) => {
  const log = await openWithRequests(t);
  const reduce = { type: 'count', groupBy: ['payload.status'] };
  const { aggregation, message } = await asked(t, log, { reduce, orderBy: newest, limit: 2 });
  t.deepEqual(aggregation, [
    { 'payload.status': 200, count: 1 },
    { 'payload.status': 404, count: 1 },
  ]);
  t.regex(message, /^orderBy was passed over: .*count$/);
  const ordered = await asked(t, log, { reduce, orderBy: { field: 'count', direction: 'desc' } });
  t.is(ordered.aggregation[0].count, 2);
  t.is(ordered.message, undefined);
});

test('an order and a page act on what is collected', async (t) => {
  const log = await openWithRequests(t);
  const values = { type: 'collect', field: 'payload.ms' };
  const collected = await asked(t, log, { reduce: values, orderBy: newest, limit: 3 });
  t.deepEqual(collected, { aggregation: [40, 5, 90], total: 4, limit: 3, message: undefined });
  const groups = { ...values, groupBy: 'payload.status' };
  const rows = await asked(t, log, { reduce: groups, orderBy: newest });
  t.deepEqual(rows.aggregation, [
    { 'payload.status': 200, collect: [12] },
    { 'payload.status': 404, collect: [5] },
    { 'payload.status': 500, collect: [40, 90] },
  ]);
  t.is(rows.message, undefined);
});

test('collect without a field collects whole events, or what is selected of them', async (t) => {
  const log = await openWithRequests(t);
  const { events } = await asked(t, log, {});
  const reduce = { type: 'collect' };
  t.deepEqual((await asked(t, log, { reduce })).aggregation, events);
  const newestFirst = await asked(t, log, { reduce, orderBy: newest, limit: 2 });
  t.deepEqual(newestFirst.aggregation, events.toReversed().slice(0, 2));
  const selected = await asked(t, log, { reduce, select: ['payload.ms'], limit: 1 });
  t.deepEqual(selected.aggregation, [{ payload: { ms: 12 } }]);
  t.is(selected.message, undefined);
  const rows = await asked(t, log, { reduce: { ...reduce, groupBy: ['stream_id'] } });
  t.deepEqual(rows.aggregation, [{ stream_id: 'calls', collect: events }]);
});

test('no fields select all, and make no groups', async (t) => {
  const log = await openWithRequests(t);
  t.deepEqual(await asked(t, log, { select: [] }), await asked(t, log, {}));
  const reduce = { type: 'count', groupBy: [] };
  t.is((await asked(t, log, { reduce })).aggregation, 4);
});

test('a time without a zone is of UTC, whatever the zone of the program', async (t) => {
  const log = await openWithRequests(t);
  const condition = (operator, value) => ({ field: 'timestamp', operator, value });
  for (const [operator, value, total, places] of [
    ['gte', '2026-01-01T12:00:00', 2, ['where[0].value']],
    ['eq', '2026-01-01T12:00', 1, ['where[0].value']],
    ['lt', '2026-01-01T12:00:00.001', 3, ['where[0].value']],
    [
      'between',
      ['2026-01-01T11:00:00', '2026-01-01T12:00:00'],
      2,
      ['where[0].value[0]', 'where[0].value[1]'],
    ],
    ['in', ['2026-01-01T11:00:00Z', '2026-01-01T12:00:00'], 2, ['where[0].value[1]']],
  ]) {
    const result = await asked(t, log, { where: [condition(operator, value)] });
    t.is(result.total, total);
    const remarks = places.map((place) => `${place} has no zone and was taken as UTC`);
    t.is(result.message, remarks.join('; '));
  }
  const zoned = await asked(t, log, { where: [condition('gte', '2026-01-01')] });
  t.is(zoned.message, undefined);
});

test('a time without a zone in failIf is remarked as well', async (t) => {
  const log = await openWithRequests(t);
  const where = [{ field: 'timestamp', operator: 'gt', value: '2027-01-01T00:00:00' }];
  const event = { eventType: 'request' };
  const one = await log.appendEvent({ instanceId: 'api', ...event, failIf: { where } });
  succeeded(t, one, 'appendEvent');
  t.is(one.message, 'failIf.where[0].value has no zone and was taken as UTC');
  const many = await log.appendEvents({
    instanceId: 'api',
    events: [event],
    failIf: [{ where }],
  });
  t.is(many.message, 'failIf[0].where[0].value has no zone and was taken as UTC');
});

test('updateInstance without changes answers the instance as it is', async (t) => {
  const log = await openLog(t);
  const before = await created(t, log, 'api', 'requests');
  for (const nothing of [{}, { name: undefined, description: null }]) {
    const response = await log.updateInstance('api', nothing);
    t.deepEqual(succeeded(t, response, 'updateInstance').instance, before);
  }
  t.is((await log.updateInstance('none', {})).code, 'INSTANCE_NOT_FOUND');
});
