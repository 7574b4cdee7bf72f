// Calls that wait for a process that is stopped, of consumers and with signals.

import { getEventListeners } from 'node:events';

import ava from 'ava';

import { SIGNING_KEY } from './support/evidence.mjs';
import { eventsOf, failed, succeeded } from './support/response.mjs';
import { APPENDER, CAN_STOP, logAt, stoppedHolder } from './support/stopped.mjs';
import { temporaryPath } from './support/temporary.mjs';
import { exportText } from './support/transfer.mjs';

const test = CAN_STOP ? ava : ava.skip;

/** A wait that no test has the time for. */
const FOR_EVER = { lockWaitMs: 2_147_483_647 };

/** A consumer. */
const MAILER = { instance: 'orders', consumer: 'mailer' };

test('a checkpoint and a projection that wait for a stopped process hear their signals', async (t) => {
  const path = await temporaryPath(t);
  const log = await logAt(t, path, FOR_EVER);
  const { go } = await stoppedHolder(t, APPENDER, path);
  const controller = new AbortController();
  const { signal } = controller;
  let applied;
  const isApplied = new Promise((resolve) => (applied = resolve));
  const projecting = log.project({
    instance: 'orders',
    stream: 'ours',
    initial: 0,
    apply(count) {
      applied();
      return count + 1;
    },
    name: 'count',
    snapshotEvery: 1,
    signal,
  });
  const checkpoint = log.checkpoint({ instance: 'orders', key: SIGNING_KEY, signal });
  await isApplied;
  controller.abort(new Error('enough'));
  failed(t, await checkpoint, 'checkpoint', 'ABORTED', /enough/);
  const error = await t.throwsAsync(projecting, { code: 'ABORTED' });
  t.is(error.cause, signal.reason);
  go();
  // What it was told is so, whether or not the snapshot was kept after all.
  const again = log.project({
    instance: 'orders',
    stream: 'ours',
    initial: 0,
    apply: (n) => n + 1,
  });
  t.is((await again).state, 1);
  const made = await log.checkpoint({ instance: 'orders', key: SIGNING_KEY });
  succeeded(t, made, 'checkpoint');
  t.true((await log.verify()).data.intact);
});

test('an import that waits for a stopped process hears its signal, and stores nothing', async (t) => {
  const path = await temporaryPath(t);
  const log = await logAt(t, path, FOR_EVER);
  const text = await exportText(log);
  const { go } = await stoppedHolder(t, APPENDER, path);
  const mapped = { format: 'json-lines', instance: 'lines', map: { type: 't' } };
  for (const [source, options] of [
    [text.replaceAll('orders', 'copies'), {}],
    ['{"n":1}', mapped],
  ]) {
    // One that has nothing to do with it is in front of it.
    void log.createInstance('in front');
    const controller = new AbortController();
    let given;
    const isGiven = new Promise((resolve) => (given = resolve));
    async function* lines() {
      yield source;
      given();
    }
    const imported = log.importEvents(lines(), { ...options, signal: controller.signal });
    await isGiven;
    await new Promise(setImmediate);
    controller.abort(new Error('enough'));
    failed(t, await imported, 'importEvents', 'ABORTED', /enough; nothing was stored$/);
    t.is(getEventListeners(controller.signal, 'abort').length, 0);
  }
  go();
  // This one comes after all of them.
  succeeded(t, await log.createInstance('last'), 'createInstance');
  const { instances } = succeeded(t, await log.listInstances(), 'listInstances');
  t.deepEqual(
    instances.map(({ name }) => name),
    ['orders', 'in front', 'last'],
  );
});

/** The calls that move consumers, each of which is answered with a response or rejects. */
const CONSUMER_CHANGES = {
  ack: (log, event) => event.ack(),
  nack: (log, event) => event.nack(new Error('no')),
  subscribe: (log) => log.subscribe({ instance: 'orders', consumer: 'new' }).next(),
  decide: (log) =>
    log.decide({
      instance: 'orders',
      stream: 'ours',
      initial: 0,
      apply: (count) => count + 1,
      decide: () => ({ eventType: 'decided' }),
    }),
  resetConsumer: (log) => log.strict.resetConsumer({ ...MAILER, position: 0 }),
  deleteConsumer: (log) => log.strict.deleteConsumer(MAILER),
  retryParked: (log) => log.strict.retryParked(MAILER),
  discardParked: (log) => log.strict.discardParked(MAILER),
};

test('consumers and decisions beside a stopped process are LOCKED, and stay as they are', async (t) => {
  const path = await temporaryPath(t);
  const log = await logAt(t, path, { lockWaitMs: 20 });
  const options = { ...MAILER, stream: 'ours', onFailed: 'park' };
  const subscription = log.subscribe(options);
  const { value: event } = await subscription.next();
  const { child, go, ended } = await stoppedHolder(t, APPENDER, path);
  for (const change of Object.values(CONSUMER_CHANGES)) {
    const error = await t.throwsAsync(change(log, event), { code: 'LOCKED' });
    t.regex(error.message, new RegExp(`process ${child.pid} .*lockWaitMs`));
  }
  go();
  child.kill('SIGKILL');
  await ended;
  const { consumers } = succeeded(
    t,
    await log.listConsumers({ instance: 'orders' }),
    'listConsumers',
  );
  t.deepEqual(
    consumers.map(({ consumer, position, parked }) => [consumer, position, parked]),
    [['mailer', 0, 0]],
  );
  await event.ack();
  t.is((await eventsOf(t, log, 'orders', 'ours')).length, 1);
});
