// Trimming the first events of a stream: what is out is nowhere, and who stands before what is left of the stream is told.

import test from 'ava';

import { failsWith } from './support/reading.mjs';
import {
  appended,
  conditionFailed,
  failed,
  outrun,
  queried,
  succeeded,
} from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';
import {
  EVENTS,
  LEFT,
  LEFT_OF_A,
  filled,
  positionsOf,
  range,
  refusedAsTrimmed,
  statsOf,
  trimmed,
  trimmedStream,
} from './support/trimming.mjs';

test('events that are out are in no count or reading, also once the log is open again', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  await filled(t, log);
  const before = await statsOf(t, log);
  const { bytes, ...rest } = await trimmedStream(t, log, 'a', 5);
  t.deepEqual(rest, { firstSequence: 5, events: 4 });
  t.true(bytes > 0 && bytes < before.storedBytes);

  for (const close of [true, false]) {
    const { eventCount, streamCount, storedBytes, firstPosition } = await statsOf(t, log);
    t.deepEqual([eventCount, streamCount, firstPosition], [26, 3, 1]);
    t.is(storedBytes, before.storedBytes - bytes);
    t.deepEqual(await positionsOf(log.readAll({ instance: 'log' })), LEFT);
    const backward = log.readAll({ instance: 'log', direction: 'backward' });
    t.deepEqual(await positionsOf(backward), LEFT.toReversed());
    const ofA = { instance: 'log', stream: 'a' };
    t.deepEqual(await positionsOf(log.readStream(ofA)), LEFT_OF_A);
    const back = log.readStream({ ...ofA, direction: 'backward' });
    t.deepEqual(await positionsOf(back), LEFT_OF_A.toReversed());

    const { streams } = succeeded(t, await log.listStreams({ instance: 'log' }), 'listStreams');
    const listed = streams.map((stream) => [
      stream.stream_id,
      stream.firstSequence,
      stream.sequence_number,
    ]);
    t.deepEqual(listed, [
      ['a', 5, 13],
      ['b', 1, 14],
      ['old', 1, 3],
    ]);
    const report = succeeded(t, await log.verify(), 'verify');
    t.deepEqual(
      [report.intact, report.events, report.streams, report.bytes, report.problems],
      [true, 26, 3, storedBytes, []],
    );
    if (close) {
      await log.close();
      log = await openAt(t, path);
    }
  }
});

test('queries find what is left, whichever way they take', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  await trimmedStream(t, log, 'a', 5);
  const from = { instance: 'log' };
  const numbers = async (query) => {
    const { events, total } = await queried(t, log, query);
    return [events.map(({ payload }) => payload.n), total];
  };
  const ofA = { instance: 'log', stream: 'a' };
  t.deepEqual(await numbers({ from }), [LEFT, 26]);
  t.deepEqual(await numbers({ from, offset: 3, limit: 4 }), [[4, 6, 8, 10], 26]);
  const newest = { field: 'timestamp', direction: 'desc' };
  t.deepEqual(await numbers({ from, orderBy: newest, offset: 18, limit: 4 }), [[12, 10, 8, 6], 26]);
  t.deepEqual(await numbers({ from: ofA }), [LEFT_OF_A, 9]);
  t.deepEqual(await numbers({ from: ofA, offset: 1, limit: 2 }), [[15, 17], 9]);
  const last = { field: 'sequence_number', direction: 'desc' };
  t.deepEqual(await numbers({ from: ofA, orderBy: last, offset: 8, limit: 3 }), [[13], 9]);
  t.deepEqual(await numbers({ from, where: [{ field: 'n', operator: 'lt', value: 9 }] }), [
    [1, 2, 3, 4, 6, 8],
    6,
  ]);
  const types = { type: 'count', groupBy: ['event_type'] };
  const { aggregation } = await queried(t, log, { from, reduce: types });
  t.deepEqual(aggregation, [
    { event_type: 'early', count: 7 },
    { event_type: 'late', count: 19 },
  ]);
  const where = [{ field: 'event_type', operator: 'eq', value: 'early' }];
  for (const [query, count] of [
    [{ from }, 26],
    [{ from: ofA }, 9],
    [{ from, where }, 7],
  ]) {
    const counted = await queried(t, log, { ...query, reduce: { type: 'count' } });
    t.is(counted.aggregation, count);
  }
});

test('numbers go on, and the instance begins where the first event is left', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  t.like(await trimmedStream(t, log, 'b', 2), { firstSequence: 2, events: 1 });
  t.is((await statsOf(t, log)).firstPosition, 1);
  t.like(await trimmedStream(t, log, 'old', 4), { firstSequence: 4, events: 3 });
  // What was out between is out before all others now.
  t.is((await statsOf(t, log)).firstPosition, 5);
  const { streams } = succeeded(t, await log.listStreams({ instance: 'log' }), 'listStreams');
  t.deepEqual(
    streams.map((stream) => [stream.stream_id, stream.firstSequence]),
    [
      ['a', 1],
      ['b', 2],
    ],
  );
  const event = { instanceId: 'log', streamId: 'old', eventType: 'again', expectedSequence: 3 };
  t.is((await appended(t, log, event)).sequence_number, 4);
  t.like(await trimmed(t, log, 10), { firstPosition: 10, events: 5 });
  await trimmedStream(t, log, 'a', 14);
  await trimmedStream(t, log, 'b', 15);
  t.like(await statsOf(t, log), { eventCount: 1, firstPosition: 31, streamCount: 1 });
  await trimmedStream(t, log, 'old', 5);
  t.like(await statsOf(t, log), { eventCount: 0, firstPosition: 32, storedBytes: 0 });
  const report = succeeded(t, await log.verify(), 'verify');
  t.deepEqual([report.intact, report.events, report.problems], [true, 0, []]);
});

test('a trim of the instance counts what was out already once', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const before = await statsOf(t, log);
  const stream = await trimmedStream(t, log, 'a', 5);
  const rest = await trimmed(t, log, 11);
  t.like(rest, { firstPosition: 12, events: 7 });
  const { eventCount, storedBytes } = await statsOf(t, log);
  t.deepEqual([eventCount, storedBytes], [19, before.storedBytes - stream.bytes - rest.bytes]);
  const report = succeeded(t, await log.verify(), 'verify');
  t.deepEqual([report.intact, report.bytes], [true, storedBytes]);
});

test('who stands before what is left of the stream is told where that is', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  await trimmedStream(t, log, 'a', 5);
  const ofA = { instance: 'log', stream: 'a' };
  for (const fromSequence of [1, 4]) {
    const reader = log.readStream({ ...ofA, fromSequence });
    const error = await failsWith(t, reader, 'TRIMMED', /^fromSequence: expected at least 5, /);
    t.deepEqual(error.conflict, { firstSequence: 5 });
  }
  t.deepEqual(await positionsOf(log.readStream({ ...ofA, fromSequence: 5 })), LEFT_OF_A);
  const firstOf = async (subscription) => {
    const { value } = await subscription.next();
    await subscription.return();
    return value.position;
  };
  for (const afterPosition of [0, 10]) {
    const pattern = /^afterPosition: expected at least 11, .* number 5 /;
    const reader = log.subscribe({ ...ofA, afterPosition });
    const error = await failsWith(t, reader, 'TRIMMED', pattern);
    t.deepEqual(error.conflict, { firstSequence: 5 });
  }
  t.is(await firstOf(log.subscribe({ ...ofA, afterPosition: 11 })), 13);
  t.is(await firstOf(log.subscribe(ofA)), 13);
  t.is(await firstOf(log.subscribe({ ...ofA, consumer: 'new' })), 13);
  // Others pass over it, unless they say otherwise.
  const after = (afterPosition, more) =>
    positionsOf(log.readAll({ instance: 'log', afterPosition, limit: 3, ...more }));
  t.deepEqual(await after(6), [8, 10, 12]);
  t.is(await firstOf(log.subscribe({ instance: 'log', afterPosition: 8 })), 10);
  const whole = log.readAll({ instance: 'log', afterPosition: 10, whole: true });
  await failsWith(t, whole, 'TRIMMED', /^afterPosition: expected at least 11, .* found 10$/);
  t.deepEqual(await after(11, { whole: true }), [12, 13, 14]);
  await failsWith(t, log.readAll({ instance: 'log', whole: true }), 'TRIMMED', /./);
});

test('a reading that is under way is told if it is of the stream, and goes on if not', async (t) => {
  const log = await openLog(t);
  const events = Array.from({ length: 2000 }, (_, n) => ({
    streamId: n % 2 === 0 ? 'a' : 'b',
    eventType: 'made',
    payload: { n },
  }));
  await log.strict.appendEvents({ instanceId: 'log', autoCreateInstance: true, events });
  const ofA = { instance: 'log', stream: 'a' };
  const told = [
    log.readStream(ofA),
    log.readStream({ ...ofA, fromSequence: 2 }),
    log.subscribe(ofA),
    log.readAll({ instance: 'log', whole: true }),
  ];
  const where = [{ field: 'n', operator: 'gte', value: 0 }];
  const passing = [log.readAll({ instance: 'log' }), log.readAll({ instance: 'log', where })];
  const late = log.readStream({ ...ofA, fromSequence: 900 });
  for (const reader of [...told, ...passing, late]) await reader.next();
  await trimmedStream(t, log, 'a', 800);
  for (const reader of told) {
    const error = await t.throwsAsync(positionsOf(reader));
    t.is(error.code, 'TRIMMED', error.message);
  }
  for (const reader of passing) {
    const positions = await positionsOf(reader);
    const left = positions.filter((position) => position > 1000);
    const isLeft = (position) => position % 2 === 0 || position >= 1599;
    // Those of the first pages were read before.
    t.deepEqual(left, range(1001, 2000).filter(isLeft));
  }
  t.is((await positionsOf(late)).length, 100);
});

test('nothing goes that a consumer has not acknowledged, unless that is forced', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const mailer = { instance: 'log', consumer: 'mailer' };
  const subscription = log.subscribe({ ...mailer, onFailed: 'park' });
  for (let position = 1; position <= 8; position += 1) {
    const { value: event } = await subscription.next();
    if (position === 5 || position === 6) await event.nack(new Error('not now'));
    else await event.ack();
  }
  await subscription.return();
  const trim = (beforeSequence) => log.trimStream({ instance: 'log', stream: 'a', beforeSequence });
  const held = outrun(t, await trim(5), 'trimStream', /"mailer".*position 11, found it at 8/);
  t.deepEqual(held, { consumer: 'mailer', position: 11, actual: 8 });
  outrun(t, await trim(2), 'trimStream', /found it at 4/);
  // What it has parked of other streams is in nobody's way.
  const positions = [5];
  succeeded(t, await log.discardParked({ ...mailer, positions }), 'discardParked');
  t.like(await trimmedStream(t, log, 'a', 3), { events: 2 });
  t.like(await trimmedStream(t, log, 'b', 4, { force: true }), { firstSequence: 4, events: 3 });
  t.like(await trimmedStream(t, log, 'a', 6, { force: true }), { events: 3 });
  const { consumers } = succeeded(t, await log.listConsumers({ instance: 'log' }), 'listConsumers');
  t.like(consumers, [{ position: 8, behind: 19, parked: 0 }]);
  const again = log.subscribe(mailer);
  t.is((await again.next()).value.position, 10);
  await again.return();

  const ofB = { instance: 'log', consumer: 'b', stream: 'b' };
  const other = log.subscribe(ofB);
  const first = (await other.next()).value;
  t.is(first.position, 10);
  await first.ack();
  await other.return();
  await trimmedStream(t, log, 'b', 8, { force: true });
  const error = await failsWith(t, log.subscribe(ofB), 'TRIMMED', /"b" at 10: reset it/);
  t.deepEqual(error.conflict, { firstSequence: 8 });
  succeeded(
    t,
    await log.resetConsumer({ ...mailer, consumer: 'b', position: 16 }),
    'resetConsumer',
  );
  const reset = log.subscribe(ofB);
  t.is((await reset.next()).value.position, 18);
  await reset.return();
});

test('keys are used once, and guards that cannot be tested are refused', async (t) => {
  const log = await openLog(t);
  const event = { instanceId: 'log', eventType: 'x', autoCreateInstance: true };
  await appended(t, log, { ...event, streamId: 'b' });
  const keyed = { ...event, streamId: 'a', idempotencyKey: 'k' };
  await appended(t, log, keyed);
  const many = {
    instanceId: 'log',
    idempotencyKey: 'many',
    events: ['b', 'a'].map((streamId) => ({ streamId, eventType: 'x', payload: { n: 7 } })),
  };
  succeeded(t, await log.appendEvents(many), 'appendEvents');
  await filled(t, log, 20);
  await trimmedStream(t, log, 'a', 3);
  refusedAsTrimmed(t, await log.appendEvent(keyed), 'appendEvent', /"k".* position 2: it was/);
  refusedAsTrimmed(t, await log.appendEvents(many), 'appendEvents', /"many".* position 4: it was/);

  const where = [{ field: 'payload.n', operator: 'eq', value: 7 }];
  const guarded = (failIf) => log.appendEvent({ ...event, streamId: 'c', failIf });
  const refused = await guarded({ where, afterPosition: 3 });
  refusedAsTrimmed(
    t,
    refused,
    'appendEvent',
    /^failIf.afterPosition: expected at least 4, .*found 3/,
  );
  const none = [{ field: 'payload.n', operator: 'eq', value: 700 }];
  succeeded(t, await guarded({ where: none, afterPosition: 4 }), 'appendEvent');
  // The one that is out does not count; the other one does.
  const only = [...where, { field: 'stream_id', operator: 'eq', value: 'a' }];
  conditionFailed(t, await guarded({ where: only }), 'appendEvent', /position 11/);
  await trimmedStream(t, log, 'a', 6);
  succeeded(t, await guarded({ where: only }), 'appendEvent');
});

test('a projection goes on from its snapshot, and is told where it has none', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const sum = {
    instance: 'log',
    name: 'sum',
    snapshotEvery: 1,
    initial: 0,
    apply: (total, { payload }) => total + payload.n,
  };
  const all = (EVENTS * (EVENTS + 1)) / 2;
  t.is((await log.project(sum)).state, all);
  await trimmedStream(t, log, 'a', 5);
  await appended(t, log, { instanceId: 'log', eventType: 'x', payload: { n: 1000 } });
  t.is((await log.project(sum)).state, all + 1000);
  for (const more of [{ version: 2 }, { version: 3, stream: 'a' }]) {
    const error = await t.throwsAsync(log.project({ ...sum, ...more }));
    t.is(error.code, 'TRIMMED', error.message);
  }
  const decision = { instance: 'log', initial: 0, apply: (count) => count + 1 };
  const decide = (stream) =>
    log.decide({ ...decision, stream, decide: () => ({ eventType: 'y' }) });
  t.is((await t.throwsAsync(decide('a'))).code, 'TRIMMED');
  t.is((await decide('b')).state, 15);
});

test('a trim that is not possible changes nothing', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const ofA = { instance: 'log', stream: 'a' };
  const cases = [
    [undefined, 'INVALID_ARGUMENT', /expected/],
    [{ instance: 'log', beforeSequence: 1 }, 'INVALID_ARGUMENT', /^stream: expected the id/],
    [ofA, 'INVALID_ARGUMENT', /^beforeSequence: expected a whole number/],
    [{ ...ofA, beforeSequence: 0 }, 'INVALID_ARGUMENT', /from 1 to 14, .*found 0/],
    [{ ...ofA, beforeSequence: 15 }, 'INVALID_ARGUMENT', /from 1 to 14, .*found 15/],
    [{ ...ofA, stream: 'none', beforeSequence: 2 }, 'INVALID_ARGUMENT', /from 1 to 1, .*found 2/],
    [{ ...ofA, beforeSequence: 5, force: 1 }, 'INVALID_ARGUMENT', /^force: /],
    [{ ...ofA, beforeSequense: 5 }, 'INVALID_ARGUMENT', /did you mean/],
    [{ ...ofA, instance: 'other', beforeSequence: 5 }, 'INSTANCE_NOT_FOUND', /"other"/],
    [{ ...ofA, beforeSequence: 5, signal: AbortSignal.abort() }, 'ABORTED', /./],
  ];
  for (const [options, code, pattern] of cases) {
    failed(t, await log.trimStream(options), 'trimStream', code, pattern);
  }
  t.is((await statsOf(t, log)).eventCount, EVENTS);
  await trimmedStream(t, log, 'a', 5);
  for (const before of [1, 5]) {
    const nothing = { firstSequence: 5, events: 0, bytes: 0 };
    t.deepEqual(await trimmedStream(t, log, 'a', before), nothing);
  }
  t.like(await trimmedStream(t, log, 'none', 1), { firstSequence: 1, events: 0 });
  const all = await Promise.all([
    trimmedStream(t, log, 'a', 9),
    trimmed(t, log, 15),
    trimmedStream(t, log, 'a', 7),
    trimmedStream(t, log, 'b', 10),
  ]);
  const left = await statsOf(t, log);
  t.is(
    all.reduce((sum, { events }) => sum + events, 0),
    26 - left.eventCount,
  );
  const report = succeeded(t, await log.verify(), 'verify');
  t.deepEqual([report.intact, report.bytes], [true, left.storedBytes]);
  await log.close();
  const late = await log.trimStream({ ...ofA, beforeSequence: 10 });
  failed(t, late, 'trimStream', 'CLOSED');
});
