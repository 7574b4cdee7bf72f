// A log whose time the program says.

import test from 'ava';

import { EventLog } from '../index.mjs';
import { appended, created, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const NOON = Date.UTC(2026, 0, 31, 12);
const event = { instanceId: 'orders', eventType: 'made' };

/** A clock that a test moves. */
function clockAt(ms) {
  const clock = () => clock.now;
  clock.now = ms;
  return clock;
}

const iso = (ms) => new Date(ms).toISOString();

test('every time that the log stores is by its clock', async (t) => {
  const clock = clockAt(NOON);
  const log = await openLog(t, { clock });
  const instance = await created(t, log, 'orders');
  t.deepEqual([instance.createdAt, instance.updatedAt], [iso(NOON), iso(NOON)]);

  clock.now = NOON + 1_000;
  t.is((await appended(t, log, event)).timestamp, iso(NOON + 1_000));
  const events = [{ eventType: 'paid' }, { eventType: 'sent' }];
  const batch = await log.appendEvents({ instanceId: 'orders', events });
  const times = succeeded(t, batch, 'appendEvents').events.map(({ timestamp }) => timestamp);
  t.deepEqual(times, [iso(NOON + 1_000), iso(NOON + 1_000)]);

  clock.now = NOON + 2_000;
  const { data } = await log.updateInstance('orders', { description: 'text' });
  t.is(data.instance.updatedAt, iso(NOON + 2_000));

  clock.now = NOON + 3_000;
  for await (const first of log.subscribe({ instance: 'orders', consumer: 'c' })) {
    await first.ack();
    break;
  }
  const { consumers } = (await log.listConsumers({ instance: 'orders' })).data;
  t.is(consumers[0].timestamp, iso(NOON + 3_000));
  clock.now = NOON + 4_000;
  const reset = await log.resetConsumer({ instance: 'orders', consumer: 'c', position: 0 });
  t.is(reset.data.consumer.timestamp, iso(NOON + 4_000));
});

test('the clock is read at each call, in the order of the calls', async (t) => {
  let now = NOON;
  const log = await openLog(t, { clock: () => (now += 1) });
  await created(t, log, 'orders');
  const before = now;
  const calls = Array.from({ length: 10 }, () => log.appendEvent(event));
  t.is(now, before + 10);
  const times = (await Promise.all(calls)).map(({ data }) => Date.parse(data.event.timestamp));
  t.deepEqual(
    times,
    calls.map((_, n) => before + n + 1),
  );
});

test('timestamps never run backwards, where the clock does', async (t) => {
  const clock = clockAt(NOON);
  const log = await openLog(t, { clock });
  await created(t, log, 'orders');
  clock.now = NOON - 5_000;
  t.is((await appended(t, log, event)).timestamp, iso(NOON));
  const given = await appended(t, log, { ...event, timestamp: clock.now });
  t.is(given.timestamp, iso(NOON - 5_000));
});

test('another log of the same file has a clock of its own, or the system clock', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path, { clock: () => 0 });
  const other = await openAt(t, path);
  await created(t, log, 'epoch');
  const instance = await created(t, other, 'now');
  t.is((await appended(t, log, { ...event, instanceId: 'epoch' })).timestamp, iso(0));
  t.true(Date.parse(instance.createdAt) > NOON - 1e10);
});

test('a clock may give a fraction of a millisecond', async (t) => {
  const log = await openLog(t, { clock: () => NOON + 0.75 });
  t.is((await created(t, log, 'orders')).createdAt, iso(NOON));
});

test('what no clock can say fails the call, and stores nothing', async (t) => {
  let now = () => NOON;
  const log = await openLog(t, { clock: () => now() });
  await created(t, log, 'orders');
  for (const wrong of [NaN, Infinity, -1e15, 1e15, '0', null, undefined, 1n, new Date(), {}]) {
    now = () => wrong;
    const response = await log.appendEvent(event);
    failed(t, response, 'appendEvent', 'INVALID_ARGUMENT', /^options\.clock: expected epoch/);
  }
  now = () => {
    throw new Error('stopped');
  };
  const thrown = await log.appendEvent(event);
  failed(t, thrown, 'appendEvent', 'INVALID_ARGUMENT', /^options\.clock: it threw: stopped$/);
  now = () => NOON;
  t.is((await appended(t, log, event)).sequence_number, 1);
});

test('a clock is a function', async (t) => {
  const path = await temporaryPath(t);
  for (const clock of [0, 'now', {}, new Date()]) {
    const opening = EventLog.open(path, { clock });
    const message = /^options\.clock: expected a function, found /;
    await t.throwsAsync(opening, { code: 'INVALID_ARGUMENT', message });
  }
  await openAt(t, path, { clock: null });
});
