// Trimming the oldest events of an instance: what is out is nowhere, and who stands there is told.

import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';

import test from 'ava';

import { failsWith, fill } from './support/reading.mjs';
import { appended, failed, outrun, queried, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';
import { EVENTS, filled, refusedAsTrimmed, statsOf, trimmed } from './support/trimming.mjs';

const positionsOf = async (reader) => {
  const positions = [];
  for await (const { position } of reader) positions.push(position);
  return positions;
};

const range = (first, last) => Array.from({ length: last + 1 - first }, (_, at) => first + at);

test('events that are out are in no count, reading or query, also once the log is open again', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  await filled(t, log);
  const before = await statsOf(t, log);
  t.is(before.firstPosition, 1);
  const { bytes, ...rest } = await trimmed(t, log, 13);
  t.deepEqual(rest, { firstPosition: 13, events: 12 });
  t.true(bytes > 0 && bytes < before.storedBytes);

  for (const close of [true, false]) {
    const stats = await statsOf(t, log);
    const { eventCount, streamCount, storedBytes, firstPosition } = stats;
    t.deepEqual([eventCount, streamCount, firstPosition], [18, 2, 13]);
    t.is(storedBytes, before.storedBytes - bytes);
    t.deepEqual(await positionsOf(log.readAll({ instance: 'log' })), range(13, 30));
    const backward = log.readAll({ instance: 'log', direction: 'backward' });
    t.deepEqual(await positionsOf(backward), range(13, 30).toReversed());
    const odd = range(13, 30).filter((position) => position % 2 === 1);
    t.deepEqual(await positionsOf(log.readStream({ instance: 'log', stream: 'a' })), odd);
    t.deepEqual(await positionsOf(log.readStream({ instance: 'log', stream: 'old' })), []);

    const { streams } = succeeded(t, await log.listStreams({ instance: 'log' }), 'listStreams');
    const listed = streams.map((stream) => [
      stream.stream_id,
      stream.firstSequence,
      stream.sequence_number,
      stream.position,
    ]);
    t.deepEqual(listed, [
      ['a', 5, 13, 29],
      ['b', 6, 14, 30],
    ]);

    const report = succeeded(t, await log.verify(), 'verify');
    t.deepEqual(
      [report.intact, report.events, report.streams, report.bytes, report.problems],
      [true, 18, 2, storedBytes, []],
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
  await trimmed(t, log, 13);
  const from = { instance: 'log' };
  const numbers = async (query) => {
    const { events, total } = await queried(t, log, query);
    return [events.map(({ payload }) => payload.n), total];
  };
  const ofA = { instance: 'log', stream: 'a' };
  const odd = range(13, 30).filter((position) => position % 2 === 1);
  t.deepEqual(await numbers({ from }), [range(13, 30), 18]);
  t.deepEqual(await numbers({ from, offset: 2, limit: 3 }), [range(15, 17), 18]);
  const newest = { field: 'timestamp', direction: 'desc' };
  t.deepEqual(await numbers({ from, orderBy: newest, limit: 2 }), [[30, 29], 18]);
  t.deepEqual(await numbers({ from: ofA }), [odd, odd.length]);
  t.deepEqual(await numbers({ from: ofA, offset: 1, limit: 2 }), [[15, 17], odd.length]);
  const last = { field: 'sequence_number', direction: 'desc' };
  t.deepEqual(await numbers({ from: ofA, orderBy: last, offset: 1, limit: 1 }), [[27], 9]);
  t.deepEqual(await numbers({ from: { instance: 'log', stream: 'old' } }), [[], 0]);
  t.deepEqual(await numbers({ from, where: [{ field: 'n', operator: 'lt', value: 15 }] }), [
    [13, 14],
    2,
  ]);

  const counted = await queried(t, log, { from, reduce: { type: 'count' } });
  t.deepEqual([counted.aggregation, counted.total], [18, 18]);
  const types = { type: 'count', groupBy: ['event_type'] };
  const { aggregation } = await queried(t, log, { from, reduce: types });
  t.deepEqual(aggregation, [{ event_type: 'late', count: 18 }]);
  const ofStream = await queried(t, log, { from: ofA, reduce: { type: 'count' } });
  t.is(ofStream.aggregation, 9);
});

test('positions and numbers go on, also where no event is left', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  t.like(await trimmed(t, log, EVENTS + 1), { firstPosition: EVENTS + 1, events: EVENTS });
  const { eventCount, streamCount, storedBytes, firstPosition } = await statsOf(t, log);
  t.deepEqual([eventCount, streamCount, storedBytes, firstPosition], [0, 0, 0, EVENTS + 1]);
  t.deepEqual(await positionsOf(log.readAll({ instance: 'log' })), []);
  t.deepEqual((await queried(t, log, { from: { instance: 'log' } })).events, []);
  const { streams } = succeeded(t, await log.listStreams({ instance: 'log' }), 'listStreams');
  t.deepEqual(streams, []);

  const event = { instanceId: 'log', streamId: 'old', eventType: 'again', expectedSequence: 3 };
  t.is((await appended(t, log, event)).sequence_number, 4);
  t.deepEqual(await positionsOf(log.readAll({ instance: 'log' })), [EVENTS + 1]);
  const listed = succeeded(t, await log.listStreams({ instance: 'log' }), 'listStreams').streams;
  t.like(listed, [{ stream_id: 'old', firstSequence: 4, sequence_number: 4 }]);
  t.is((await statsOf(t, log)).streamCount, 1);
});

test('who stands before the first event is told where that is', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const late = log.readAll({ instance: 'log', afterPosition: 2 });
  const follower = log.subscribe({ instance: 'log' });
  t.is((await late.next()).value.position, 3);
  t.is((await follower.next()).value.position, 1);
  await Promise.all([late.return(), follower.return()]);
  await trimmed(t, log, 13);

  for (const afterPosition of [0, 11]) {
    for (const method of ['readAll', 'subscribe']) {
      const reader = log[method]({ instance: 'log', afterPosition });
      const pattern = /^afterPosition: expected at least 12, .*position 13 .*found/;
      const error = await failsWith(t, reader, 'TRIMMED', pattern);
      t.deepEqual(error.conflict, { firstPosition: 13 });
    }
  }
  t.deepEqual(
    await positionsOf(log.readAll({ instance: 'log', afterPosition: 12 })),
    range(13, 30),
  );
  for (const fromSequence of [1, 4]) {
    const reader = log.readStream({ instance: 'log', stream: 'a', fromSequence });
    const error = await failsWith(t, reader, 'TRIMMED', /^fromSequence: expected at least 5, /);
    t.deepEqual(error.conflict, { firstSequence: 5 });
  }
  const from5 = log.readStream({ instance: 'log', stream: 'a', fromSequence: 5, limit: 1 });
  t.deepEqual(await positionsOf(from5), [13]);

  const guarded = {
    instanceId: 'log',
    eventType: 'x',
    failIf: { where: [{ field: 'n', operator: 'eq', value: 1 }], afterPosition: 5 },
  };
  const conflict = refusedAsTrimmed(t, await log.appendEvent(guarded), 'appendEvent', /failIf/);
  t.deepEqual(conflict, { firstPosition: 13 });
  // What is out is not there for a guard that asks for all events.
  guarded.failIf = { where: [{ field: 'n', operator: 'eq', value: 1 }] };
  succeeded(t, await log.appendEvent(guarded), 'appendEvent');
});

test('a reading that is under way is told of what has gone before it came there', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 1000);
  const readers = [
    log.readAll({ instance: 'log' }),
    log.subscribe({ instance: 'log' }),
    log.readAll({
      instance: 'log',
      where: [{ field: 'sequence_number', operator: 'gt', value: 0 }],
    }),
  ];
  for (const reader of readers) t.is((await reader.next()).value.position, 1);
  await trimmed(t, log, 1001);
  for (const reader of readers) {
    const error = await t.throwsAsync(positionsOf(reader));
    t.is(error.code, 'TRIMMED', error.message);
    t.deepEqual(error.conflict, { firstPosition: 1001 });
  }
});

test('nothing goes that a consumer has not acknowledged, unless that is forced', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const mailer = { instance: 'log', consumer: 'mailer' };
  const subscription = log.subscribe({ ...mailer, onFailed: 'park' });
  for (let position = 1; position <= 5; position += 1) {
    const { value: event } = await subscription.next();
    if (position === 3) await event.nack(new Error('not now'));
    else await event.ack();
  }
  await subscription.return();
  const trim = (beforePosition, force) =>
    log.trimEvents({ instance: 'log', beforePosition, force });
  const held = outrun(t, await trim(9), 'trimEvents', /"mailer".*position 8, found it at 2/);
  t.deepEqual(held, { consumer: 'mailer', position: 8, actual: 2 });
  outrun(t, await trim(4, false), 'trimEvents');
  t.like(await trimmed(t, log, 3), { events: 2 });
  succeeded(t, await log.discardParked(mailer), 'discardParked');
  t.like(await trimmed(t, log, 6), { firstPosition: 6, events: 3 });
  outrun(t, await trim(7), 'trimEvents');

  t.like(await trimmed(t, log, 13, { force: true }), { firstPosition: 13, events: 7 });
  const { consumers } = succeeded(t, await log.listConsumers({ instance: 'log' }), 'listConsumers');
  t.like(consumers, [{ position: 5, behind: 18, parked: 0 }]);
  await failsWith(t, log.subscribe(mailer), 'TRIMMED', /"mailer" at 5: reset it/);
  const reset = (position) => log.resetConsumer({ ...mailer, position });
  refusedAsTrimmed(t, await reset(5), 'resetConsumer', /^position: expected at least 12/);
  succeeded(t, await reset(12), 'resetConsumer');
  const again = log.subscribe(mailer);
  t.is((await again.next()).value.position, 13);
  await again.return();
  // A new one begins where the log does.
  const other = log.subscribe({ instance: 'log', consumer: 'other' });
  t.is((await other.next()).value.position, 13);
  await other.return();
});

test('what was stored with a key is not stored again when it is out', async (t) => {
  const log = await openLog(t);
  const keyed = {
    instanceId: 'log',
    eventType: 'x',
    idempotencyKey: 'k',
    autoCreateInstance: true,
  };
  await appended(t, log, keyed);
  await filled(t, log, 3);
  await trimmed(t, log, 2);
  const conflict = refusedAsTrimmed(t, await log.appendEvent(keyed), 'appendEvent', /"k"/);
  t.deepEqual(conflict, { firstPosition: 2 });
  t.is((await statsOf(t, log)).eventCount, 3);
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
  await trimmed(t, log, 13);
  await appended(t, log, { instanceId: 'log', eventType: 'x', payload: { n: 1000 } });
  t.is((await log.project(sum)).state, all + 1000);
  const error = await t.throwsAsync(log.project({ ...sum, version: 2 }));
  t.is(error.code, 'TRIMMED', error.message);
  const decision = { instance: 'log', initial: 0, apply: (count) => count + 1 };
  const refused = log.decide({ ...decision, stream: 'a', decide: () => ({ eventType: 'y' }) });
  t.is((await t.throwsAsync(refused)).code, 'TRIMMED');
  // A stream that begins later is whole.
  const decided = log.decide({ ...decision, stream: 'new', decide: () => ({ eventType: 'y' }) });
  t.is((await decided).state, 1);
});

testOfFiles('the space of what is out is used again', async (t) => {
  const path = await temporaryPath(t);
  const sizes = [];
  for (let round = 0; round < 7; round += 1) {
    const log = await openAt(t, path);
    const events = Array.from({ length: 5000 }, () => ({
      eventType: 'made',
      payload: { text: randomBytes(300).toString('base64') },
    }));
    await log.strict.appendEvents({ instanceId: 'log', autoCreateInstance: true, events });
    await trimmed(t, log, (round + 1) * 5000 + 1);
    await log.close();
    sizes.push((await stat(path)).size);
  }
  // Each round has some 2 MB. Those before the fourth have grown to what one needs beside the one before.
  t.true(sizes.at(-1) - sizes[3] < 2_000_000, `${sizes}`);
  const log = await openAt(t, path);
  const report = succeeded(t, await log.verify(), 'verify');
  t.deepEqual([report.intact, report.events, report.problems], [true, 0, []]);
  const copy = await temporaryPath(t);
  succeeded(t, await log.backup(copy), 'backup');
  const opened = await openAt(t, copy);
  t.is((await statsOf(t, opened)).firstPosition, 35_001);
  succeeded(t, await log.compact(), 'compact');
  t.is((await appended(t, log, { instanceId: 'log', eventType: 'x' })).sequence_number, 35_001);
  t.deepEqual(await positionsOf(log.readAll({ instance: 'log' })), [35_001]);
});

test('an export begins with the first event, and is imported after what was before', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const whole = await log.exportEvents({ instance: 'log' }).toArray();
  await trimmed(t, log, 13);
  const rest = await log.exportEvents({ instance: 'log' }).toArray();
  const lines = Buffer.concat(rest.map((chunk) => Buffer.from(chunk)))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(lines[0].events, 18);
  t.is(lines[1].instance.firstPosition, 13);
  t.deepEqual(
    lines.slice(2, -1).map(({ payload }) => payload.n),
    range(13, 30),
  );

  const other = await openLog(t);
  const refused = await other.importEvents(rest);
  failed(t, refused, 'importEvents', 'INVALID_ARGUMENT', /firstPosition: expected at most 1, /);
  succeeded(t, await other.importEvents(whole), 'importEvents');
  const again = succeeded(t, await other.importEvents(rest), 'importEvents');
  t.like(again, { events: 0, skippedEvents: 18 });
  // What is out here is not compared, and comes back in no way.
  const back = succeeded(t, await log.importEvents(whole), 'importEvents');
  t.like(back, { events: 0, skippedEvents: 30 });
  t.is((await statsOf(t, log)).eventCount, 18);
});

test('a trim that is not possible changes nothing', async (t) => {
  const log = await openLog(t);
  await filled(t, log);
  const trim = (options) => log.trimEvents(options);
  const cases = [
    [undefined, 'INVALID_ARGUMENT', /^instance: expected/],
    [{ instance: 'log' }, 'INVALID_ARGUMENT', /^beforePosition: expected a whole number/],
    [{ instance: 'log', beforePosition: 0 }, 'INVALID_ARGUMENT', /from 1 to 31, .*found 0/],
    [{ instance: 'log', beforePosition: 32 }, 'INVALID_ARGUMENT', /from 1 to 31, .*found 32/],
    [{ instance: 'log', beforePosition: '5' }, 'INVALID_ARGUMENT', /found/],
    [{ instance: 'log', beforePosition: 5, force: 1 }, 'INVALID_ARGUMENT', /^force: /],
    [{ instance: 'log', beforePositon: 5 }, 'INVALID_ARGUMENT', /did you mean/],
    [{ instance: 'other', beforePosition: 5 }, 'INSTANCE_NOT_FOUND', /"other"/],
    [{ instance: 'log', beforePosition: 5, signal: AbortSignal.abort() }, 'ABORTED', /./],
  ];
  for (const [options, code, pattern] of cases) {
    failed(t, await trim(options), 'trimEvents', code, pattern);
  }
  t.is((await statsOf(t, log)).firstPosition, 1);
  await trimmed(t, log, 13);
  for (const before of [1, 13]) {
    t.deepEqual(await trimmed(t, log, before), { firstPosition: 13, events: 0, bytes: 0 });
  }
  const both = await Promise.all([trimmed(t, log, 20), trimmed(t, log, 20), trimmed(t, log, 15)]);
  t.is(
    both.reduce((sum, { events }) => sum + events, 0),
    7,
  );
  await log.close();
  failed(t, await trim({ instance: 'log', beforePosition: 25 }), 'trimEvents', 'CLOSED');
});
