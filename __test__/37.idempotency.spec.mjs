import { once } from 'node:events';

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
import { exportText, imported, refused } from './support/transfer.mjs';

async function openOrders(t) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  return log;
}

const call = {
  instanceId: 'orders',
  streamId: 'order',
  eventType: 'made',
  payload: { items: 2, price: '1.50' },
  metadata: { by: 'Ada' },
  idempotencyKey: 'request 1',
};

const batch = {
  instanceId: 'orders',
  idempotencyKey: 'request 2',
  events: [
    { streamId: 'order', eventType: 'made', payload: { n: 1 } },
    { streamId: 'stock', eventType: 'taken', payload: { n: 2 }, metadata: [1] },
    { streamId: 'order', eventType: 'paid' },
  ],
};

const mismatched = async (t, response, method, pattern) =>
  failed(t, await response, method, 'IDEMPOTENCY_MISMATCH', pattern);

test('a call that is made again is answered with the event that was stored', async (t) => {
  const log = await openOrders(t);
  const { event, ...rest } = succeeded(t, await log.appendEvent(call), 'appendEvent');
  t.deepEqual(rest, {});
  t.is(event.sequence_number, 1);
  await appended(t, log, { instanceId: 'orders', streamId: 'order', eventType: 'paid' });
  for (let again = 0; again < 2; again += 1) {
    const data = succeeded(t, await log.appendEvent(call), 'appendEvent');
    t.deepEqual(data, { event, duplicate: true });
  }
  t.is((await eventsOf(t, log, 'orders')).length, 2);
  t.deepEqual(Object.keys(event).sort(), [
    'event_type',
    'id',
    'instanceId',
    'metadata',
    'payload',
    'sequence_number',
    'stream_id',
    'timestamp',
  ]);
});

test('a batch has one key, and is answered with its events in their order', async (t) => {
  const log = await openOrders(t);
  const first = succeeded(t, await log.appendEvents(batch), 'appendEvents');
  t.is(first.duplicate, undefined);
  await log.appendEvents({ instanceId: 'orders', events: batch.events });
  const again = succeeded(t, await log.appendEvents(batch), 'appendEvents');
  t.deepEqual(again, { ...first, duplicate: true });
  t.is((await eventsOf(t, log, 'orders')).length, 6);
  // A batch of one is the same as one event.
  const one = succeeded(t, await log.appendEvent(call), 'appendEvent');
  const { instanceId, idempotencyKey, ...event } = call;
  const many = await log.appendEvents({ instanceId, idempotencyKey, events: [event] });
  t.deepEqual(succeeded(t, many, 'appendEvents'), {
    events: [one.event],
    count: 1,
    duplicate: true,
  });
});

test('a key with other content is a mismatch that says what differs, and stores nothing', async (t) => {
  const log = await openOrders(t);
  const timestamp = '2026-01-31T12:00:00.000Z';
  await appended(t, log, { ...call, timestamp });
  for (const [change, key] of [
    [{ streamId: 'other' }, 'streamId'],
    [{ eventType: 'paid' }, 'eventType'],
    [{ payload: { items: 3, price: '1.50' } }, 'payload'],
    // The JSON text counts, and with it the order of keys.
    [{ payload: { price: '1.50', items: 2 } }, 'payload'],
    [{ payload: undefined }, 'payload'],
    [{ metadata: {} }, 'metadata'],
    [{ timestamp: '2026-01-31T12:00:00.001Z' }, 'timestamp'],
  ]) {
    const found = new RegExp(
      `^idempotencyKey: expected the call that the key "request 1" was first given with, found ` +
        `one whose ${key} differs: `,
    );
    await mismatched(t, log.appendEvent({ ...call, ...change }), 'appendEvent', found);
  }
  // A time that is not given, or is the same in another form, is no difference.
  for (const same of [{}, { timestamp }, { timestamp: new Date(timestamp) }]) {
    t.true(succeeded(t, await log.appendEvent({ ...call, ...same }), 'appendEvent').duplicate);
  }
  t.is((await eventsOf(t, log, 'orders')).length, 1);

  succeeded(t, await log.appendEvents(batch), 'appendEvents');
  const [a, b, c] = batch.events;
  for (const [events, found] of [
    [[a, b], /found 2 events where it had 3: /],
    [[a, b, c, c], /found 4 events where it had 3: /],
    [[a], /found one event where it had 3: /],
    [[a, c, b], /found one whose events\[1\]\.streamId differs: /],
    [[a, b, { ...c, eventType: 'lost' }], /found one whose events\[2\]\.eventType differs: /],
    [[a, { ...b, metadata: [2] }, c], /found one whose events\[1\]\.metadata differs: /],
  ]) {
    await mismatched(t, log.appendEvents({ ...batch, events }), 'appendEvents', found);
  }
  await mismatched(
    t,
    log.appendEvent({ ...call, idempotencyKey: 'request 2' }),
    'appendEvent',
    /found one event where it had 3: /,
  );
  t.is((await eventsOf(t, log, 'orders')).length, 4);
});

test('the key is looked at before what is expected of streams', async (t) => {
  const log = await openOrders(t);
  const guarded = { ...call, expectedSequence: 0 };
  const { event } = succeeded(t, await log.appendEvent(guarded), 'appendEvent');
  t.deepEqual(succeeded(t, await log.appendEvent(guarded), 'appendEvent'), {
    event,
    duplicate: true,
  });
  const other = { ...guarded, idempotencyKey: 'another' };
  conflicted(t, await log.appendEvent(other), 'appendEvent');
  // What was refused has not used its key.
  const { event: stored } = succeeded(
    t,
    await log.appendEvent({ ...other, eventType: 'paid', expectedSequence: 1 }),
    'appendEvent',
  );
  t.is(stored.sequence_number, 2);
});

test('of equal calls that are made at once one stores, and all tell of the same event', async (t) => {
  const log = await openOrders(t);
  const responses = await Promise.all(Array.from({ length: 50 }, () => log.appendEvent(call)));
  const all = responses.map((response) => succeeded(t, response, 'appendEvent'));
  t.is(all.filter(({ duplicate }) => duplicate !== true).length, 1);
  t.is(all[0].duplicate, undefined);
  for (const { event } of all) t.deepEqual(event, all[0].event);
  t.is((await eventsOf(t, log, 'orders')).length, 1);
});

test('a key is the own of an instance, and gone with it', async (t) => {
  const log = await openLog(t);
  for (const instanceId of ['a', 'b']) {
    const made = { ...call, instanceId, autoCreateInstance: true };
    const { event } = succeeded(t, await log.appendEvent(made), 'appendEvent');
    t.deepEqual(succeeded(t, await log.appendEvent(made), 'appendEvent'), {
      event,
      duplicate: true,
    });
  }
  succeeded(t, await log.deleteInstance('a'), 'deleteInstance');
  const anew = { ...call, instanceId: 'a', autoCreateInstance: true, payload: { items: 9 } };
  t.is(succeeded(t, await log.appendEvent(anew), 'appendEvent').duplicate, undefined);
});

test('a key is a string of 1 to 256 bytes, beside the events of a batch', async (t) => {
  const log = await openOrders(t);
  for (const [idempotencyKey, code, found] of [
    ['', 'INVALID_ARGUMENT', /^idempotencyKey: expected a string that is not empty, found ""/],
    [7, 'INVALID_ARGUMENT', /^idempotencyKey: expected a string, found 7/],
    ['\ud800', 'INVALID_ARGUMENT', /^idempotencyKey: .*, found a lone surrogate/],
    ['x'.repeat(257), 'LIMIT_EXCEEDED', /^idempotencyKey: expected at most 256 bytes/],
    ['é'.repeat(129), 'LIMIT_EXCEEDED', /^idempotencyKey: .* of UTF-8, found 258/],
  ]) {
    const one = await log.appendEvent({ ...call, idempotencyKey });
    failed(t, one, 'appendEvent', code, found);
    const many = await log.appendEvents({ ...batch, idempotencyKey });
    failed(t, many, 'appendEvents', code, found);
  }
  const [event] = batch.events;
  const misplaced = { ...batch, events: [event, { ...event, idempotencyKey: 'a' }] };
  failed(
    t,
    await log.appendEvents(misplaced),
    'appendEvents',
    'INVALID_ARGUMENT',
    /^events\[1\]\.idempotencyKey: expected nothing here; give `idempotencyKey` beside `events`/,
  );
  failed(
    t,
    await log.appendEvents({ ...batch, events: [] }),
    'appendEvents',
    'INVALID_ARGUMENT',
    /^events: expected one or more events in a call with an idempotencyKey, found none/,
  );
  t.is((await eventsOf(t, log, 'orders')).length, 0);
  // Those that differ in one code unit are different keys.
  const keys = ['é'.repeat(128), 'x'.repeat(256), 'e\u0301', '\0', '"\\\n', '__proto__', '😀'];
  for (const idempotencyKey of keys) await appended(t, log, { ...call, idempotencyKey });
  for (const idempotencyKey of keys) {
    const { duplicate } = succeeded(
      t,
      await log.appendEvent({ ...call, idempotencyKey }),
      'appendEvent',
    );
    t.true(duplicate);
  }
  assertGapless(t, await eventsOf(t, log, 'orders'));
});

test('keys survive closing, and go with an export to a copy', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const first = succeeded(t, await log.appendEvents(batch), 'appendEvents');
  const { event } = succeeded(t, await log.appendEvent(call), 'appendEvent');
  await log.close();

  const reopened = await openAt(t, path);
  const copy = await openLog(t);
  const lines = await exportText(reopened);
  await imported(t, copy, [lines]);
  for (const one of [reopened, copy]) {
    const again = succeeded(t, await one.appendEvents(batch), 'appendEvents');
    t.deepEqual(again, { ...first, duplicate: true });
    const { data } = await one.appendEvent(call);
    t.deepEqual(data, { event, duplicate: true });
  }
  t.is(await exportText(copy), lines);
  t.regex(lines, /,"sequence_number":1,"idempotency":\{"key":"request 2","events":3\}\}\n/);
  t.regex(lines, /,"idempotency":\{"key":"request 1","events":1\}\}\n/);

  // A copy of which a part of the call is missing does not have it.
  const cut = await openLog(t);
  const begun = lines.split('\n').slice(0, 4).join('\n');
  await imported(t, cut, [`${begun}\n{"end":{"instances":1,"events":2}}\n`]);
  await mismatched(
    t,
    cut.appendEvents(batch),
    'appendEvents',
    /3 events of which the log has only 2: /,
  );

  // What lines say of keys is compared, and no two events have the same one.
  await refused(
    t,
    copy,
    [lines.replace('"key":"request 1"', '"key":"request 3"')],
    'IMPORT_CONFLICT',
    /found one whose idempotency differs/,
  );
  const twice = lines.replace('"key":"request 1"', '"key":"request 2"');
  for (const size of [twice.length, 300]) {
    const fresh = await openLog(t);
    const chunks = Array.from({ length: Math.ceil(twice.length / size) }, (_, n) =>
      twice.slice(n * size, (n + 1) * size),
    );
    await refused(
      t,
      fresh,
      chunks,
      'INVALID_ARGUMENT',
      /^line 6: idempotency\.key: expected a key that no event before it has, found "request 2"/,
    );
  }
  for (const [value, found] of [
    ['7', /idempotency: expected an object, found a number/],
    ['{"key":"a"}', /idempotency\.events: expected a whole number from 1, found nothing/],
    ['{"key":"a","events":0}', /idempotency\.events: expected a whole number from 1, found 0/],
    ['{"key":"","events":1}', /idempotency\.key: expected a string that is not empty/],
    ['{"key":"a","events":1,"more":1}', /idempotency: unknown key "more"/],
  ]) {
    const wrong = lines.replace('{"key":"request 1","events":1}', value);
    await refused(t, await openLog(t), [wrong], 'INVALID_ARGUMENT', found);
  }
});

/** Appends under one key after the other, and tells what it hears. */
const caller = `
  import { EventLog } from '${addon}';
  const [path, stream, count] = process.argv.slice(1);
  const log = await EventLog.open(path);
  const stored = [];
  for (let n = 0; n < Number(count); n += 1) {
    const { success, data, error } = await log.appendEvent({
      instanceId: 'orders', streamId: stream, eventType: 'made',
      payload: { n }, idempotencyKey: 'request ' + n,
    });
    if (!success) throw new Error(error);
    process.send({ n, id: data.event.id, duplicate: data.duplicate === true });
  }
  await log.close();
  process.disconnect();
`;

test('calls of a process that was killed are made again, and each is stored once', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const told = new Map();
  for (const acknowledged of [1, 7, 30]) {
    const { child, message } = start(t, caller, { args: [path, 'order', '1000000'] });
    for (let count = 0; count < acknowledged; count += 1) {
      const { n, id } = await message();
      told.set(n, told.get(n) ?? id);
      t.is(told.get(n), id);
    }
    child.kill('SIGKILL');
    await once(child, 'close');
    const begun = Math.max(...told.keys()) + 3;
    for (let n = 0; n < begun; n += 1) {
      const { event, duplicate } = succeeded(
        t,
        await log.appendEvent({
          instanceId: 'orders',
          streamId: 'order',
          eventType: 'made',
          payload: { n },
          idempotencyKey: `request ${n}`,
        }),
        'appendEvent',
      );
      if (told.has(n)) {
        t.true(duplicate);
        t.is(event.id, told.get(n));
      }
      told.set(n, event.id);
    }
  }
  const events = await eventsOf(t, log, 'orders');
  assertGapless(t, events);
  t.deepEqual(
    events.map(({ payload }) => payload.n),
    events.map((_, index) => index),
  );
});

test('of processes that make the same calls one stores each, and all hear of the same events', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const count = 150;
  const children = [0, 1].map(() => start(t, caller, { args: [path, 'order', String(count)] }));
  const heard = await Promise.all(
    children.map(async ({ message }) => {
      const all = [];
      while (all.length < count) all.push(await message());
      return all;
    }),
  );
  for (const { ended } of children) t.is((await ended).code, 0);
  const events = await eventsOf(t, log, 'orders');
  assertGapless(t, events);
  t.is(events.length, count);
  for (let n = 0; n < count; n += 1) {
    const both = heard.map((all) => all[n]);
    t.is(both.filter(({ duplicate }) => !duplicate).length, 1);
    for (const { id } of both) t.is(id, events[n].id);
  }
});
