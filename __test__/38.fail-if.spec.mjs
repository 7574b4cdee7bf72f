import test from 'ava';

import { addon, start } from './support/child.mjs';
import {
  appended,
  assertGapless,
  conditionFailed,
  created,
  eventsOf,
  failed,
  queried,
  succeeded,
} from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

async function openUsers(t) {
  const log = await openLog(t);
  await created(t, log, 'users');
  return log;
}

const is = (field, value) => ({ field, operator: 'eq', value });

const registered = (name) => ({
  instanceId: 'users',
  streamId: `user-${name}`,
  eventType: 'registered',
  payload: { name },
});

/** That nobody has registered with that name, after a position. */
const taken = (name, afterPosition) => ({
  where: [is('event_type', 'registered'), is('payload.name', name)],
  afterPosition,
});

test('an event is stored unless there is one that matches all conditions', async (t) => {
  const log = await openUsers(t);
  const register = (name, failIf = taken(name)) => log.appendEvent({ ...registered(name), failIf });
  const { event } = succeeded(t, await register('ada'), 'appendEvent');
  t.is(event.sequence_number, 1);
  succeeded(t, await register('grace'), 'appendEvent');
  const response = await register('ada');
  t.deepEqual(conditionFailed(t, response, 'appendEvent'), { position: 1 });
  t.is(
    response.error,
    'failIf: expected no event after position 0 that matches, found one at position 1: read what ' +
      'was appended since, and decide again',
  );
  t.deepEqual(conditionFailed(t, await register('grace'), 'appendEvent'), { position: 2 });
  // One of two conditions is not enough.
  const where = [is('event_type', 'left'), is('payload.name', 'ada')];
  succeeded(t, await register('ada', { where }), 'appendEvent');
  t.is((await eventsOf(t, log, 'users')).length, 3);
});

test('events up to a position do not count', async (t) => {
  const log = await openUsers(t);
  for (const name of ['ada', 'grace', 'ada', 'ada']) await appended(t, log, registered(name));
  const append = (failIf) => log.appendEvent({ ...registered('x'), failIf });
  for (const [after, position] of [
    [0, 1],
    [1, 3],
    [2, 3],
    [3, 4],
  ]) {
    const found = conditionFailed(t, await append(taken('ada', after)), 'appendEvent');
    t.deepEqual(found, { position });
  }
  succeeded(t, await append(taken('ada', 4)), 'appendEvent');
  // No condition: any event matches. Its position is how many events there are.
  const { eventCount } = succeeded(t, await log.getInstanceStats('users'), 'getInstanceStats');
  t.is(eventCount, 5);
  const any = (afterPosition) => append({ where: [], afterPosition });
  t.deepEqual(conditionFailed(t, await any(4), 'appendEvent'), { position: 5 });
  succeeded(t, await any(5), 'appendEvent');
  // Nobody can know of an event that is not there.
  failed(
    t,
    await any(7),
    'appendEvent',
    'INVALID_ARGUMENT',
    /^failIf\.afterPosition: expected at most 6, the position of the instance's last event, found 7/,
  );
});

test('of several conditions none may be met, and the first that is is named', async (t) => {
  const log = await openUsers(t);
  await appended(t, log, registered('ada'));
  await appended(t, log, { ...registered('ada'), streamId: 'mail', eventType: 'confirmed' });
  const append = (...failIf) =>
    log.appendEvents({ instanceId: 'users', events: [{ eventType: 'x' }], failIf });
  const confirmed = { where: [is('stream_id', 'mail'), is('event_type', 'confirmed')] };
  const response = await append(taken('grace'), confirmed, taken('ada'));
  t.deepEqual(conditionFailed(t, response, 'appendEvents', /^failIf\[1\]: /), { position: 2 });
  succeeded(t, await append(taken('grace'), taken('ada', 1)), 'appendEvents');
  succeeded(t, await append(), 'appendEvents');
  t.is((await eventsOf(t, log, 'users')).length, 4);
});

test('a batch is stored whole or not at all, and its own events do not count', async (t) => {
  const log = await openUsers(t);
  const batch = {
    instanceId: 'users',
    events: ['ada', 'ada', 'grace'].map((name) => ({
      streamId: name,
      eventType: 'registered',
      payload: { name },
    })),
    failIf: [taken('ada'), taken('grace')],
  };
  t.is(succeeded(t, await log.appendEvents(batch), 'appendEvents').count, 3);
  t.deepEqual(conditionFailed(t, await log.appendEvents(batch), 'appendEvents'), { position: 1 });
  t.is((await eventsOf(t, log, 'users')).length, 3);
});

test('of calls with one condition that are made at once, one succeeds', async (t) => {
  const log = await openUsers(t);
  const names = ['ada', 'grace', 'mary'];
  const calls = Array.from({ length: 90 }, (_, n) => {
    const name = names[n % 3];
    return log.appendEvent({ ...registered(name), failIf: taken(name, 0) });
  });
  const responses = await Promise.all(calls);
  for (const response of responses.slice(0, 3)) succeeded(t, response, 'appendEvent');
  for (const [n, response] of responses.slice(3).entries()) {
    t.deepEqual(conditionFailed(t, response, 'appendEvent'), { position: (n % 3) + 1 });
  }
  t.is((await eventsOf(t, log, 'users')).length, 3);
});

test('a key is looked at before conditions, and those before nothing is used', async (t) => {
  const log = await openUsers(t);
  const call = { ...registered('ada'), idempotencyKey: 'request 1', failIf: taken('ada') };
  const { event } = succeeded(t, await log.appendEvent(call), 'appendEvent');
  t.deepEqual(succeeded(t, await log.appendEvent(call), 'appendEvent'), { event, duplicate: true });
  const other = { ...call, idempotencyKey: 'request 2' };
  conditionFailed(t, await log.appendEvent(other), 'appendEvent');
  // What was refused has used neither its key nor a number.
  const stored = await log.appendEvent({ ...other, failIf: undefined });
  t.is(succeeded(t, stored, 'appendEvent').event.sequence_number, 2);
  // A stream that stands elsewhere is found first.
  const both = { ...registered('ada'), expectedSequence: 0, failIf: taken('ada') };
  t.is((await log.appendEvent(both)).code, 'SEQUENCE_CONFLICT');
});

test('an instance that is yet to be made has no events', async (t) => {
  const log = await openLog(t);
  const call = { ...registered('ada'), autoCreateInstance: true };
  failed(
    t,
    await log.appendEvent({ ...call, failIf: taken('ada', 1) }),
    'appendEvent',
    'INVALID_ARGUMENT',
    /^failIf\.afterPosition: expected at most 0/,
  );
  failed(t, await log.getInstance('users'), 'getInstance', 'INSTANCE_NOT_FOUND');
  succeeded(t, await log.appendEvent({ ...call, failIf: taken('ada', 0) }), 'appendEvent');
  conditionFailed(t, await log.appendEvent({ ...call, failIf: taken('ada', 0) }), 'appendEvent');
});

test('a condition finds in many events what a query finds there', async (t) => {
  const log = await openUsers(t);
  const count = 30_000;
  const events = Array.from({ length: count }, (_, n) => ({
    streamId: `s${n % 97}`,
    eventType: n % 5 === 0 ? 'a' : 'b',
    payload: { n: n % 1_009, late: n === 25_555, text: `t${n % 7}` },
    timestamp: Date.UTC(2026, 0, 1) + n,
  }));
  for (let at = 0; at < count; at += 10_000) {
    const batch = { instanceId: 'users', events: events.slice(at, at + 10_000) };
    succeeded(t, await log.appendEvents(batch), 'appendEvents');
  }
  const wheres = [
    [is('event_type', 'a')],
    [is('event_type', 'none')],
    [is('stream_id', 's96'), is('event_type', 'a')],
    [is('payload.n', 1_008)],
    [is('payload.late', true)],
    [is('payload.text', 't6'), is('payload.n', 17)],
    [{ field: 'timestamp', operator: 'gte', value: new Date(Date.UTC(2026, 0, 1) + 20_000) }],
    [{ field: 'payload.n', operator: 'in', value: [5_000, 1_000] }],
  ];
  let matches = 0;
  for (const where of wheres) {
    const query = { from: { instance: 'users' }, where, select: ['timestamp'] };
    const found = (await queried(t, log, query)).events;
    const positions = found.map((one) => Date.parse(one.timestamp) - Date.UTC(2026, 0, 1) + 1);
    for (const afterPosition of [
      0, 1, 4_095, 4_096, 9_999, 20_001, 25_556, 29_000, 29_990, 30_000,
    ]) {
      const position = positions.find((one) => one > afterPosition);
      if (position === undefined) continue;
      matches += 1;
      const response = await log.appendEvent({
        ...registered('x'),
        failIf: { where, afterPosition },
      });
      t.deepEqual(conditionFailed(t, response, 'appendEvent'), { position });
    }
    const last = positions.at(-1) ?? 0;
    const failIf = { where, afterPosition: last };
    succeeded(
      t,
      await log.appendEvents({ instanceId: 'users', events: [], failIf }),
      'appendEvents',
    );
  }
  t.true(matches > 40);
});

test('conditions are understood whole, and never passed over', async (t) => {
  const log = await openUsers(t);
  const event = registered('ada');
  for (const [failIf, found] of [
    [true, /^failIf: expected an object with where and afterPosition, found true/],
    [{}, /^failIf\.where: expected an array of conditions, found nothing/],
    [{ where: {} }, /^failIf\.where: expected an array/],
    [{ where: [{ field: 'a', operator: 'eq' }] }, /^failIf\.where\[0\]\.value: /],
    [{ where: [{ field: 'a', operator: 'eq', value: NaN }] }, /^failIf\.where\[0\]\.value: .*NaN/],
    [
      [{ where: [{ field: 'a', operator: 'in', value: [1, undefined] }] }],
      /^failIf\[0\]\.where\[0\]\.value\[1\]: expected JSON, found undefined/,
    ],
    [{ where: [], limit: 1 }, /^failIf\.limit: unknown key, expected where or afterPosition$/],
    [{ where: [], afterPosition: 0.5 }, /^failIf\.afterPosition: expected a whole number from 0/],
  ]) {
    failed(
      t,
      await log.appendEvent({ ...event, failIf }),
      'appendEvent',
      'INVALID_ARGUMENT',
      found,
    );
    const batch = { instanceId: 'users', events: [event], failIf };
    failed(t, await log.appendEvents(batch), 'appendEvents', 'INVALID_ARGUMENT', found);
  }
  const misplaced = [{ eventType: 'registered', failIf: taken('ada') }];
  failed(
    t,
    await log.appendEvents({ instanceId: 'users', events: misplaced }),
    'appendEvents',
    'INVALID_ARGUMENT',
    /^events\[0\]\.failIf: expected nothing here; give `failIf` beside `events`/,
  );
  t.deepEqual(await eventsOf(t, log, 'users'), []);
});

/** Books seats of a hall by what has been booked, each at most once, until none is left. */
const seller = `
  import { EventLog } from '${addon}';
  const [path, seats] = process.argv.slice(1);
  const log = await EventLog.open(path);
  const unwrap = ({ success, data, error }) => { if (!success) throw new Error(error); return data; };
  let lost = 0;
  let sold = 0;
  for (;;) {
    // First the position, so that nothing after it can be missed.
    const { eventCount } = unwrap(await log.getInstanceStats('users'));
    const where = [{ field: 'event_type', operator: 'eq', value: 'booked' }];
    const { result } = unwrap(await log.queryEvents({ from: { instance: 'users' }, where }));
    const seat = result.total;
    if (seat >= Number(seats)) break;
    const { success, code, conflict, error } = await log.appendEvent({
      instanceId: 'users', streamId: 'customer-' + process.pid, eventType: 'booked',
      payload: { seat }, failIf: { where, afterPosition: eventCount },
    });
    if (success) sold += 1;
    else if (code === 'CONDITION_FAILED' && conflict.position > eventCount) lost += 1;
    else throw new Error(error);
  }
  await log.close();
  process.send({ lost, sold });
  process.disconnect();
`;

test('four processes that decide by a query over all streams sell no seat twice', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'users');
  const seats = 120;
  const children = Array.from({ length: 4 }, () => start(t, seller, { args: [path, `${seats}`] }));
  const reports = await Promise.all(children.map((child) => child.message()));
  for (const { ended } of children) {
    const { code, stderr } = await ended;
    t.is(code, 0, stderr);
  }
  const events = await eventsOf(t, log, 'users');
  t.deepEqual(
    events.map(({ payload }) => payload.seat),
    Array.from({ length: seats }, (_, seat) => seat),
  );
  t.is(
    reports.reduce((sum, { sold }) => sum + sold, 0),
    seats,
  );
  for (const stream of new Set(events.map((event) => event.stream_id))) {
    assertGapless(
      t,
      events.filter((event) => event.stream_id === stream),
    );
  }
  t.log(`lost: ${reports.map(({ lost }) => lost).join(', ')}`);
});
