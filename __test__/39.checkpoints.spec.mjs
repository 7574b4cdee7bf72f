// Checkpoints: what was made of an event is stored with the fact that it was, once.

import test from 'ava';

import { addon, start } from './support/child.mjs';
import { all } from './support/reading.mjs';
import { appended, created, eventsOf, failed, outrun, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const event = { instanceId: 'orders', eventType: 'placed' };

/** Makes a consumer, which stands at the beginning. */
async function registered(log, consumer, instance = 'orders') {
  const subscription = log.subscribe({ instance, consumer });
  await subscription.next();
  await subscription.return();
}

/** A log with five events and a consumer. */
async function openOrders(t) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const events = Array.from({ length: 5 }, () => ({ eventType: 'placed' }));
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  await registered(log, 'biller');
  return log;
}

const standing = async (t, log, instance = 'orders') => {
  const { consumers } = succeeded(t, await log.listConsumers({ instance }), 'listConsumers');
  return consumers.map(({ position }) => position);
};

test('a result and its checkpoint are stored together, and once', async (t) => {
  const log = await openOrders(t);
  const billed = (position) => ({
    instanceId: 'orders',
    streamId: 'bills',
    eventType: 'billed',
    payload: { position },
    checkpoint: { consumer: 'biller', position },
  });
  await appended(t, log, billed(2));
  t.deepEqual(await standing(t, log), [2]);
  for (const position of [2, 1]) {
    const conflict = outrun(
      t,
      await log.appendEvent(billed(position)),
      'appendEvent',
      /^checkpoint: /,
    );
    t.deepEqual(conflict, { consumer: 'biller', position, actual: 2 });
  }
  const { checkpoint, instanceId, ...one } = billed(4);
  const batch = { instanceId, checkpoint, events: [one, one] };
  succeeded(t, await log.appendEvents(batch), 'appendEvents');
  outrun(t, await log.appendEvents(batch), 'appendEvents');
  t.deepEqual(await standing(t, log), [4]);
  // What has no result is done as well.
  const nothing = { instanceId, checkpoint: { consumer: 'biller', position: 5 }, events: [] };
  succeeded(t, await log.appendEvents(nothing), 'appendEvents');
  t.deepEqual(await standing(t, log), [5]);
  t.is((await eventsOf(t, log, 'orders', 'bills')).length, 3);
});

test('of calls at once with one checkpoint, one is stored', async (t) => {
  const log = await openOrders(t);
  const calls = Array.from({ length: 20 }, (_, n) =>
    log.appendEvent({
      ...event,
      streamId: 'bills',
      payload: { n },
      checkpoint: { consumer: 'biller', position: 3 },
    }),
  );
  const responses = await Promise.all(calls);
  t.is(responses.filter(({ success }) => success).length, 1);
  for (const response of responses) if (!response.success) outrun(t, response, 'appendEvent');
  t.is((await eventsOf(t, log, 'orders', 'bills')).length, 1);
});

test('the consumer may read another instance', async (t) => {
  const log = await openOrders(t);
  const call = {
    instanceId: 'bills',
    eventType: 'billed',
    autoCreateInstance: true,
    checkpoint: { consumer: 'biller', position: 1, instance: 'orders' },
  };
  await appended(t, log, call);
  t.deepEqual(await standing(t, log), [1]);
  t.deepEqual(await standing(t, log, 'bills'), []);
  outrun(t, await log.appendEvent(call), 'appendEvent');
});

test('an event has its own checkpoint, which is of no use once the consumer was reset', async (t) => {
  const log = await openOrders(t);
  const bill = ({ checkpoint }) =>
    // As another process would get it.
    log.appendEvent({
      instanceId: 'bills',
      eventType: 'billed',
      autoCreateInstance: true,
      checkpoint: JSON.parse(JSON.stringify(checkpoint)),
    });
  const subscription = log.subscribe({ instance: 'orders', consumer: 'biller' });
  const events = [];
  while (events.length < 5) events.push((await subscription.next()).value);
  succeeded(t, await bill(events[1]), 'appendEvent');
  const twice = outrun(t, await bill(events[1]), 'appendEvent', /^checkpoint: .*stored already$/);
  t.deepEqual(twice, { consumer: 'biller', position: 2, actual: 2 });
  const biller = { instance: 'orders', consumer: 'biller' };
  succeeded(t, await log.resetConsumer({ ...biller, position: 0 }), 'resetConsumer');
  for (const given of events.slice(1)) {
    const conflict = outrun(t, await bill(given), 'appendEvent', /^checkpoint: .*was reset/);
    t.deepEqual(conflict, { consumer: 'biller', position: given.position, actual: 0 });
  }
  t.deepEqual(await standing(t, log), [0]);
  succeeded(t, await log.deleteConsumer(biller), 'deleteConsumer');
  failed(t, await bill(events[4]), 'appendEvent', 'CONSUMER_NOT_FOUND', /^checkpoint\.consumer: /);
  await registered(log, 'biller');
  outrun(t, await bill(events[4]), 'appendEvent', /was reset/);
  const again = log.subscribe(biller);
  succeeded(t, await bill((await again.next()).value), 'appendEvent');
  t.deepEqual(await standing(t, log), [1]);
  t.is((await eventsOf(t, log, 'bills')).length, 2);
});

test('a call that is refused moves no consumer, and one that cannot move it stores nothing', async (t) => {
  const log = await openOrders(t);
  const checkpoint = { consumer: 'biller', position: 1 };
  const behind = { ...event, streamId: 's', expectedSequence: 7, checkpoint };
  t.is((await log.appendEvent(behind)).code, 'SEQUENCE_CONFLICT');
  t.deepEqual(await standing(t, log), [0]);
  for (const [given, code, pattern] of [
    [
      { consumer: 'nobody', position: 1 },
      'CONSUMER_NOT_FOUND',
      /^checkpoint\.consumer: .*"nobody"/,
    ],
    [
      { ...checkpoint, instance: 'bills' },
      'INSTANCE_NOT_FOUND',
      /^checkpoint\.instance: .*"bills"/,
    ],
    [{ ...checkpoint, generation: 'a' }, 'INVALID_ARGUMENT', /^checkpoint\.generation: .*"a"/],
    [{ ...checkpoint, position: 6 }, 'INVALID_ARGUMENT', /^checkpoint\.position: .* 5, found 6$/],
    [{ ...checkpoint, position: 0 }, 'INVALID_ARGUMENT', /^checkpoint\.position: .* found 0$/],
    [{ ...checkpoint, position: 1.5 }, 'INVALID_ARGUMENT', /^checkpoint\.position: .* found 1.5$/],
    [{ consumer: 'biller' }, 'INVALID_ARGUMENT', /^checkpoint\.position: .* found nothing$/],
    [{ position: 1 }, 'INVALID_ARGUMENT', /^checkpoint\.consumer: .* found nothing$/],
    [{ ...checkpoint, consumer: 'é'.repeat(129) }, 'LIMIT_EXCEEDED', /^checkpoint\.consumer: /],
    [{ ...checkpoint, at: 1 }, 'INVALID_ARGUMENT', /checkpoint.*at/],
    ['biller', 'INVALID_ARGUMENT', /^checkpoint: expected an object/],
  ]) {
    failed(t, await log.appendEvent({ ...event, checkpoint: given }), 'appendEvent', code, pattern);
    const batch = { instanceId: 'orders', events: [{ eventType: 'a' }], checkpoint: given };
    failed(t, await log.appendEvents(batch), 'appendEvents', code, pattern);
  }
  const within = { instanceId: 'orders', events: [{ eventType: 'a', checkpoint }] };
  const pattern = /^events\[0\]\.checkpoint: .*beside `events`/;
  failed(t, await log.appendEvents(within), 'appendEvents', 'INVALID_ARGUMENT', pattern);
  const fresh = { ...event, instanceId: 'new', autoCreateInstance: true, checkpoint };
  failed(t, await log.appendEvent(fresh), 'appendEvent', 'CONSUMER_NOT_FOUND');
  t.is((await log.getInstance('new')).code, 'INSTANCE_NOT_FOUND');
  t.is((await eventsOf(t, log, 'orders')).length, 5);
  t.deepEqual(await standing(t, log), [0]);
});

test('a call that was stored before is answered as such, and moves the consumer if need be', async (t) => {
  const log = await openOrders(t);
  const call = {
    ...event,
    streamId: 'bills',
    idempotencyKey: 'bill 3',
    checkpoint: { consumer: 'biller', position: 3 },
  };
  const stored = await appended(t, log, call);
  const again = async () => {
    const data = succeeded(t, await log.appendEvent(call), 'appendEvent');
    t.deepEqual(data, { event: stored, duplicate: true });
  };
  await again();
  const reset = { instance: 'orders', consumer: 'biller', position: 0 };
  succeeded(t, await log.resetConsumer(reset), 'resetConsumer');
  await again();
  t.deepEqual(await standing(t, log), [3]);
  const { position, ...gone } = reset;
  t.is(position, 0);
  succeeded(t, await log.deleteConsumer(gone), 'deleteConsumer');
  await again();
});

test('two processes that run one consumer make one result of each event, though they are killed', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const count = 400;
  const events = Array.from({ length: count }, (_, n) => ({ eventType: 'placed', payload: { n } }));
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    const where = [{ field: 'event_type', operator: 'eq', value: 'placed' }];
    for await (const { payload, checkpoint } of log.subscribe({ instance: 'orders', consumer: 'biller', where })) {
      const response = await log.appendEvent({
        instanceId: 'orders',
        streamId: 'bills',
        eventType: 'billed',
        payload,
        checkpoint,
      });
      if (!response.success && response.code !== 'CHECKPOINT_CONFLICT') throw new Error(response.error);
      if (response.success) process.send(payload.n);
      if (payload.n === ${count - 1}) break;
    }
    await log.close();
    process.disconnect();
  `;
  // The one that comes to the last event ends them all: another one may wait for more.
  const running = new Set();
  let isOver = false;
  /** Runs the consumer, and kills it so many results later, until it has come to the end. */
  const consume = async (results) => {
    while (!isOver) {
      const { child, ended } = start(t, source, { args: [path] });
      running.add(child);
      let heard = 0;
      child.on('message', () => {
        heard += 1;
        if (heard === results) child.kill('SIGKILL');
      });
      const { code, signal, stderr } = await ended;
      running.delete(child);
      if (signal === 'SIGKILL') {
        // It may have stored the last result before it was killed. Nobody else would come to an end then.
        const [position] = await standing(t, log);
        if (position < count) continue;
      } else {
        t.is(code, 0, stderr);
      }
      isOver = true;
      for (const other of running) other.kill('SIGKILL');
    }
  };
  await Promise.all([consume(60), consume(75)]);
  const bills = await all(log.readStream({ instance: 'orders', stream: 'bills' }));
  t.deepEqual(
    bills.map(({ payload }) => payload.n),
    events.map(({ payload }) => payload.n),
  );
  t.deepEqual(await standing(t, log), [count]);
});
