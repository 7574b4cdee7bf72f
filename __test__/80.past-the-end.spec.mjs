// A position that no event has is from another log, or from an instance that was deleted. To go on after it would be to
// miss the events that come until it is reached, without a word; so each method that takes one refuses it.

import test from 'ava';

import { appended, failed, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

/** A log with an instance that had ten events, was deleted, and has six again. */
async function madeAnew(t) {
  const log = await openLog(t);
  const fill = async (count) => {
    const events = Array.from({ length: count }, (_, n) => ({
      streamId: n % 2 === 0 ? 'even' : 'odd',
      eventType: 't',
    }));
    const params = { instanceId: 'log', autoCreateInstance: true, events };
    succeeded(t, await log.appendEvents(params), 'appendEvents');
  };
  await fill(10);
  await log.subscribe({ instance: 'log', consumer: 'before', afterPosition: 'end' }).return();
  succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
  await fill(6);
  return log;
}

const step = (reader) => reader.next().then(({ done }) => done);
const where = [{ field: 'event_type', operator: 'eq', value: 't' }];

/** For each method that takes a position: a call with one, and the pattern of what it is refused with. */
const POSITIONS = {
  subscribe: (log, position) => step(log.subscribe({ instance: 'log', afterPosition: position })),
  'subscribe to a stream': (log, position) =>
    step(log.subscribe({ instance: 'log', stream: 'odd', afterPosition: position })),
  'subscribe with conditions': (log, position) =>
    step(log.subscribe({ instance: 'log', where, afterPosition: position })),
  'subscribe with a new consumer': (log, position) =>
    step(log.subscribe({ instance: 'log', consumer: 'new', afterPosition: position })),
  readAll: (log, position) => step(log.readAll({ instance: 'log', afterPosition: position })),
  'readAll with conditions': (log, position) =>
    step(log.readAll({ instance: 'log', where, afterPosition: position })),
  'readAll backward': (log, position) =>
    step(log.readAll({ instance: 'log', direction: 'backward', afterPosition: position })),
  'readAll of nothing': (log, position) =>
    step(log.readAll({ instance: 'log', limit: 0, afterPosition: position })),
};

for (const [name, call] of Object.entries(POSITIONS)) {
  test(`${name}: a position past the end is refused, and names the last one`, async (t) => {
    const log = await madeAnew(t);
    for (const position of [7, 10, Number.MAX_SAFE_INTEGER]) {
      await t.throwsAsync(call(log, position), {
        code: 'INVALID_ARGUMENT',
        message: `afterPosition: expected at most the position of the last event, 6, found ${position}`,
      });
    }
    // That of the last event is where nothing comes yet, and what comes is seen.
    if (name.startsWith('subscribe')) {
      const found = call(log, 6);
      await appended(t, log, { instanceId: 'log', streamId: 'odd', eventType: 't' });
      t.false(await found);
    } else {
      t.is(await call(log, 6), !name.endsWith('backward'));
    }
  });
}

test('the other calls that take a position refuse one past the end as well', async (t) => {
  const log = await madeAnew(t);
  const consumer = { instance: 'log', consumer: 'mailer' };
  await log.subscribe(consumer).next();
  const event = { instanceId: 'log', eventType: 't' };
  const reset = await log.resetConsumer({ ...consumer, position: 10 });
  failed(
    t,
    reset,
    'resetConsumer',
    'INVALID_ARGUMENT',
    /^position: expected at most .* 6, found 10$/,
  );
  const listed = await log.listParked({ ...consumer, after: 10 });
  failed(t, listed, 'listParked', 'INVALID_ARGUMENT', /^after: expected at most .* 6, found 10$/);
  succeeded(t, await log.listParked({ ...consumer, after: 6 }), 'listParked');
  const checkpoint = { consumer: 'mailer', position: 10 };
  const moved = await log.appendEvent({ ...event, checkpoint });
  const past =
    /^checkpoint\.position: expected at most the position of the last event, 6, found 10$/;
  failed(t, moved, 'appendEvent', 'INVALID_ARGUMENT', past);
  const failIf = { where, afterPosition: 10 };
  const guarded = await log.appendEvent({ ...event, failIf });
  failed(
    t,
    guarded,
    'appendEvent',
    'INVALID_ARGUMENT',
    /^failIf\.afterPosition: expected at most 6,/,
  );
});

test('a consumer of a deleted instance is not one of the instance that has its name', async (t) => {
  const log = await madeAnew(t);
  const { data } = await log.listConsumers({ instance: 'log' });
  t.deepEqual(data.consumers, []);
  const { value } = await log.subscribe({ instance: 'log', consumer: 'before' }).next();
  t.is(value.position, 1);
});

test('a number that a stream is to give next begins nothing yet, and a higher one is refused', async (t) => {
  const log = await madeAnew(t);
  const read = (options) => step(log.readStream({ instance: 'log', ...options }));
  for (const direction of ['forward', 'backward']) {
    for (const [stream, next, last] of [
      ['odd', 4, 'the last event of the stream has 3'],
      ['none', 1, 'the stream has no events'],
    ]) {
      const isEmpty = await read({ stream, direction, fromSequence: next });
      t.is(isEmpty, stream === 'none' || direction === 'forward');
      await t.throwsAsync(read({ stream, direction, fromSequence: next + 1 }), {
        code: 'INVALID_ARGUMENT',
        message: `fromSequence: expected a number of at most ${next}, as ${last}, found ${next + 1}`,
      });
    }
  }
});

test('a projection whose instance was made anew says so', async (t) => {
  const log = await openLog(t);
  const append = async (count) => {
    for (let n = 0; n < count; n += 1) {
      await appended(t, log, { instanceId: 'log', eventType: 't', autoCreateInstance: true });
    }
  };
  for (const also of [{}, { stream: 'default' }]) {
    await append(5);
    const options = { instance: 'log', initial: 0, name: 'count', snapshotEvery: 1, ...also };
    await log.project({ ...options, apply: (state) => state + 1 });
    await append(1);
    // Its reader begins after the snapshot, while another instance has the name.
    const apply = (state) => state + 1;
    const running = log.project({ ...options, apply });
    const deleted = log.deleteInstance('log');
    const made = append(2);
    const outcome = await running.then(
      ({ state }) => state,
      ({ code }) => code,
    );
    await Promise.all([deleted, made]);
    t.true(outcome === 6 || outcome === 'INSTANCE_NOT_FOUND', String(outcome));
    succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
  }
});
