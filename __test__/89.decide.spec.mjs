// What follows from the state of a stream is stored, and never on another state.

import test from 'ava';

import { attach, eventLog } from '../index.mjs';
import { counter, opened, rejects } from './support/deciding.mjs';
import { all } from './support/reading.mjs';
import { created, eventsOf, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

test('what is decided is stored, and taken into the state', async (t) => {
  const log = await opened(t);
  const seen = [];
  const decide = (state) => {
    seen.push(state);
    return { eventType: 'counted', payload: { by: state.count + 1 }, metadata: { from: 'test' } };
  };
  const first = await log.decide({ ...counter, decide });
  t.deepEqual(first.state, { count: 1, types: ['counted'], last: 1 });
  await log.appendEvent({ instanceId: 'log', streamId: 'other', eventType: 'made' });
  const second = await log.decide({ ...counter, decide });
  const { events, ...rest } = second;
  t.deepEqual(rest, {
    state: { count: 3, types: ['counted', 'counted'], last: 3 },
    position: 3,
    sequence: 2,
    attempts: 1,
  });
  t.deepEqual(
    seen.map(({ count }) => count),
    [0, 1],
  );
  const stored = await all(log.readStream({ instance: 'log', stream: 'counter' }));
  t.deepEqual(stored, [...first.events, ...events]);
  t.deepEqual([events[0].payload, events[0].metadata], [{ by: 2 }, { from: 'test' }]);
  t.deepEqual(counter.initial, { count: 0, types: [], last: 0 });
});

test('several events are stored together, in the order in which they were decided', async (t) => {
  const log = await opened(t);
  const decide = () => [
    { eventType: 'counted', payload: { by: 2 } },
    { event_type: 'renamed', timestamp: '2020-01-01T00:00:00Z' },
    { eventType: 'counted', streamId: 'counter', payload: { by: 3 } },
  ];
  const { state, events, sequence, position } = await log.decide({ ...counter, decide });
  t.deepEqual(state, { count: 5, types: ['counted', 'renamed', 'counted'], last: 3 });
  t.deepEqual([sequence, position], [3, 3]);
  t.is(events[1].timestamp, '2020-01-01T00:00:00.000Z');
  t.deepEqual(await all(log.readStream({ instance: 'log', stream: 'counter' })), events);
});

test('nothing is stored if nothing is decided', async (t) => {
  const log = await opened(t);
  await log.decide({ ...counter, decide: () => ({ eventType: 'counted', payload: { by: 1 } }) });
  for (const nothing of [undefined, null, [], Promise.resolve(), Promise.resolve([])]) {
    const decision = await log.decide({ ...counter, decide: () => nothing });
    t.deepEqual(decision, {
      state: { count: 1, types: ['counted'], last: 1 },
      position: 1,
      sequence: 1,
      events: [],
      attempts: 1,
    });
  }
  t.is((await eventsOf(t, log, 'log')).length, 1);
});

test('initial may be a function, and each function may promise what it returns', async (t) => {
  const log = await opened(t);
  const options = {
    instance: 'log',
    stream: 'set',
    initial: async () => new Set(),
    apply: async (set, { payload }) => {
      await null;
      return set.add(payload.n);
    },
    decide: async (set) => {
      await null;
      return { eventType: 'added', payload: { n: set.size } };
    },
  };
  for (let n = 1; n <= 3; n += 1) t.is((await log.decide(options)).state.size, n);
});

test('an instance that is not there counts as empty where an append would make it', async (t) => {
  const log = await openLog(t);
  const nothing = () => undefined;
  const something = (state) => ({ eventType: 'counted', payload: { by: state.count + 1 } });
  const makes = { ...counter, autoCreateInstance: true };
  const none = await log.decide({ ...makes, decide: nothing });
  t.deepEqual(none, { state: counter.initial, position: 0, sequence: 0, events: [], attempts: 1 });
  t.deepEqual((await log.listInstances()).data.instances, []);
  const key = { idempotencyKey: 'first' };
  for (const options of [{}, { autoCreateInstance: false }, { autoCreateInstance: null }, key]) {
    const decide = () => t.fail('there is no state');
    const call = log.decide({ ...counter, ...options, decide });
    await rejects(t, call, 'INSTANCE_NOT_FOUND', /"log"/);
  }
  t.is((await log.decide({ ...makes, ...key, decide: something })).state.count, 1);
  t.is((await log.decide({ ...counter, decide: something })).state.count, 3);

  const other = await openLog(t, { autoCreateInstances: true });
  t.is((await other.decide({ ...counter, decide: something })).state.count, 1);
  const strictly = { ...counter, instance: 'none', autoCreateInstance: false, decide: something };
  const advice =
    /^instance: no .* "none"; make it with createInstance, or decide with `autoC.*: true`$/;
  await rejects(t, other.decide(strictly), 'INSTANCE_NOT_FOUND', advice);
});

test('what decide throws is passed on as it is, and nothing is stored', async (t) => {
  const log = await opened(t);
  const thrown = new RangeError('not like that');
  const rejecting = () => Promise.reject(thrown);
  const throwing = () => {
    throw thrown;
  };
  for (const decide of [throwing, rejecting]) {
    t.is(await t.throwsAsync(log.decide({ ...counter, decide })), thrown);
  }
  const odd = log.decide({ ...counter, decide: () => Promise.reject('no error') });
  t.is(await odd.catch((value) => value), 'no error');
  t.deepEqual(await eventsOf(t, log, 'log'), []);
});

test('what apply throws on events that are there is passed on as it is', async (t) => {
  const log = await opened(t);
  await log.appendEvent({ instanceId: 'log', streamId: 'counter', eventType: 'old' });
  const thrown = new Error('unknown');
  const apply = () => {
    throw thrown;
  };
  const decide = () => t.fail('there is no state');
  const later = () => Promise.reject(thrown);
  for (const broken of [apply, later]) {
    t.is(await t.throwsAsync(log.decide({ ...counter, apply: broken, decide })), thrown);
  }
  t.is((await eventsOf(t, log, 'log')).length, 1);
});

test('a decision is not taken back because apply throws on it', async (t) => {
  const log = await opened(t);
  const thrown = new TypeError('what is that?');
  const throwing = (state, event) => {
    if (event.event_type === 'odd') throw thrown;
    return counter.apply(state, event);
  };
  const rejecting = async (state, event) => throwing(state, event);
  const decide = () => [
    { eventType: 'counted', payload: { by: 1 } },
    { eventType: 'odd', note: 'unknown key' },
    { eventType: 'counted', payload: { by: 1 } },
  ];
  let sequence = 0;
  for (const apply of [throwing, rejecting]) {
    const call = log.decide({ ...counter, stream: `of ${apply.name}`, apply, decide });
    const error = await rejects(
      t,
      call,
      'APPLY_FAILED',
      /event 2 of the stream "of .*what is that/,
    );
    t.is(error.cause, thrown);
    t.regex(error.stack, /89\.decide\.spec/);
    const { events, ...rest } = error.decision;
    sequence += 3;
    const message = 'the unknown key "events[1].note" was ignored';
    t.deepEqual(rest, { position: sequence, sequence: 3, attempts: 1, message });
    t.deepEqual(await all(log.readStream({ instance: 'log', stream: `of ${apply.name}` })), events);
  }
});

test('options that are not understood are refused before anything is called', async (t) => {
  const log = await opened(t);
  const decide = () => t.fail('it was called');
  const whole = { ...counter, initial: () => t.fail('it was called'), decide };
  for (const [options, pattern] of [
    [undefined, /^options: expected an object, found nothing$/],
    [[], /^options: expected an object, found an array$/],
    [{ ...whole, instance: undefined }, /^instance: expected .*, found nothing$/],
    [{ ...whole, instance: 7 }, /^instance: expected .*, found 7$/],
    [{ ...whole, stream: null }, /^stream: expected the id of a stream, found nothing$/],
    [{ ...whole, stream: '' }, /^stream: expected a string that is not empty, found ""$/],
    [{ ...whole, stream: 7 }, /^stream: expected the id of a stream, found 7$/],
    [
      { ...whole, stream: 7, idempotencyKey: 'k' },
      /^stream: expected the id of a stream, found 7$/,
    ],
    [{ ...whole, decide: undefined }, /^decide: expected a function, found nothing$/],
    [{ ...whole, decide: {} }, /^decide: expected a function, found another object$/],
    [{ ...whole, apply: 'x' }, /^apply: expected a function, found a string$/],
    [{ ...whole, retries: -1 }, /^retries: expected a whole number from 0, found -1$/],
    [{ ...whole, retries: 1.5 }, /^retries: expected a whole number from 0, found 1.5$/],
    [{ ...whole, retries: '3' }, /^retries: expected a whole number from 0, found "3"$/],
    [{ ...whole, idempotencyKey: 7 }, /^idempotencyKey: expected a string, found 7$/],
    [{ ...whole, idempotencyKey: '' }, /^idempotencyKey: expected a string that is not empty/],
    [{ ...whole, autoCreateInstance: 'yes' }, /^autoCreateInstance: expected a boolean, found/],
    [{ ...whole, signal: {} }, /^signal: expected an AbortSignal, found another object$/],
    [{ ...whole, snapshotEvery: 2 }, /^name: expected the name by which snapshots are found/],
    [{ ...whole, streamId: 'counter' }, /unknown option "streamId".*did you mean "stream"\?$/],
    [{ ...whole, instanceId: 'log' }, /unknown option "instanceId".*did you mean "instance"\?$/],
    [{ ...whole, where: [] }, /unknown option "where"/],
    [{ ...whole, awaitInstance: true }, /unknown option "awaitInstance"/],
  ]) {
    await rejects(t, log.decide(options), 'INVALID_ARGUMENT', pattern);
  }
  const long = log.decide({ ...whole, idempotencyKey: 'x'.repeat(257) });
  await rejects(t, long, 'LIMIT_EXCEEDED', /^idempotencyKey: expected at most 256 bytes/);
  const getter = Object.defineProperty({ ...whole }, 'retries', {
    enumerable: true,
    get: () => {
      throw new Error('not now');
    },
  });
  await rejects(t, log.decide(getter), 'INVALID_ARGUMENT', /^options: not now$/);
  t.deepEqual(await eventsOf(t, log, 'log'), []);
});

test('what is no event is refused with its place, and nothing is stored', async (t) => {
  const log = await opened(t);
  const good = { eventType: 'counted', payload: { by: 1 } };
  for (const [decided, pattern] of [
    ['text', /^events\[0\]: expected an object, found a string$/],
    [7, /^events\[0\]: expected an object, found a number$/],
    [false, /^events\[0\]: expected an object, found a boolean$/],
    [() => good, /^events\[0\]: expected JSON, found a function$/],
    [new Map(), /^events\[0\]: expected JSON, found a Map/],
    [[good, null], /^events\[1\]: expected an object, found null$/],
    [[[good]], /^events\[0\]: expected an object, found an array$/],
    [[good, {}], /^events\[1\]\.eventType: expected a string, found nothing$/],
    [[good, { eventType: 7 }], /^events\[1\]\.eventType: expected a string, found 7$/],
    [
      { ...good, eventtype: 'x' },
      /^events\[0\]\.eventtype: unknown key; did you mean eventType\?$/,
    ],
    [{ ...good, data: {} }, /^events\[0\]\.data: unknown key; did you mean payload\?$/],
    [{ ...good, stream: 'x' }, /^events\[0\]\.stream: unknown key; did you mean streamId\?$/],
    [{ ...good, payload: 'x' }, /^events\[0\]\.payload: expected an object or an array/],
    [
      { ...good, payload: { n: 1n } },
      /^events\[0\]\.payload\.n: expected a value that can be JSON/,
    ],
    [
      [good, { ...good, streamId: 'x' }],
      /^events\[1\]\.streamId: expected .*"counter".* found "x"$/,
    ],
    [{ ...good, stream_id: 'x' }, /^events\[0\]\.stream_id: expected .*"counter".* found "x"$/],
    [{ ...good, instanceId: 'x' }, /^events\[0\]\.instanceId: expected .*"log".* found "x"$/],
    [{ ...good, expectedSequence: 0 }, /^events\[0\]\.expectedSequence: expected nothing here/],
    [{ ...good, idempotencyKey: 'k' }, /^events\[0\]\.idempotencyKey: .*beside `decide`/],
    [{ ...good, failIf: {} }, /^events\[0\]\.failIf: expected nothing here/],
    [{ ...good, checkpoint: {} }, /^events\[0\]\.checkpoint: expected nothing here/],
  ]) {
    const call = log.decide({ ...counter, decide: () => decided });
    await rejects(t, call, 'INVALID_ARGUMENT', pattern);
  }
  const many = new Array(100_001).fill(good);
  const call = log.decide({ ...counter, decide: () => many });
  await rejects(t, call, 'LIMIT_EXCEEDED', /^events: expected at most 100000 events/);
  t.deepEqual(await eventsOf(t, log, 'log'), []);
  // Where they belong they may say it.
  const placed = { ...good, instanceId: 'log', stream_id: 'counter' };
  t.is((await log.decide({ ...counter, decide: () => placed })).sequence, 1);
});

test('what was not understood or not kept of an event is named', async (t) => {
  const log = await opened(t);
  const decide = () => ({ eventType: 'counted', payload: { by: 1, at: new Map() }, colour: 'red' });
  const { message } = await log.decide({ ...counter, decide });
  t.is(
    message,
    'the unknown key "events[0].colour" was ignored; ' +
      'events[0].payload.at: JSON does not keep a Map: give Object.fromEntries(map)',
  );
});

test('what apply gets is what is stored, whatever was given', async (t) => {
  const log = await opened(t);
  const payload = JSON.parse('{"__proto__": {"deep": [-0, "\\ud800"]}}');
  const given = { when: new Date(0), left: undefined, error: new Error('x') };
  const apply = (list, event) => [...list, event];
  const decide = () => [
    { eventType: 'a', payload },
    { eventType: 'b\0"', payload: given, metadata: [1] },
  ];
  const options = { instance: 'log', stream: 'ä "\n', initial: [], apply };
  const { state, events } = await log.decide({ ...options, decide });
  t.deepEqual(state, events);
  t.deepEqual((await log.project(options)).state, events);
  t.is(events[1].payload.when, '1970-01-01T00:00:00.000Z');
  t.is(events[1].payload.error.message, 'x');
});

test('snapshots spare reading, and are those of project', async (t) => {
  const log = await opened(t);
  let applied = 0;
  const apply = (state, event) => {
    applied += 1;
    return counter.apply(state, event);
  };
  const decide = () => ({ eventType: 'counted', payload: { by: 1 } });
  const named = { ...counter, apply, name: 'count', version: 1, snapshotEvery: 10 };
  const options = { ...named, decide };
  for (let n = 1; n <= 45; n += 1) t.is((await log.decide(options)).state.count, n);
  // Each call reads fewer than 10 events after the snapshot, and applies the one that it stores.
  t.true(applied < 45 * 11, `${applied}`);
  applied = 0;
  t.is((await log.project(named)).state.count, 45);
  t.true(applied <= 10, `${applied}`);
  await log.project({ ...named, snapshotEvery: 1 });
  applied = 0;
  await log.decide(options);
  t.is(applied, 1);
  applied = 0;
  await log.decide({ ...options, version: 2 });
  t.is(applied, 47);
  t.is(succeeded(t, await log.deleteSnapshots({ instance: 'log' }), 'deleteSnapshots').count, 1);
});

test('a state that cannot be kept is refused before anything is decided', async (t) => {
  const log = await opened(t);
  await log.decide({ ...counter, decide: () => ({ eventType: 'counted', payload: { by: 1 } }) });
  const options = {
    ...counter,
    apply: () => ({ at: new Date() }),
    decide: () => t.fail('it was called'),
    name: 'count',
    snapshotEvery: 1,
  };
  const error = await rejects(t, log.decide(options), 'INVALID_ARGUMENT', /^state\.at: /);
  t.is(error.projection.sequence, 1);
  t.is((await eventsOf(t, log, 'log')).length, 1);
});

test('a log that is only read is decided on, and nothing is stored in it', async (t) => {
  const path = await temporaryPath(t);
  const writer = await openAt(t, path);
  await created(t, writer, 'log');
  const something = () => ({ eventType: 'counted', payload: { by: 1 } });
  await writer.decide({ ...counter, decide: something });
  const reader = await openAt(t, path, { readOnly: true });
  t.is((await reader.decide({ ...counter, decide: () => null })).state.count, 1);
  await rejects(
    t,
    reader.decide({ ...counter, decide: something }),
    'INVALID_ARGUMENT',
    /readOnly/,
  );
  t.is((await eventsOf(t, writer, 'log')).length, 1);
});

test('it is wherever project is', async (t) => {
  const log = await openLog(t);
  const codebolt = {};
  attach(codebolt, log);
  t.is(codebolt.eventLog.decide, log.decide);
  t.is(log.strict.decide, log.decide);
  t.is(log.typed().decide, log.decide);
  t.is(typeof eventLog.decide, 'function');
});
