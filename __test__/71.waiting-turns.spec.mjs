// Calls that wait for their turn behind a change whose schema does not answer: what ends their waits.

import { getEventListeners } from 'node:events';

import test from 'ava';

import { SIGNING_KEY } from './support/evidence.mjs';
import { addon, runForJson } from './support/child.mjs';
import { all } from './support/reading.mjs';
import { appended, created, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';
import { exportText } from './support/transfer.mjs';

const at = { instanceId: 'log' };

/** A schema that answers when it is told to. */
function waiting() {
  const asked = [];
  const validate = (value) =>
    new Promise((resolve) => asked.push({ take: () => resolve({ value }) }));
  return { schema: { '~standard': { version: 1, vendor: 'test', validate } }, asked };
}

/** A log with an instance that has an event, and the schema of `Slow` events. */
async function opened(t, path) {
  const { schema, asked } = waiting();
  const log = await openAt(t, path ?? (await temporaryPath(t)), { events: { Slow: schema } });
  await created(t, log, 'log');
  await appended(t, log, { ...at, eventType: 'first' });
  return { log, asked };
}

/** A signal of a program's own. `heard` resolves once somebody listens to it. */
function ownSignal() {
  const listeners = new Set();
  let hear;
  const heard = new Promise((resolve) => (hear = resolve));
  const signal = {
    aborted: false,
    reason: undefined,
    addEventListener(_, listener) {
      listeners.add(listener);
      hear();
    },
    removeEventListener: (_, listener) => listeners.delete(listener),
  };
  const abort = (reason) => {
    Object.assign(signal, { aborted: true, reason });
    for (const listener of listeners) listener();
  };
  return { signal, heard, abort, listeners };
}

/** Resolves once all promises that have settled were heard of. */
const turn = () => new Promise(setImmediate);

/** Each call that has a signal and changes the log, by what begins it. `begun` is called once it is about to wait. */
const CALLS = {
  decide: (log, signal, begun) =>
    log.decide({
      instance: 'log',
      stream: 'default',
      initial: 0,
      apply: (count) => count + 1,
      decide() {
        begun();
        return { eventType: 'decided' };
      },
      signal,
    }),
  project: (log, signal, begun) =>
    log.project({
      instance: 'log',
      initial: 0,
      apply(count) {
        begun();
        return count + 1;
      },
      name: 'count',
      snapshotEvery: 1,
      signal,
    }),
  async importEvents(log, signal, begun, source) {
    async function* lines() {
      yield source;
      begun();
    }
    const response = await log.importEvents(lines(), { signal });
    return response.success ? response : Promise.reject(response);
  },
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} that waits for its turn hears its signal, and nothing of it is stored`, async (t) => {
    const other = await openLog(t);
    await created(t, other, 'imported');
    const source = await exportText(other);
    const path = await temporaryPath(t);
    const { log, asked } = await opened(t, path);
    const slow = log.appendEvent({ ...at, eventType: 'Slow' });
    let begin;
    const begun = new Promise((resolve) => (begin = resolve));
    const controller = new AbortController();
    const running = call(log, controller.signal, begin, source);
    await begun;
    await turn();
    const behind = log.appendEvent({ ...at, eventType: 'behind' });
    controller.abort(new Error('enough'));
    const error = await running.then(
      () => t.fail('it has succeeded'),
      (reason) => reason,
    );
    t.is(error.code, 'ABORTED', error.message);
    t.regex(error.message ?? error.error, /was called off by its signal: enough/);
    if (error instanceof Error) t.is(error.cause, controller.signal.reason);
    t.is(getEventListeners(controller.signal, 'abort').length, 0);
    asked[0].take();
    for (const response of await Promise.all([slow, behind])) succeeded(t, response, 'appendEvent');
    const again = await openAt(t, path);
    t.deepEqual(
      (await all(again.readAll({ instance: 'log' }))).map((event) => event.event_type),
      ['first', 'Slow', 'behind'],
    );
    t.is((await again.getInstance('imported')).code, 'INSTANCE_NOT_FOUND');
    const snapshots = await again.deleteSnapshots({ instance: 'log' });
    t.is(succeeded(t, snapshots, 'deleteSnapshots').count, 0);
  });
}

test('a checkpoint that waits for its turn hears its signal, and leaves no tree', async (t) => {
  const { log, asked } = await opened(t);
  const slow = log.appendEvent({ ...at, eventType: 'Slow' });
  const { signal, heard, abort, listeners } = ownSignal();
  const running = log.checkpoint({ instance: 'log', key: SIGNING_KEY, signal });
  await heard;
  abort(new Error('enough'));
  failed(t, await running, 'checkpoint', 'ABORTED', /^the checkpoint was called off by its signal/);
  t.is(listeners.size, 0);
  asked[0].take();
  succeeded(t, await slow, 'appendEvent');
  const { size } = succeeded(
    t,
    await log.checkpoint({ instance: 'log', key: SIGNING_KEY }),
    'checkpoint',
  );
  t.is(size, 2);
});

test('`close` hands over what waits for its turn', async (t) => {
  const path = await temporaryPath(t);
  const { log } = await opened(t, path);
  const subscription = log.subscribe({ instance: 'log', consumer: 'c' });
  const { value: event } = await subscription.next();
  const slow = log.appendEvent({ ...at, eventType: 'Slow' });
  let begin;
  const begun = new Promise((resolve) => (begin = resolve));
  const decided = CALLS.decide(log, new AbortController().signal, begin);
  await begun;
  await turn();
  const calls = [log.createInstance('other'), event.ack()];
  await log.close();
  t.is((await slow).code, 'CLOSED');
  t.is((await decided).state, 2);
  succeeded(t, await calls[0], 'createInstance');
  await calls[1];
  const again = await openAt(t, path);
  const { consumers } = succeeded(
    t,
    await again.listConsumers({ instance: 'log' }),
    'listConsumers',
  );
  t.is(consumers[0].position, 1);
  succeeded(t, await again.getInstance('other'), 'getInstance');
});

test('a signal that was aborted before is heard where the turn comes late', async (t) => {
  const { log, asked } = await opened(t);
  const slow = log.appendEvent({ ...at, eventType: 'Slow' });
  const { signal, abort } = ownSignal();
  const running = log.decide({
    instance: 'log',
    stream: 's',
    initial: 0,
    apply: (count) => count,
    decide: () => ({
      eventType: 'decided',
      payload: {
        toJSON() {
          abort(new Error('enough'));
          return {};
        },
      },
    }),
    signal,
  });
  await t.throwsAsync(running, { code: 'ABORTED' });
  asked[0].take();
  await slow;
  t.is((await all(log.readAll({ instance: 'log' }))).length, 2);
});

test('a call for which there is no room leaves nothing behind at its signal', async (t) => {
  const { schema, asked } = waiting();
  const log = await openLog(t, { events: { Slow: schema }, queuedBytesMax: 1_000 });
  await created(t, log, 'log');
  const controller = new AbortController();
  const decide = () => ({ eventType: 'Slow', payload: { text: 'x'.repeat(2_000) } });
  const options = { instance: 'log', stream: 's', initial: 0, apply: (count) => count };
  await t.throwsAsync(log.decide({ ...options, decide, signal: controller.signal }), {
    code: 'OVERLOADED',
  });
  t.is(asked.length, 1);
  t.is(getEventListeners(controller.signal, 'abort').length, 0);
});

test('a signal that cannot be listened to is refused, and those behind it go on', async (t) => {
  const { log, asked } = await opened(t);
  const slow = log.appendEvent({ ...at, eventType: 'Slow' });
  let listened = 0;
  const signal = {
    aborted: false,
    addEventListener() {
      listened += 1;
      throw new Error('no');
    },
    removeEventListener() {},
  };
  const checkpoint = await log.checkpoint({ instance: 'log', key: SIGNING_KEY, signal });
  failed(t, checkpoint, 'checkpoint', 'INVALID_ARGUMENT', /^signal: .* one that throws: no/);
  t.true(listened > 0);
  const behind = log.appendEvent({ ...at, eventType: 'behind' });
  asked[0].take();
  for (const response of await Promise.all([slow, behind])) succeeded(t, response, 'appendEvent');
});

test('what settles within the turn of `close` counts, also for a log that was not opened yet', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    import { EventLog, eventLog } from '${addon}';
    const validate = async (value) => {
      for (let n = 0; n < 100; n += 1) await undefined;
      return { value };
    };
    const never = () => new Promise(() => {});
    const schema = (validate) => ({ '~standard': { version: 1, vendor: 'test', validate } });
    const log = eventLog.typed({ events: { Later: schema(validate), Never: schema(never) } });
    const at = { instanceId: 'log', autoCreateInstance: true };
    const calls = ['Later', 'Never', 'none'].map((eventType) => log.appendEvent({ ...at, eventType }));
    await log.close();
    const codes = (await Promise.all(calls)).map(({ code }) => code ?? 'stored');
    const again = await EventLog.open(process.env.CODEBOLT_EVENTLOG_PATH);
    const { data } = await again.queryEvents({ from: { instance: 'log' } });
    console.log(JSON.stringify([codes, data.result.events.map(({ event_type }) => event_type)]));`;
  const [codes, stored] = await runForJson(t, source, { env: { CODEBOLT_EVENTLOG_PATH: path } });
  t.deepEqual(codes, ['stored', 'CLOSED', 'stored']);
  t.deepEqual(stored, ['Later', 'none']);
});
