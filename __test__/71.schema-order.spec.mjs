// Calls keep their order where the schema of one of them has to be waited for.

import test from 'ava';

import { EventLog } from '../index.mjs';
import { all } from './support/reading.mjs';
import { appended, created, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

/** A schema that answers when it is told to: `asked` has what it was asked for, each with its `answer`. */
function waiting() {
  const asked = [];
  const validate = (value) =>
    new Promise((resolve, reject) => {
      const issues = (message) => ({ issues: [{ message }] });
      asked.push({ take: () => resolve({ value }), refuse: (m) => resolve(issues(m)), reject });
    });
  return { schema: { '~standard': { version: 1, vendor: 'test', validate } }, asked };
}

const at = { instanceId: 'log' };

async function opened(t, options) {
  const { schema, asked } = waiting();
  const log = await openLog(t, { events: { Slow: schema }, ...options });
  await created(t, log, 'log');
  return { log, asked };
}

const types = async (log) =>
  (await all(log.readAll({ instance: 'log' }))).map((event) => event.event_type);

test('changes that follow an event whose schema is waited for come after it', async (t) => {
  const { log, asked } = await opened(t);
  const answered = [];
  const note = (name) => (response) => answered.push(`${name} ${response.success}`);
  const calls = [
    log.appendEvent({ ...at, eventType: 'Slow' }).then(note('slow')),
    log.appendEvent({ ...at, eventType: 'quick' }).then(note('quick')),
    log.createInstance('other').then(note('created')),
    log
      .appendEvents({ ...at, events: [{ eventType: 'batch' }, { eventType: 'batch' }] })
      .then(note('batch')),
    log.deleteInstance('other').then(note('deleted')),
    log.deleteSnapshots({ instance: 'log' }).then(note('snapshots')),
    log.appendEvent({ ...at, eventType: 'Slow' }).then(note('slow again')),
    log.appendEvent({ ...at, eventType: 'last' }).then(note('last')),
  ];
  // A read does not wait, and sees nothing of them.
  t.deepEqual(await types(log), []);
  t.is((await log.getInstance('other')).code, 'INSTANCE_NOT_FOUND');
  t.deepEqual(answered, []);
  // The second one is ready first, and still waits for its turn.
  asked[1].take();
  t.deepEqual(await types(log), []);
  asked[0].take();
  await Promise.all(calls);
  t.deepEqual(await types(log), ['Slow', 'quick', 'batch', 'batch', 'Slow', 'last']);
  t.true(
    answered.every((text) => text.endsWith('true')),
    answered.join(),
  );
});

test('those behind an event that is refused go on', async (t) => {
  const { log, asked } = await opened(t);
  const calls = [1, 2, 3].flatMap((n) => [
    log.appendEvent({ ...at, eventType: 'Slow', payload: { n } }),
    log.appendEvent({ ...at, eventType: 'quick', payload: { n } }),
  ]);
  asked[2].take();
  asked[1].reject(new Error('no network'));
  asked[0].refuse('no');
  const responses = await Promise.all(calls);
  failed(
    t,
    responses[0],
    'appendEvent',
    'INVALID_ARGUMENT',
    /^payload: no \(by the schema of "Slow"\)/,
  );
  failed(
    t,
    responses[2],
    'appendEvent',
    'INVALID_ARGUMENT',
    /^payload: its schema threw: no network/,
  );
  t.deepEqual(
    responses.map(({ data }) => data?.event.sequence_number),
    [undefined, 1, undefined, 2, 3, 4],
  );
});

test('the events of a batch are looked at one after the other, and the first misfit is told', async (t) => {
  const { log, asked } = await opened(t);
  const call = log.appendEvents({
    ...at,
    events: [{ eventType: 'Slow' }, { eventType: 'a' }, { eventType: 'Slow' }],
  });
  t.is(asked.length, 1);
  asked[0].take();
  await new Promise(setImmediate);
  t.is(asked.length, 2);
  asked[1].refuse('not this one');
  failed(t, await call, 'appendEvents', 'INVALID_ARGUMENT', /^events\[2\]\.payload: not this one/);
  t.deepEqual(await types(log), []);
});

test('acknowledgements and imports keep their places, too', async (t) => {
  const path = await temporaryPath(t);
  const { schema, asked } = waiting();
  const log = await openAt(t, path, { events: { Slow: schema } });
  const beside = await openAt(t, path);
  await created(t, log, 'log');
  await appended(t, log, { ...at, eventType: 'first' });
  const other = await openLog(t);
  await created(t, other, 'source');
  const subscription = log.subscribe({ instance: 'log', consumer: 'c' });
  const { value: event } = await subscription.next();
  const slow = log.appendEvent({ ...at, eventType: 'Slow' });
  const acked = event.ack();
  const imported = log.importEvents(other.exportEvents());
  // All that was handed over before is stored by the time that this is.
  await appended(t, beside, { ...at, eventType: 'beside' });
  const where = async () => {
    const { consumers } = succeeded(
      t,
      await beside.listConsumers({ instance: 'log' }),
      'listConsumers',
    );
    return consumers[0].position;
  };
  t.is(await where(), 0);
  t.is((await beside.getInstance('source')).code, 'INSTANCE_NOT_FOUND');
  asked[0].take();
  await Promise.all([slow, acked, imported]);
  t.is(await where(), 1);
  t.true((await beside.getInstance('source')).success);
  await subscription.return();
});

test('`close` ends the wait for a schema that does not answer, and what waits behind it is stored', async (t) => {
  const path = await temporaryPath(t);
  const { schema, asked } = waiting();
  const log = await EventLog.open(path, { events: { Slow: schema } });
  await created(t, log, 'log');
  const events = [{ eventType: 'batch' }, { eventType: 'Slow' }];
  const calls = [
    log.appendEvent({ ...at, eventType: 'Slow' }),
    log.appendEvent({ ...at, eventType: 'quick' }),
    log.appendEvents({ ...at, events }),
    log.appendEvent({ ...at, eventType: 'Slow' }),
    log.appendEvent({ ...at, eventType: 'last' }),
  ];
  // This one waits for its turn alone.
  asked[2].take();
  const closed = log.close();
  t.is((await log.appendEvent({ ...at, eventType: 'late' })).code, 'CLOSED');
  const [slow, quick, batch, answered, last] = await Promise.all(calls);
  failed(t, slow, 'appendEvent', 'CLOSED', /^the log was closed/);
  failed(t, batch, 'appendEvents', 'CLOSED', /^the log was closed/);
  for (const response of [quick, answered, last]) succeeded(t, response, 'appendEvent');
  await closed;
  asked[0].take();
  asked[1].reject(new Error('late'));
  const again = await openAt(t, path);
  t.deepEqual(await types(again), ['quick', 'Slow', 'last']);
});

test('a schema that answers within the turn of `close` is waited for', async (t) => {
  const path = await temporaryPath(t);
  const validate = async (value) => {
    for (let n = 0; n < 100; n += 1) await undefined;
    return { value };
  };
  const schema = { '~standard': { version: 1, vendor: 'test', validate } };
  const log = await EventLog.open(path, { events: { Later: schema }, autoCreateInstances: true });
  const events = Array.from({ length: 10 }, () => ({ eventType: 'Later' }));
  const call = log.appendEvents({ ...at, events });
  await log.close();
  succeeded(t, await call, 'appendEvents');
  const again = await openAt(t, path);
  t.is((await types(again)).length, 10);
});

test('a call that closes its log does not wait for a schema', async (t) => {
  const { schema } = waiting();
  const log = await openLog(t, { events: { Slow: schema } });
  await created(t, log, 'log');
  let closed;
  const payload = {
    get n() {
      closed = log.close();
      return 1;
    },
  };
  const response = await log.appendEvent({ ...at, eventType: 'Slow', payload });
  failed(t, response, 'appendEvent', 'CLOSED', /^the log was closed/);
  await closed;
});

for (const [what, code] of [
  ['the signal', 'ABORTED'],
  ['`close`', 'CLOSED'],
]) {
  test(`${what} ends a decision that waits for a schema`, async (t) => {
    const path = await temporaryPath(t);
    const { schema, asked } = waiting();
    const log = await openAt(t, path, { events: { Slow: schema } });
    await created(t, log, 'log');
    const controller = new AbortController();
    const decision = log.decide({
      instance: 'log',
      stream: 'default',
      initial: 0,
      apply: (count) => count + 1,
      decide: () => ({ eventType: 'Slow' }),
      signal: controller.signal,
    });
    while (asked.length === 0) await new Promise(setImmediate);
    const reason = new Error('too late');
    if (code === 'ABORTED') controller.abort(reason);
    else await log.close();
    const error = await t.throwsAsync(decision, { code });
    t.is(error.cause, code === 'ABORTED' ? reason : undefined);
    asked[0].take();
    const other = await openAt(t, path);
    t.deepEqual(await types(other), []);
  });
}

test('what waits for schemas is bounded', async (t) => {
  const { log, asked } = await opened(t, { queuedBytesMax: 1_000 });
  const event = (eventType) => ({ ...at, eventType, payload: { text: 'ä'.repeat(300) } });
  const calls = [log.appendEvent(event('Slow'))];
  for (const eventType of ['quick', 'Slow']) {
    const refused = await log.appendEvent(event(eventType));
    failed(
      t,
      refused,
      'appendEvent',
      'OVERLOADED',
      /\d+ bytes wait for schemas .* 1000 \(queuedBytesMax\)/,
    );
  }
  // There is room for a small one.
  calls.push(log.appendEvent({ ...at, eventType: 'small' }));
  asked[0].refuse('no');
  // What nobody waits for may fail.
  asked[1].reject(new Error('late'));
  await Promise.all(calls);
  succeeded(t, await log.appendEvent(event('quick')), 'appendEvent');
  t.deepEqual(await types(log), ['small', 'quick']);
});

test('a log and what `typed` has made of it keep one order', async (t) => {
  const { log, asked } = await opened(t);
  const other = log.typed({});
  const calls = [
    log.appendEvent({ ...at, eventType: 'Slow' }),
    other.appendEvent({ ...at, eventType: 'Slow' }),
  ];
  asked[0].take();
  await Promise.all(calls);
  t.is(asked.length, 1);
  const [first, second] = await all(log.readAll({ instance: 'log' }));
  t.is(first.id, (await calls[0]).data.event.id);
  t.is(second.id, (await calls[1]).data.event.id);
});

test('a call has the time at which it was called', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const { log, asked } = await opened(t, { clock: () => now });
  const calls = ['Slow', 'quick'].map((eventType) => {
    now += 1000;
    return log.appendEvent({ ...at, eventType });
  });
  now += 60_000;
  asked[0].take();
  const events = (await Promise.all(calls)).map(({ data }) => data.event);
  t.deepEqual(
    events.map(({ timestamp }) => timestamp),
    ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z'],
  );
});

test('a decision that waits for a schema is decided again if others were quicker', async (t) => {
  const { log, asked } = await opened(t);
  const states = [];
  const decision = log.decide({
    instance: 'log',
    stream: 'default',
    initial: 0,
    apply: (count) => count + 1,
    decide: (count) => {
      states.push(count);
      return { eventType: 'Slow' };
    },
  });
  while (asked.length === 0) await new Promise(setImmediate);
  // Another opening of the file does not know of what this one waits for.
  const other = log.typed({});
  const quick = other.appendEvent({ ...at, eventType: 'quick' });
  asked[0].take();
  await quick;
  const { state, attempts } = await decision;
  t.deepEqual([states, state, attempts], [[0], 1, 1]);
});

test('a log in memory of many calls, some of them waited for, has all in the order of the calls', async (t) => {
  const later = (value) => Promise.resolve().then(() => ({ value }));
  const now = (value) => ({ value });
  const events = {};
  for (const [name, validate] of Object.entries({ later, now })) {
    events[name] = { '~standard': { version: 1, vendor: 'test', validate } };
  }
  const log = await openAt(t, ':memory:', { events, autoCreateInstances: true });
  const names = ['later', 'now', 'none', 'now', 'later', 'later', 'none'];
  const calls = Array.from({ length: 1_000 }, (_, n) => {
    const event = { eventType: names[n % names.length], payload: { n } };
    return n % 3 === 0
      ? log.appendEvents({ ...at, events: [event] })
      : log.appendEvent({ ...at, ...event });
  });
  await Promise.all(calls);
  const stored = await all(log.readAll({ instance: 'log' }));
  t.deepEqual(
    stored.map(({ payload }) => payload.n),
    Array.from({ length: 1_000 }, (_, n) => n),
  );
});
