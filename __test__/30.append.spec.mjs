import test from 'ava';

import {
  appended,
  assertGapless,
  created,
  eventsOf,
  failed,
  succeeded,
} from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
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

async function openOrders(t) {
  const log = await openLog(t);
  const { id } = await created(t, log, 'orders');
  return { log, id };
}

test('a success has its data and no error', async (t) => {
  const { log } = await openOrders(t);
  const before = new Date().toISOString();
  const response = await log.appendEvent({ instanceId: 'orders', eventType: 'made' });
  const after = new Date().toISOString();
  t.deepEqual(Object.keys(response).sort(), ['data', 'requestId', 'success', 'timestamp', 'type']);
  t.is(response.type, 'eventLog.appendEvent');
  t.is(response.success, true);
  t.deepEqual(Object.keys(response.data), ['event']);
  t.true(before <= response.timestamp && response.timestamp <= after);
});

test('a failure has its error and no data', async (t) => {
  const { log } = await openOrders(t);
  const response = await log.appendEvent({ instanceId: 'nobody', eventType: 'made' });
  const keys = ['code', 'error', 'requestId', 'success', 'timestamp', 'type'];
  t.deepEqual(Object.keys(response).sort(), keys);
  t.is(response.success, false);
  t.is(response.type, 'eventLog.appendEvent');
  t.is(response.code, 'INSTANCE_NOT_FOUND');
});

test('each call has a requestId of its own', async (t) => {
  const { log } = await openOrders(t);
  const calls = [];
  for (let count = 0; count < 50; count += 1) {
    calls.push(log.appendEvent({ instanceId: 'orders', eventType: 'made' }));
    calls.push(log.appendEvent({ instanceId: 'orders' }));
    calls.push(log.listInstances());
  }
  const ids = (await Promise.all(calls)).map((response) => response.requestId);
  t.is(new Set(ids).size, 150);
});

test('an event has these eight keys', async (t) => {
  const { log, id } = await openOrders(t);
  const event = await appended(t, log, {
    instanceId: 'orders',
    streamId: 'order-1',
    eventType: 'made',
    payload: { total: 59.98 },
    metadata: { by: 'test' },
    timestamp: '2026-01-31T12:00:00.000Z',
  });
  t.deepEqual(Object.keys(event).sort(), [...EVENT_KEYS].sort());
  t.regex(event.id, UUID_V7);
  t.deepEqual(
    { ...event, id: undefined },
    {
      id: undefined,
      instanceId: id,
      stream_id: 'order-1',
      event_type: 'made',
      payload: { total: 59.98 },
      metadata: { by: 'test' },
      timestamp: '2026-01-31T12:00:00.000Z',
      sequence_number: 1,
    },
  );
  t.deepEqual(await eventsOf(t, log, 'orders'), [event]);
});

test('what is left out has its default', async (t) => {
  const { log } = await openOrders(t);
  const before = new Date().toISOString();
  const event = await appended(t, log, { instanceId: 'orders', eventType: 'made' });
  const after = new Date().toISOString();
  t.is(event.stream_id, 'default');
  t.deepEqual(event.payload, {});
  t.deepEqual(event.metadata, {});
  t.true(before <= event.timestamp && event.timestamp <= after);
});

test('undefined means left out', async (t) => {
  const { log } = await openOrders(t);
  const event = await appended(t, log, {
    instanceId: 'orders',
    streamId: undefined,
    stream_id: undefined,
    eventType: 'made',
    event_type: undefined,
    payload: undefined,
    metadata: undefined,
    timestamp: undefined,
    autoCreateInstance: undefined,
    paylod: undefined,
  });
  t.is(event.stream_id, 'default');
  t.deepEqual([event.payload, event.metadata], [{}, {}]);
});

test('both spellings are taken', async (t) => {
  const { log } = await openOrders(t);
  for (const params of [
    { streamId: 'a', eventType: 'made' },
    { stream_id: 'a', event_type: 'made' },
    { streamId: 'a', event_type: 'made' },
    { stream_id: 'a', streamId: 'a', event_type: 'made', eventType: 'made' },
  ]) {
    const event = await appended(t, log, { instanceId: 'orders', ...params });
    t.is(event.stream_id, 'a');
    t.is(event.event_type, 'made');
  }
  assertGapless(t, await eventsOf(t, log, 'orders', 'a'));
});

test('both spellings with different values are refused', async (t) => {
  const { log } = await openOrders(t);
  const conflicts = [
    [{ streamId: 'a', stream_id: 'b', eventType: 'made' }, /streamId[^]*stream_id/],
    [{ eventType: 'made', event_type: 'paid' }, /eventType[^]*event_type/],
  ];
  for (const [params, pattern] of conflicts) {
    const response = await log.appendEvent({ instanceId: 'orders', ...params });
    failed(t, response, 'appendEvent', 'INVALID_ARGUMENT', pattern);
  }
  t.deepEqual(await eventsOf(t, log, 'orders'), []);
});

test('keys that are not known are named in the message', async (t) => {
  const { log } = await openOrders(t);
  const response = await log.appendEvent({
    instanceId: 'orders',
    eventType: 'made',
    priority: 3,
    severity: 'low',
  });
  t.deepEqual(succeeded(t, response, 'appendEvent').event.payload, {});
  t.regex(response.message, /severity/);
  t.regex(response.message, /priority/);
});

test('keys that are known leave no message', async (t) => {
  const { log } = await openOrders(t);
  const response = await log.appendEvent({
    instanceId: 'orders',
    streamId: 'a',
    eventType: 'made',
    payload: { paylod: 1 },
    metadata: { priority: 2 },
    timestamp: 0,
    autoCreateInstance: true,
  });
  succeeded(t, response, 'appendEvent');
  t.false('message' in response);
});

test('payload and metadata may be arrays', async (t) => {
  const { log } = await openOrders(t);
  const event = await appended(t, log, {
    instanceId: 'orders',
    eventType: 'made',
    payload: [1, 'two', null],
    metadata: [],
  });
  t.deepEqual(event.payload, [1, 'two', null]);
  t.deepEqual(event.metadata, []);
});

test('sequence numbers are 1, 2, 3 within each stream, under concurrent promises', async (t) => {
  const { log } = await openOrders(t);
  const appends = Array.from({ length: 600 }, (_, number) =>
    log.appendEvent({
      instanceId: 'orders',
      streamId: `stream ${number % 7}`,
      eventType: 'made',
      payload: { number },
    }),
  );
  const acknowledged = new Map();
  for (const response of await Promise.all(appends)) {
    const { event } = succeeded(t, response, 'appendEvent');
    acknowledged.set(event.id, event);
  }
  t.is(acknowledged.size, 600);
  for (let stream = 0; stream < 7; stream += 1) {
    const events = await eventsOf(t, log, 'orders', `stream ${stream}`);
    assertGapless(t, events);
    for (const event of events) t.deepEqual(event, acknowledged.get(event.id));
  }
  t.is((await eventsOf(t, log, 'orders')).length, 600);
});

test('events are stored in the order in which they were appended', async (t) => {
  const { log } = await openOrders(t);
  for (let number = 0; number < 100; number += 1) {
    log.appendEvent({ instanceId: 'orders', eventType: 'made', payload: { number } });
  }
  await appended(t, log, { instanceId: 'orders', eventType: 'made', payload: { number: 100 } });
  const events = await eventsOf(t, log, 'orders');
  t.deepEqual(
    events.map((event) => event.payload.number),
    Array.from({ length: 101 }, (_, number) => number),
  );
});

test('streams of one name in two instances have numbers of their own', async (t) => {
  const { log } = await openOrders(t);
  await created(t, log, 'users');
  for (const sequence of [1, 2, 3]) {
    for (const instanceId of ['orders', 'users']) {
      const event = await appended(t, log, { instanceId, streamId: 'a', eventType: 'made' });
      t.is(event.sequence_number, sequence);
    }
  }
});

test('an append that fails uses no number and leaves its neighbours alone', async (t) => {
  const { log } = await openOrders(t);
  const good = { instanceId: 'orders', eventType: 'made' };
  const bad = [
    { instanceId: 'orders' },
    { instanceId: 'nobody', eventType: 'made' },
    { instanceId: 'orders', eventType: 'made', payload: 'text' },
    { instanceId: 'orders', eventType: 'made', payload: { big: 1n } },
  ];
  const responses = await Promise.all(
    [good, bad[0], good, bad[1], good, bad[2], good, bad[3], good].map((params) =>
      log.appendEvent(params),
    ),
  );
  t.deepEqual(
    responses.map((response) => response.success),
    [true, false, true, false, true, false, true, false, true],
  );
  const events = await eventsOf(t, log, 'orders');
  t.is(events.length, 5);
  assertGapless(t, events);
});

test('event ids are UUIDv7 and unique', async (t) => {
  const { log } = await openOrders(t);
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(
      Array.from({ length: 40 }, () =>
        log.appendEvent({ instanceId: 'orders', eventType: 'made' }),
      ),
    );
  }
  const ids = (await eventsOf(t, log, 'orders')).map((event) => event.id);
  t.is(new Set(ids).size, 200);
  for (const id of ids) t.regex(id, UUID_V7);
});

test('a stored event never changes with the object that it was made from', async (t) => {
  const { log } = await openOrders(t);
  const payload = { items: [1, 2] };
  const appending = log.appendEvent({ instanceId: 'orders', eventType: 'made', payload });
  payload.items.push(3);
  payload.late = true;
  t.deepEqual((await appending).data.event.payload, { items: [1, 2] });
  t.deepEqual((await eventsOf(t, log, 'orders'))[0].payload, { items: [1, 2] });
});
