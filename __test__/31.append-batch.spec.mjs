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

async function openOrders(t) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  return log;
}

async function batch(t, log, events, more) {
  const response = await log.appendEvents({ instanceId: 'orders', events, ...more });
  return succeeded(t, response, 'appendEvents');
}

test('a batch answers with its events in the order given, and their count', async (t) => {
  const log = await openOrders(t);
  const data = await batch(t, log, [
    { streamId: 'b', eventType: 'first', payload: { n: 1 }, metadata: { m: 1 } },
    { stream_id: 'a', event_type: 'second', payload: [2], timestamp: 0 },
    { streamId: 'b', eventType: 'third' },
    { eventType: 'fourth' },
  ]);
  t.deepEqual(Object.keys(data).sort(), ['count', 'events']);
  t.is(data.count, 4);
  t.deepEqual(
    data.events.map((event) => [event.stream_id, event.event_type, event.sequence_number]),
    [
      ['b', 'first', 1],
      ['a', 'second', 1],
      ['b', 'third', 2],
      ['default', 'fourth', 1],
    ],
  );
  t.deepEqual(data.events[0].payload, { n: 1 });
  t.deepEqual(data.events[0].metadata, { m: 1 });
  t.deepEqual(data.events[1].payload, [2]);
  t.is(data.events[1].timestamp, '1970-01-01T00:00:00.000Z');
  t.deepEqual(data.events[3].payload, {});
  t.deepEqual(await eventsOf(t, log, 'orders'), data.events);
});

test('a batch and single appends share the numbers of a stream', async (t) => {
  const log = await openOrders(t);
  await appended(t, log, { instanceId: 'orders', eventType: 'made' });
  await batch(t, log, [{ eventType: 'made' }, { eventType: 'made' }]);
  const last = await appended(t, log, { instanceId: 'orders', eventType: 'made' });
  t.is(last.sequence_number, 4);
  assertGapless(t, await eventsOf(t, log, 'orders'));
});

test('an empty batch stores nothing', async (t) => {
  const log = await openOrders(t);
  t.deepEqual(await batch(t, log, []), { events: [], count: 0 });
  t.deepEqual(await eventsOf(t, log, 'orders'), []);
});

test('concurrent batches do not mix: each is contiguous in append order', async (t) => {
  const log = await openOrders(t);
  await Promise.all(
    Array.from({ length: 20 }, (_, number) =>
      batch(
        t,
        log,
        Array.from({ length: 10 }, () => ({ eventType: 'made', payload: { number } })),
      ),
    ),
  );
  const events = await eventsOf(t, log, 'orders');
  assertGapless(t, events);
  const owners = events.map((event) => event.payload.number);
  const runs = owners.filter((owner, index) => owner !== owners[index - 1]);
  t.is(events.length, 200);
  t.is(runs.length, 20);
});

const BAD_EVENTS = {
  'has no type': [{}, /events\[2\].*(eventType|event_type)/],
  'has a payload that is text': [{ eventType: 'made', payload: 'x' }, /events\[2\]\.payload/],
  'has metadata that is a number': [{ eventType: 'made', metadata: 1 }, /events\[2\]\.metadata/],
  'has a stream that is a number': [{ eventType: 'made', streamId: 1 }, /events\[2\]\.streamId/],
  'has an empty stream_id': [{ eventType: 'made', stream_id: '' }, /events\[2\]\.stream_id/],
  'has two types': [{ eventType: 'a', event_type: 'b' }, /events\[2\]/],
  'has a bad timestamp': [{ eventType: 'made', timestamp: 'soon' }, /events\[2\]\.timestamp/],
  'is null': [null, /events\[2\]/],
  'is text': ['made', /events\[2\]/],
  'is an array': [[], /events\[2\]/],
  'is undefined': [undefined, /events\[2\]/],
};

for (const [name, [event, pattern]] of Object.entries(BAD_EVENTS)) {
  test(`a batch of which one event ${name} is stored not at all`, async (t) => {
    const log = await openOrders(t);
    const good = { eventType: 'made' };
    const response = await log.appendEvents({
      instanceId: 'orders',
      events: [good, good, event, good],
    });
    failed(t, response, 'appendEvents', 'INVALID_ARGUMENT', pattern);
    t.deepEqual(await eventsOf(t, log, 'orders'), []);
    t.is((await appended(t, log, { instanceId: 'orders', ...good })).sequence_number, 1);
  });
}

for (const [name, events] of Object.entries({
  missing: undefined,
  null: null,
  'an object': { 0: { eventType: 'made' } },
  text: 'made',
})) {
  test(`a batch whose events are ${name} is refused`, async (t) => {
    const log = await openOrders(t);
    const response = await log.appendEvents({ instanceId: 'orders', events });
    failed(t, response, 'appendEvents', 'INVALID_ARGUMENT', /events: expected .*array/);
  });
}

test('a failed batch makes no instance', async (t) => {
  const log = await openOrders(t);
  const response = await log.appendEvents({
    instanceId: 'users',
    autoCreateInstance: true,
    events: [{ eventType: 'login' }, {}],
  });
  failed(t, response, 'appendEvents', 'INVALID_ARGUMENT');
  failed(t, await log.getInstance('users'), 'getInstance', 'INSTANCE_NOT_FOUND');
});

test('keys that are not known are named, of the batch and of its events', async (t) => {
  const log = await openOrders(t);
  const response = await log.appendEvents({
    instanceId: 'orders',
    priority: 3,
    events: [{ eventType: 'made' }, { eventType: 'made', severity: 'low' }],
  });
  t.is(succeeded(t, response, 'appendEvents').count, 2);
  t.regex(response.message, /"priority"/);
  t.regex(response.message, /"events\[1\]\.severity"/);
});

test('a batch may be large', async (t) => {
  const log = await openOrders(t);
  const count = 20_000;
  const { events } = await batch(
    t,
    log,
    Array.from({ length: count }, (_, number) => ({
      streamId: `stream ${number % 100}`,
      eventType: 'made',
      payload: { number },
    })),
  );
  t.is(events.length, count);
  const stats = succeeded(t, await log.getInstanceStats('orders'), 'getInstanceStats');
  t.is(stats.eventCount, count);
  t.is(stats.streamCount, 100);
  assertGapless(t, await eventsOf(t, log, 'orders', 'stream 42'));
});
