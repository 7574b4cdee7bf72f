import test from 'ava';

import { appended, created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

async function openOrders(t) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  return log;
}

function shown(value) {
  if (Object.is(value, -0)) return '-0';
  return `${value instanceof Date ? 'Date ' : ''}${JSON.stringify(value)}`;
}

const GIVEN = [
  ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z'],
  ['2026-01-31T12:00Z', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31T14:00:00+02:00', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31T00:30:00.250-05:30', '2026-01-31T06:00:00.250Z'],
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
  ['0000-01-01T00:00:00.000Z', '0000-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['2024-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
  [new Date(1_767_225_600_123), '2026-01-01T00:00:00.123Z'],
  [1_767_225_600_123, '2026-01-01T00:00:00.123Z'],
  [0, '1970-01-01T00:00:00.000Z'],
  [-0, '1970-01-01T00:00:00.000Z'],
  [-1, '1969-12-31T23:59:59.999Z'],
];

for (const [given, stored] of GIVEN) {
  test(`the timestamp ${shown(given)} is taken`, async (t) => {
    const log = await openOrders(t);
    const event = await appended(t, log, {
      instanceId: 'orders',
      eventType: 'made',
      timestamp: given,
    });
    t.is(event.timestamp, stored);
    t.is((await eventsOf(t, log, 'orders'))[0].timestamp, stored);
  });
}

const REFUSED = [
  'now',
  '2026-01-31T12:00:00',
  '2026-01-31 12:00:00Z',
  '2026-02-30T12:00:00Z',
  '2026-13-01',
  '2026-1-1',
  '2026-01-31T12:00:60Z',
  '2016-12-31T23:59:60Z',
  '2026-01-31t12:00:00Z',
  '2026-01-31T12:00:00z',
  '+010000-01-01T00:00:00.000Z',
  '1767225600123',
  8.64e15,
  -8.64e15,
  1e300,
  new Date(8.64e15),
];

for (const given of REFUSED) {
  test(`the timestamp ${shown(given)} is refused`, async (t) => {
    const log = await openOrders(t);
    const response = await log.appendEvent({
      instanceId: 'orders',
      eventType: 'made',
      timestamp: given,
    });
    failed(t, response, 'appendEvent', 'INVALID_ARGUMENT', /timestamp: expected .*ISO 8601/);
    t.deepEqual(await eventsOf(t, log, 'orders'), []);
  });
}

const FINER = [
  ['2026-01-31T12:00:00.123456Z', '2026-01-31T12:00:00.123Z'],
  ['2026-01-31T12:00:00.9999Z', '2026-01-31T12:00:00.999Z'],
  ['1969-12-31T23:59:59.9985Z', '1969-12-31T23:59:59.998Z'],
  [1.5, '1970-01-01T00:00:00.001Z'],
];

for (const [given, stored] of FINER) {
  test(`the timestamp ${shown(given)} is cut to milliseconds, with a remark`, async (t) => {
    const log = await openOrders(t);
    const made = { eventType: 'made' };
    const finer = { ...made, timestamp: given };
    const single = await log.appendEvent({ instanceId: 'orders', ...finer });
    t.is(succeeded(t, single, 'appendEvent').event.timestamp, stored);
    t.regex(single.message, /^timestamp\b.*milliseconds/);

    const batch = await log.appendEvents({ instanceId: 'orders', events: [made, finer] });
    t.is(succeeded(t, batch, 'appendEvents').events[1].timestamp, stored);
    t.regex(batch.message, /^events\[1\]\.timestamp\b.*milliseconds/);

    const times = (await eventsOf(t, log, 'orders')).map((event) => event.timestamp);
    t.deepEqual([times[0], times[2]], [stored, stored]);
  });
}

test('zeros below the millisecond are no finer time, and leave no remark', async (t) => {
  const log = await openOrders(t);
  const timestamp = '2026-01-31T12:00:00.123000Z';
  const response = await log.appendEvent({ instanceId: 'orders', eventType: 'made', timestamp });
  t.is(succeeded(t, response, 'appendEvent').event.timestamp, '2026-01-31T12:00:00.123Z');
  t.false('message' in response);
});

test('a Date of another realm is a Date', async (t) => {
  const { runInNewContext } = await import('node:vm');
  const log = await openOrders(t);
  const timestamp = runInNewContext('new Date(1767225600123)');
  const event = await appended(t, log, { instanceId: 'orders', eventType: 'made', timestamp });
  t.is(event.timestamp, '2026-01-01T00:00:00.123Z');
});

test('timestamps that are given may run backwards, and append order stays', async (t) => {
  const log = await openOrders(t);
  for (const timestamp of [3000, 1000, 2000]) {
    await appended(t, log, { instanceId: 'orders', eventType: 'made', timestamp });
  }
  t.deepEqual(
    (await eventsOf(t, log, 'orders')).map((event) => Date.parse(event.timestamp)),
    [3000, 1000, 2000],
  );
});

test('timestamps that the log makes never run backwards', async (t) => {
  const log = await openOrders(t);
  await Promise.all(
    Array.from({ length: 500 }, (_, number) =>
      log.appendEvent({ instanceId: 'orders', streamId: `${number % 5}`, eventType: 'made' }),
    ),
  );
  const events = await eventsOf(t, log, 'orders');
  t.is(events.length, 500);
  for (const [index, event] of events.entries()) {
    t.true(index === 0 || event.timestamp >= events[index - 1].timestamp);
  }
});

test('the events of a batch that are given no time are of one time or later ones', async (t) => {
  const log = await openOrders(t);
  const events = Array.from({ length: 100 }, () => ({ eventType: 'made' }));
  const response = await log.appendEvents({ instanceId: 'orders', events });
  const times = succeeded(t, response, 'appendEvents').events.map((event) => event.timestamp);
  t.deepEqual(times, [...times].sort());
});

test('a time made by the log is not before the last one made, across a reopening', async (t) => {
  const path = await temporaryPath(t);
  const first = await openAt(t, path);
  await created(t, first, 'orders');
  const before = await appended(t, first, { instanceId: 'orders', eventType: 'made' });
  await first.close();
  const second = await openAt(t, path);
  const after = await appended(t, second, { instanceId: 'orders', eventType: 'made' });
  t.true(after.timestamp >= before.timestamp);
});
