import test from 'ava';

import { appended, created, eventsOf, failed, queried, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const IDENTIFIER_BYTES_MAX = 1024;

/** Text of exactly `bytes` bytes of UTF-8, of two- and four-byte characters. */
function ofBytes(bytes) {
  return '🦀'.repeat(Math.floor(bytes / 4)) + 'é'.repeat((bytes % 4) >> 1) + 'x'.repeat(bytes % 2);
}

const USES = {
  'a name': [(log, text) => log.createInstance(text), 'createInstance', /name/],
  'a new name': [
    (log, text) => log.updateInstance('orders', { name: text }),
    'updateInstance',
    /name/,
  ],
  'an instance made by an append': [
    (log, text) =>
      log.appendEvent({ instanceId: text, eventType: 'made', autoCreateInstance: true }),
    'appendEvent',
    /instanceId/,
  ],
  'a stream': [
    (log, text) => log.appendEvent({ instanceId: 'orders', streamId: text, eventType: 'made' }),
    'appendEvent',
    /streamId/,
  ],
  'a type': [
    (log, text) => log.appendEvent({ instanceId: 'orders', event_type: text }),
    'appendEvent',
    /event_type/,
  ],
  'a stream of a batch': [
    (log, text) =>
      log.appendEvents({ instanceId: 'orders', events: [{ stream_id: text, eventType: 'made' }] }),
    'appendEvents',
    /events\[0\]\.stream_id/,
  ],
};

for (const [name, [call, method, pattern]] of Object.entries(USES)) {
  test(`${name} may have 1,024 bytes of UTF-8 and not one more`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    const over = await call(log, ofBytes(IDENTIFIER_BYTES_MAX + 1));
    failed(t, over, method, 'LIMIT_EXCEEDED', pattern);
    t.regex(over.error, /1,?024/);
    t.deepEqual(await eventsOf(t, log, 'orders'), []);
    succeeded(t, await call(log, ofBytes(IDENTIFIER_BYTES_MAX)), method);
  });
}

test('identifiers that differ never become one', async (t) => {
  const log = await openLog(t);
  const names = [
    'a',
    'A',
    'a\0',
    '\0',
    '\0a',
    'a\0b',
    'a b',
    ' a',
    'a ',
    'é',
    'e\u0301',
    '🦀',
    '🦀\0',
    '\ufffd',
    '\ufeffa',
    'a\u200d',
    '__proto__',
    'constructor',
    '1',
    '01',
    '../a',
    "a'; --",
    '%00',
  ];
  const ids = new Set();
  for (const name of names) ids.add((await created(t, log, name)).id);
  t.is(ids.size, names.length);
  for (const [number, name] of names.entries()) {
    const event = { instanceId: name, streamId: name, eventType: name, payload: { number } };
    t.is((await appended(t, log, event)).sequence_number, 1);
  }
  await created(t, log, 'streams');
  for (const name of names) {
    const event = await appended(t, log, {
      instanceId: 'streams',
      streamId: name,
      eventType: name,
    });
    t.is(event.sequence_number, 1);
    t.is(event.stream_id, name);
    t.is(event.event_type, name);
  }
  for (const [number, name] of names.entries()) {
    const [event, ...more] = await eventsOf(t, log, name, name);
    t.deepEqual(more, []);
    t.is(event.payload.number, number);
    t.is((await eventsOf(t, log, 'streams', name)).length, 1);
    const where = [{ field: 'event_type', operator: 'eq', value: name }];
    const { events } = await queried(t, log, { from: { instance: 'streams' }, where });
    t.deepEqual(
      events.map((each) => each.stream_id),
      [name],
    );
  }
});

const LONE = ['\ud800', '\udc00', 'a\udbff', '\udfffb', '\ud800\ud800', '\udc00\ud800'];

for (const [name, [call, method, pattern]] of Object.entries(USES)) {
  test(`${name} with a lone surrogate, which UTF-8 cannot tell from another, is refused`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    for (const text of LONE) failed(t, await call(log, text), method, 'INVALID_ARGUMENT', pattern);
    t.deepEqual(await eventsOf(t, log, 'orders'), []);
    const { instances } = succeeded(t, await log.listInstances(), 'listInstances');
    t.is(instances.length, 1);
  });
}

test('an event over eventBytesMax is refused, one within it is stored', async (t) => {
  const log = await openLog(t, { eventBytesMax: 10_000 });
  await created(t, log, 'orders');
  const event = (length) => ({ eventType: 'made', payload: { text: 'x'.repeat(length) } });
  const over = await log.appendEvent({ instanceId: 'orders', ...event(10_001) });
  failed(t, over, 'appendEvent', 'LIMIT_EXCEEDED', /10,?000/);
  const batch = await log.appendEvents({
    instanceId: 'orders',
    events: [event(10), event(10_001)],
  });
  failed(t, batch, 'appendEvents', 'LIMIT_EXCEEDED', /events\[1\]/);
  const metadata = { text: 'x'.repeat(10_001) };
  const meta = await log.appendEvent({ instanceId: 'orders', eventType: 'made', metadata });
  failed(t, meta, 'appendEvent', 'LIMIT_EXCEEDED');
  t.deepEqual(await eventsOf(t, log, 'orders'), []);
  t.is((await appended(t, log, { instanceId: 'orders', ...event(9_000) })).sequence_number, 1);
});

test('eventBytesMax counts bytes of UTF-8, not characters', async (t) => {
  const log = await openLog(t, { eventBytesMax: 10_000 });
  await created(t, log, 'orders');
  const event = { instanceId: 'orders', eventType: 'made', payload: { text: 'é'.repeat(5_001) } };
  failed(t, await log.appendEvent(event), 'appendEvent', 'LIMIT_EXCEEDED');
});

test('an event of 16 MiB and more is over the default limit, one of 15 MiB is not', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const event = (bytes) => ({
    instanceId: 'orders',
    eventType: 'made',
    payload: { text: 'x'.repeat(bytes) },
  });
  failed(t, await log.appendEvent(event(16 * 2 ** 20)), 'appendEvent', 'LIMIT_EXCEEDED');
  await appended(t, log, event(15 * 2 ** 20));
  const [{ payload }] = await eventsOf(t, log, 'orders');
  t.is(payload.text.length, 15 * 2 ** 20);
});

test('more queued bytes than queuedBytesMax are OVERLOADED, until the queue is shorter', async (t) => {
  const log = await openLog(t, { queuedBytesMax: 100_000 });
  await created(t, log, 'orders');
  const event = { instanceId: 'orders', eventType: 'made', payload: { text: 'x'.repeat(10_000) } };
  const responses = await Promise.all(Array.from({ length: 500 }, () => log.appendEvent(event)));
  const granted = responses.filter((response) => response.success);
  const overloaded = responses.filter((response) => !response.success);
  t.true(granted.length >= 1);
  t.true(overloaded.length >= 1);
  for (const response of overloaded) failed(t, response, 'appendEvent', 'OVERLOADED', /queue/i);

  const next = await appended(t, log, event);
  t.is(next.sequence_number, granted.length + 1);
  t.is((await eventsOf(t, log, 'orders')).length, granted.length + 1);
});

test('a batch of more than 100,000 events is LIMIT_EXCEEDED', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const events = new Array(100_001).fill({ eventType: 'made' });
  const response = await log.appendEvents({ instanceId: 'orders', events });
  failed(t, response, 'appendEvents', 'LIMIT_EXCEEDED', /100,?000/);
  t.deepEqual(await eventsOf(t, log, 'orders'), []);
});

test('whoever awaits each call is never OVERLOADED, however small queuedBytesMax is', async (t) => {
  const log = await openLog(t, { queuedBytesMax: 400 });
  await created(t, log, 'orders');
  // More than half of the limit: two of them would not fit.
  const event = { instanceId: 'orders', eventType: 'made', payload: { text: 'x'.repeat(200) } };
  for (let number = 1; number <= 2000; number += 1) {
    const response = await log.appendEvent(event);
    if (!response.success) t.fail(`append ${number}: ${response.code}: ${response.error}`);
  }
  const stats = succeeded(t, await log.getInstanceStats('orders'), 'getInstanceStats');
  t.is(stats.eventCount, 2000);
});

test('a call that is larger than queuedBytesMax is LIMIT_EXCEEDED, as it never fits', async (t) => {
  const log = await openLog(t, { queuedBytesMax: 400 });
  await created(t, log, 'orders');
  const event = { eventType: 'made', payload: { text: 'x'.repeat(400) } };
  const single = await log.appendEvent({ instanceId: 'orders', ...event });
  failed(t, single, 'appendEvent', 'LIMIT_EXCEEDED', /\b400\b.*queuedBytesMax/);
  const batch = await log.appendEvents({ instanceId: 'orders', events: [event] });
  failed(t, batch, 'appendEvents', 'LIMIT_EXCEEDED', /\b400\b.*queuedBytesMax/);
  t.deepEqual(await eventsOf(t, log, 'orders'), []);
});

test('a batch whose response would be more than one string holds is LIMIT_EXCEEDED', async (t) => {
  const log = await openLog(t);
  // Each NUL of the id is six characters of JSON, once for each event of the response.
  const response = await log.appendEvents({
    instanceId: '\0'.repeat(IDENTIFIER_BYTES_MAX),
    autoCreateInstance: true,
    events: new Array(100_000).fill({ eventType: 'made' }),
  });
  failed(t, response, 'appendEvents', 'LIMIT_EXCEEDED', /^events: .*response/);
  t.deepEqual(succeeded(t, await log.listInstances(), 'listInstances').instances, []);
});

const DESCRIPTION_BYTES_MAX = 65_536;

const DESCRIBED = {
  createInstance: (log, description) => log.createInstance('new', description),
  updateInstance: (log, description) => log.updateInstance('orders', { description }),
};

for (const [method, call] of Object.entries(DESCRIBED)) {
  test(`${method} takes a description of 65,536 bytes of UTF-8 and not one more`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    const { instances } = succeeded(t, await log.listInstances(), 'listInstances');
    for (const text of [
      'x'.repeat(DESCRIPTION_BYTES_MAX + 1),
      ofBytes(DESCRIPTION_BYTES_MAX + 1),
      'é'.repeat(DESCRIPTION_BYTES_MAX / 2 + 1),
    ]) {
      const over = await call(log, text);
      failed(t, over, method, 'LIMIT_EXCEEDED', /description: .*65,?536/);
    }
    const after = succeeded(t, await log.listInstances(), 'listInstances');
    t.deepEqual(after.instances, instances);

    const description = ofBytes(DESCRIPTION_BYTES_MAX);
    t.is(Buffer.byteLength(description), DESCRIPTION_BYTES_MAX);
    t.is(succeeded(t, await call(log, description), method).instance.description, description);
    const longest = 'x'.repeat(DESCRIPTION_BYTES_MAX);
    const response = await log.updateInstance('orders', { description: longest });
    t.is(succeeded(t, response, 'updateInstance').instance.description, longest);
  });
}
