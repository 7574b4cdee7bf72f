// Responses come in groups, one for each turn of the event loop, and calls share numbers that are
// given again: each response must still be its own call's, and nothing else may wait for them all.

import test from 'ava';

import { addon, run } from './support/child.mjs';
import { assertGapless, created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

/** More than any one group holds. */
const MANY = 2000;

const EVENT_KEYS = [
  'id',
  'instanceId',
  'stream_id',
  'event_type',
  'payload',
  'metadata',
  'timestamp',
  'sequence_number',
];

test('the keys of a response have one order', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const success = ['type', 'success', 'data', 'timestamp', 'requestId'];
  const remark = ['type', 'success', 'data', 'message', 'timestamp', 'requestId'];
  const failure = ['type', 'success', 'error', 'code', 'timestamp', 'requestId'];
  const event = { eventType: 'made' };
  const responses = [
    [success, await log.listInstances()],
    [success, await log.appendEvent({ instanceId: 'orders', ...event })],
    [remark, await log.appendEvent({ instanceId: 'orders', ...event, more: 1 })],
    [success, await log.appendEvents({ instanceId: 'orders', events: [event, event] })],
    [remark, await log.appendEvents({ instanceId: 'orders', events: [{ ...event, more: 1 }] })],
    [remark, await log.updateInstance('orders', { description: 'new', more: 1 })],
    [failure, await log.appendEvent({ instanceId: 'nobody', ...event })],
    [failure, await log.appendEvent({ instanceId: 'orders', eventType: 1n })],
  ];
  for (const [keys, response] of responses) {
    t.deepEqual(Object.keys(response), keys);
    const events = response.data?.events ?? [response.data?.event ?? []].flat();
    for (const one of events) t.deepEqual(Object.keys(one), EVENT_KEYS);
  }
});

test('a batch of no events is answered with none', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const response = await log.appendEvents({ instanceId: 'orders', events: [] });
  t.deepEqual(succeeded(t, response, 'appendEvents'), { events: [], count: 0 });
});

test('a batch is answered with what was stored, not with the objects that were given', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const payload = { when: new Date(0), left: undefined, items: [1, { deep: [-0] }] };
  const events = [
    { eventType: 'made', payload, metadata: { toJSON: () => ({ made: 'by toJSON' }) } },
    { eventType: 'made', payload: [payload] },
    { eventType: 'made' },
  ];
  const called = log.appendEvents({ instanceId: 'orders', events });
  payload.items[1].deep.push('later');
  events.pop();
  const answered = succeeded(t, await called, 'appendEvents').events;
  const first = { when: '1970-01-01T00:00:00.000Z', items: [1, { deep: [0] }] };
  t.deepEqual(
    answered.map((event) => [event.payload, event.metadata]),
    [
      [first, { made: 'by toJSON' }],
      [[first], {}],
      [{}, {}],
    ],
  );
  t.deepEqual(await eventsOf(t, log, 'orders'), answered);
  t.not(answered[0].payload, answered[1].payload[0]);
});

/** Calls of all kinds, as pairs of a promise and a test of its response. */
function mixedCalls(t, log, count) {
  const calls = [
    (n) => [
      log.appendEvent({ instanceId: 'orders', eventType: 'one', payload: { n } }),
      (response) => t.is(succeeded(t, response, 'appendEvent').event.payload.n, n),
    ],
    (n) => [
      log.appendEvents({
        instanceId: 'orders',
        events: [
          { eventType: 'first', payload: [n] },
          { eventType: 'second', metadata: { n } },
        ],
      }),
      (response) => {
        const { events } = succeeded(t, response, 'appendEvents');
        t.deepEqual([events[0].payload, events[1].metadata], [[n], { n }]);
      },
    ],
    (n) => [
      log.appendEvent({ instanceId: `nobody ${n}`, eventType: 'one' }),
      (response) =>
        failed(t, response, 'appendEvent', 'INSTANCE_NOT_FOUND', new RegExp(`nobody ${n}"`)),
    ],
    (n) => [
      log.appendEvent({ instanceId: 'orders', eventType: 'one', [`key ${n}`]: 1 }),
      (response) => {
        succeeded(t, response, 'appendEvent');
        t.regex(response.message, new RegExp(`"key ${n}"`));
      },
    ],
    (n) => [
      log.getInstance(`nobody ${n}`),
      (response) =>
        failed(t, response, 'getInstance', 'INSTANCE_NOT_FOUND', new RegExp(`nobody ${n}"`)),
    ],
    (n) => [
      log.getInstance(BigInt(n)),
      (response) => failed(t, response, 'getInstance', 'INVALID_ARGUMENT'),
    ],
    () => [
      log.getInstance('orders'),
      (response) => t.is(succeeded(t, response, 'getInstance').instance.name, 'orders'),
    ],
  ];
  return Array.from({ length: count }, (_, n) => calls[n % calls.length](n));
}

test('each response is its own call’s, whatever was in flight before', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  // Few calls, more than are kept room for, and few again.
  for (const count of [70, 7000, 70, 700]) {
    const calls = mixedCalls(t, log, count);
    const responses = await Promise.all(calls.map(([promise]) => promise));
    t.is(new Set(responses.map(({ requestId }) => requestId)).size, count);
    calls.forEach(([, check], n) => check(responses[n]));
  }
});

test('calls that are made between two responses get responses of their own', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  let made = 0;
  const lane = async () => {
    while (made < MANY) {
      const n = made;
      made += 1;
      const response = await log.appendEvent({
        instanceId: 'orders',
        eventType: 'made',
        payload: { n },
      });
      t.is(succeeded(t, response, 'appendEvent').event.payload.n, n);
    }
  };
  await Promise.all(Array.from({ length: 300 }, lane));
  const events = await eventsOf(t, log, 'orders');
  assertGapless(t, events);
  t.is(events.length, MANY);
});

test('the event loop turns between the responses to many calls', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  let turned = false;
  const append = () => log.appendEvent({ instanceId: 'orders', eventType: 'made' });
  const promises = Array.from({ length: MANY }, append);
  promises[0].then(() => setImmediate(() => (turned = true)));
  await promises.at(-1);
  t.true(turned);
});

test('a timer comes to its turn while appends follow each other without end', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const timer = { due: false };
  setTimeout(() => (timer.due = true), 1);
  const lane = async () => {
    while (!timer.due) {
      const response = await log.appendEvent({ instanceId: 'orders', eventType: 'made' });
      succeeded(t, response, 'appendEvent');
    }
  };
  await Promise.all(Array.from({ length: 1024 }, lane));
  assertGapless(t, await eventsOf(t, log, 'orders'));
});

test('a response has the time when it was made', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const before = new Date().toISOString();
  const append = () => log.appendEvent({ instanceId: 'orders', eventType: 'made' });
  const responses = await Promise.all(Array.from({ length: MANY }, append));
  const times = responses.map(({ timestamp }) => timestamp);
  const after = new Date().toISOString();
  t.deepEqual(times, times.toSorted());
  t.true(before <= times[0] && times.at(-1) <= after);
});

test('a listener that throws keeps no other response back', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1]);
    await log.createInstance('orders');
    let thrown = 0;
    process.on('unhandledRejection', () => (thrown += 1));
    const append = () => log.appendEvent({ instanceId: 'orders', eventType: 'made' });
    const promises = Array.from({ length: ${MANY} }, append);
    for (const promise of promises) promise.then(() => { throw new Error('on purpose'); });
    await Promise.all(promises);
    setImmediate(() => console.log(thrown));
  `;
  const ended = await run(t, source, { args: [path] });
  t.deepEqual(ended, { code: 0, signal: null, stdout: `${MANY}\n`, stderr: '' });
});

test('process.exit() between two groups of responses stores what was called', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1]);
    await log.createInstance('orders');
    const append = (n) => log.appendEvent({ instanceId: 'orders', eventType: 'made', payload: { n } });
    const promises = Array.from({ length: ${MANY} }, (_, n) => append(n));
    await promises[0];
    append(${MANY});
    process.exit(5);
  `;
  const ended = await run(t, source, { args: [path] });
  t.deepEqual(ended, { code: 5, signal: null, stdout: '', stderr: '' });
  const events = await eventsOf(t, await openAt(t, path), 'orders');
  t.deepEqual(
    events.map((event) => event.payload.n),
    Array.from({ length: MANY + 1 }, (_, n) => n),
  );
});
