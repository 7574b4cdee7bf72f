import test from 'ava';

import { addon, start } from './support/child.mjs';
import {
  appended,
  assertGapless,
  conflicted,
  created,
  eventsOf,
  failed,
  succeeded,
} from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

async function openOrders(t) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  return log;
}

const event = { instanceId: 'orders', streamId: 'order', eventType: 'made' };

test('an event is stored where its stream stands at the number that is expected', async (t) => {
  const log = await openOrders(t);
  t.is((await appended(t, log, { ...event, expectedSequence: 0 })).sequence_number, 1);
  t.is((await appended(t, log, { ...event, expectedSequence: 1 })).sequence_number, 2);
  t.is((await appended(t, log, { ...event, expectedSequence: 'exists' })).sequence_number, 3);
  // Streams that other events name, or none, are streams of their own.
  await appended(t, log, { ...event, streamId: 'other', expectedSequence: 0 });
  await appended(t, log, { instanceId: 'orders', eventType: 'made', expectedSequence: 0 });
});

test('elsewhere it is a conflict that says where the stream stands, and stores nothing', async (t) => {
  const log = await openOrders(t);
  await appended(t, log, event);
  await appended(t, log, event);
  for (const [streamId, expected, actual, found] of [
    ['order', 0, 2, /expected the stream "order" to have no events, found number 2 as its last: /],
    ['order', 1, 2, /to end with number 1, found number 2 as its last: /],
    ['order', 3, 2, /to end with number 3, found number 2 as its last: /],
    ['none', 1, 0, /to end with number 1, found no events: /],
    ['none', 'exists', 0, /to have events, found no events: /],
  ]) {
    const response = await log.appendEvent({ ...event, streamId, expectedSequence: expected });
    t.deepEqual(conflicted(t, response, 'appendEvent', found), {
      streamId,
      expected,
      actual,
    });
    t.regex(
      response.error,
      /^expectedSequence: .*: read what was appended since, and decide again$/,
    );
  }
  const events = await eventsOf(t, log, 'orders');
  t.is(events.length, 2);
  t.is((await appended(t, log, event)).sequence_number, 3);
});

test('of calls that expect the same, whatever they are committed with, one succeeds', async (t) => {
  const log = await openOrders(t);
  const calls = Array.from({ length: 50 }, (_, n) =>
    log.appendEvent({ ...event, payload: { n }, expectedSequence: 0 }),
  );
  const responses = await Promise.all(calls);
  const [first, ...others] = responses;
  t.is(succeeded(t, first, 'appendEvent').event.sequence_number, 1);
  for (const response of others) {
    const conflict = conflicted(t, response, 'appendEvent');
    t.deepEqual(conflict, { streamId: 'order', expected: 0, actual: 1 });
  }
  t.deepEqual(
    (await eventsOf(t, log, 'orders')).map(({ payload }) => payload.n),
    [0],
  );
});

test('calls that build on each other may be made at once', async (t) => {
  const log = await openOrders(t);
  const calls = Array.from({ length: 50 }, (_, n) =>
    log.appendEvent({ ...event, expectedSequence: n }),
  );
  for (const response of await Promise.all(calls)) succeeded(t, response, 'appendEvent');
  assertGapless(t, await eventsOf(t, log, 'orders'));
});

test('a batch expects something of any streams, before its own events', async (t) => {
  const log = await openOrders(t);
  await appended(t, log, { ...event, streamId: 'customer' });
  const batch = (expectedSequences) =>
    log.appendEvents({
      instanceId: 'orders',
      events: [
        { streamId: 'order', eventType: 'made' },
        { streamId: 'order', eventType: 'paid' },
        { streamId: 'stock', eventType: 'taken' },
      ],
      expectedSequences,
    });
  const conflict = async (expectedSequences, pattern) => {
    const response = await batch(expectedSequences);
    return conflicted(t, response, 'appendEvents', pattern);
  };
  // One that the batch does not append to.
  t.deepEqual(await conflict({ order: 0, customer: 2 }, /^expectedSequences\["customer"\]: /), {
    streamId: 'customer',
    expected: 2,
    actual: 1,
  });
  t.deepEqual(await conflict({ stock: 'exists', customer: 2 }), {
    streamId: 'stock',
    expected: 'exists',
    actual: 0,
  });
  t.is((await eventsOf(t, log, 'orders')).length, 1);
  const { events } = succeeded(
    t,
    await batch({ order: 0, customer: 'exists', stock: 0 }),
    'appendEvents',
  );
  t.deepEqual(
    events.map((stored) => stored.sequence_number),
    [1, 2, 1],
  );
  t.deepEqual(await conflict({ order: 0 }), { streamId: 'order', expected: 0, actual: 2 });
  // Nothing is expected of any stream.
  succeeded(t, await batch({}), 'appendEvents');
});

test('an instance that is yet to be made has streams without events', async (t) => {
  const log = await openLog(t);
  const call = { ...event, autoCreateInstance: true };
  const response = await log.appendEvent({ ...call, expectedSequence: 1 });
  t.deepEqual(conflicted(t, response, 'appendEvent'), {
    streamId: 'order',
    expected: 1,
    actual: 0,
  });
  // A call that stores nothing makes no instance.
  failed(t, await log.getInstance('orders'), 'getInstance', 'INSTANCE_NOT_FOUND');
  await appended(t, log, { ...call, expectedSequence: 0 });
  // Which instance is meant is asked first.
  const unknown = await log.appendEvent({ ...event, instanceId: 'none', expectedSequence: 1 });
  failed(t, unknown, 'appendEvent', 'INSTANCE_NOT_FOUND');
});

test('what is expected is a whole number from 0 or "exists", and never passed over', async (t) => {
  const log = await openOrders(t);
  for (const expectedSequence of [-1, 0.5, 2 ** 53, '0', 'none', [], {}, true]) {
    const response = await log.appendEvent({ ...event, expectedSequence });
    failed(
      t,
      response,
      'appendEvent',
      'INVALID_ARGUMENT',
      /^expectedSequence: expected the number/,
    );
  }
  const batch = (more) =>
    log.appendEvents({ instanceId: 'orders', events: [{ eventType: 'made' }], ...more });
  const refused = async (response, pattern) =>
    failed(t, await response, 'appendEvents', 'INVALID_ARGUMENT', pattern);
  await refused(
    batch({ expectedSequences: 3 }),
    /^expectedSequences: expected an object, found a number/,
  );
  await refused(
    batch({ expectedSequences: [1] }),
    /^expectedSequences: expected an object, found an array/,
  );
  await refused(
    batch({ expectedSequences: { a: '1' } }),
    /^expectedSequences\["a"\]: expected the number/,
  );
  await refused(
    batch({ expectedSequences: { '': 1 } }),
    /^expectedSequences\[""\]: expected a string that is not empty/,
  );
  // In the wrong place it would guard nothing.
  await refused(
    batch({ expectedSequence: 0 }),
    /^expectedSequence: expected nothing here; give `expectedSequences/,
  );
  await refused(
    log.appendEvents({
      instanceId: 'orders',
      events: [{ eventType: 'made', expectedSequence: 0 }],
    }),
    /^events\[0\]\.expectedSequence: expected nothing here; give `expectedSequences/,
  );
  failed(
    t,
    await log.appendEvent({ ...event, expectedSequences: { order: 0 } }),
    'appendEvent',
    'INVALID_ARGUMENT',
    /^expectedSequences: expected nothing here; give `expectedSequence`/,
  );
  t.deepEqual(await eventsOf(t, log, 'orders'), []);
});

test('ids of streams are compared to the last code unit, whatever they are', async (t) => {
  const log = await openOrders(t);
  const ids = ['__proto__', 'a\n"\\', 'é', 'e\u0301', '😀', 'constructor', '\0'];
  for (const streamId of ids) {
    await appended(t, log, { ...event, streamId, expectedSequence: 0 });
    const response = await log.appendEvents({
      instanceId: 'orders',
      events: [],
      expectedSequences: Object.fromEntries([[streamId, 5]]),
    });
    const conflict = conflicted(t, response, 'appendEvents');
    t.deepEqual(conflict, { streamId, expected: 5, actual: 1 });
  }
});

/** Adds one to a counter, as often as it is asked to, by reading it and expecting it to stand there. */
const counter = `
  import { EventLog } from '${addon}';
  const [path, count] = process.argv.slice(1);
  const log = await EventLog.open(path);
  const from = { instance: 'orders', stream: 'counter' };
  const orderBy = { field: 'sequence_number', direction: 'desc' };
  let conflicts = 0;
  for (let done = 0; done < Number(count);) {
    const { data } = await log.queryEvents({ from, orderBy, limit: 1 });
    const [last] = data.result.events;
    const { success, code, error } = await log.appendEvent({
      instanceId: 'orders', streamId: 'counter', eventType: 'counted',
      payload: { value: (last?.payload.value ?? 0) + 1 },
      expectedSequence: last?.sequence_number ?? 0,
    });
    if (success) done += 1;
    else if (code === 'SEQUENCE_CONFLICT') conflicts += 1;
    else throw new Error(code + ': ' + error);
  }
  await log.close();
  process.send({ conflicts });
  process.disconnect();
`;

test('four processes that read, add one and append lose no update', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const [processes, count] = [4, 40];
  const children = Array.from({ length: processes }, () =>
    start(t, counter, { args: [path, String(count)] }),
  );
  const reports = await Promise.all(children.map((child) => child.message()));
  for (const { ended } of children) {
    const { code, stderr } = await ended;
    t.is(code, 0, stderr);
  }
  const events = await eventsOf(t, log, 'orders', 'counter');
  t.is(events.length, processes * count);
  for (const { payload, sequence_number } of events) t.is(payload.value, sequence_number);
  t.log(`conflicts: ${reports.map(({ conflicts }) => conflicts).join(', ')}`);
});
