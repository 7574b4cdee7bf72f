// How far behind consumers are: as many events as match what they ask for.

import test from 'ava';

import { fill } from './support/reading.mjs';
import { appended, succeeded } from './support/response.mjs';
import { inFiles, openAt, openLog, temporaryPath } from './support/temporary.mjs';

const eventType = (value) => ({ field: 'event_type', operator: 'eq', value });

/** What consumers ask for. */
const FILTERS = {
  every: {},
  'no condition': { where: [] },
  'a type': { where: [eventType('third')] },
  'a stream': { stream: 'stream 3' },
  'a stream that is not there': { stream: 'nowhere' },
  'a stream and a type': { stream: 'stream 2', where: [eventType('other')] },
  'a path': { where: [{ field: 'payload.n', operator: 'gte', value: 5_000 }] },
  'some of few': { where: [{ field: 'payload.n', operator: 'in', value: [3, 4_200, 9_999] }] },
  positions: { where: [{ field: 'position', operator: 'between', value: [4_000, 9_000] }] },
  nothing: { where: [eventType('never')] },
};

/** Has a consumer be there, which asks for these events and stands at that position. */
async function consumerAt(t, log, consumer, filter, position) {
  const subscription = log.subscribe({
    instance: 'log',
    consumer,
    afterPosition: position,
    ...filter,
  });
  const step = subscription.next();
  await Promise.race([step, subscription.untilCaughtUp]);
  await subscription.return();
  const reset = await log.resetConsumer({ instance: 'log', consumer, position });
  succeeded(t, reset, 'resetConsumer');
}

/** How far behind each consumer is. */
async function behindOf(t, log, options = {}) {
  const response = await log.listConsumers({ instance: 'log', ...options });
  const { consumers } = succeeded(t, response, 'listConsumers');
  return Object.fromEntries(consumers.map(({ consumer, behind }) => [consumer, behind]));
}

/** How many events after a position match, by looking at each. */
async function matching(log, filter, afterPosition) {
  const { stream, where = [] } = filter;
  const inStream =
    stream === undefined ? [] : [{ field: 'stream_id', operator: 'eq', value: stream }];
  let count = 0;
  const conditions = [...inStream, ...where];
  for await (const _ of log.readAll({ instance: 'log', where: conditions, afterPosition })) {
    count += 1;
  }
  return count;
}

test('as many events as match are counted, wherever the consumer stands', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  await fill(log, 'log', 10_000);
  for (const position of [0, 1, 4_095, 4_096, 4_097, 8_200, 9_999, 10_000]) {
    const expected = {};
    for (const [consumer, filter] of Object.entries(FILTERS)) {
      await consumerAt(t, log, consumer, filter, position);
      expected[consumer] = await matching(log, filter, position);
    }
    t.is(expected.every, 10_000 - position);
    t.deepEqual(await behindOf(t, log), expected, `after ${position}`);
  }
  for (const [consumer, filter] of Object.entries(FILTERS)) {
    await consumerAt(t, log, consumer, filter, 100);
  }
  const before = await behindOf(t, log);
  t.is(before['some of few'], 2);
  t.is(before['a type'], 3_300);
  await log.close();
  log = await openAt(t, path);
  t.deepEqual(await behindOf(t, log), before);
  if (!inFiles) return;
  succeeded(t, await log.backup(`${path}.copy`), 'backup');
  t.deepEqual(await behindOf(t, await openAt(t, `${path}.copy`)), before);
});

test('it grows with what matches alone, and shrinks with what is acknowledged', async (t) => {
  const log = await openLog(t);
  const where = [eventType('wanted')];
  await appended(t, log, { instanceId: 'log', eventType: 'wanted', autoCreateInstance: true });
  const subscription = log.subscribe({ instance: 'log', consumer: 'mailer', where });
  const { value } = await subscription.next();
  t.deepEqual(await behindOf(t, log), { mailer: 1 });
  await fill(log, 'log', 30);
  await appended(t, log, { instanceId: 'log', eventType: 'wanted' });
  t.deepEqual(await behindOf(t, log), { mailer: 2 });
  await value.ack();
  t.deepEqual(await behindOf(t, log), { mailer: 1 });
  await (await subscription.next()).value.ack();
  t.deepEqual(await behindOf(t, log), { mailer: 0 });
  await subscription.return();
});

test('what the last subscription has asked for counts', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 30);
  const begin = async (filter) => {
    await consumerAt(t, log, 'mailer', filter, 0);
    return (await behindOf(t, log)).mailer;
  };
  t.is(await begin({ where: [eventType('third')] }), 10);
  t.is(await begin({ where: [eventType('other')] }), 20);
  t.is(await begin({ where: null, stream: null }), 30);
  t.is(await begin({ stream: 'stream 1' }), 5);
  // Another consumer of that name has not asked for anything yet.
  const deleted = await log.deleteConsumer({ instance: 'log', consumer: 'mailer' });
  succeeded(t, deleted, 'deleteConsumer');
  t.is(await begin({}), 30);
});
