// Consumers: subscriptions that go on after what was acknowledged, whatever came in between.

import { setTimeout } from 'node:timers/promises';

import test from 'ava';

import { addon, run, start } from './support/child.mjs';
import { failsWith, fill } from './support/reading.mjs';
import { created, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

const mailer = { instance: 'log', consumer: 'mailer' };

/** The consumers of an instance, each with where it stands and how far behind it is. */
async function consumersOf(t, log, options = {}) {
  const response = await log.listConsumers({ instance: 'log', ...options });
  const { consumers, hasMore } = succeeded(t, response, 'listConsumers');
  for (const { timestamp } of consumers) t.true(Date.parse(timestamp) <= Date.now());
  const listed = consumers.map(({ consumer, position, behind }) => [consumer, position, behind]);
  return { listed, hasMore };
}

/** The next `count` events of a subscription. */
async function take(subscription, count) {
  const events = [];
  while (events.length < count) events.push((await subscription.next()).value);
  return events;
}

const positionsOf = (events) => events.map(({ position }) => position);

/** Asserts that a promise of `ack` rejects with that code, and returns the error. */
async function refusedWith(t, promise, code) {
  const error = await t.throwsAsync(promise);
  t.is(error.name, 'EventLogError');
  t.is(error.code, code, error.message);
  return error;
}

test('a consumer goes on after what it has acknowledged, once the log is open again', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  await fill(log, 'log', 30);
  const events = await take(log.subscribe(mailer), 12);
  t.deepEqual(positionsOf(events), positionsOf(events.toSorted((a, b) => a.position - b.position)));
  t.is(await events[4].ack(), undefined);
  t.deepEqual(await consumersOf(t, log), { listed: [['mailer', 5, 25]], hasMore: false });
  await Promise.all([events[9].ack(), events[2].ack(), events[7].ack()]);
  await log.close();

  log = await openAt(t, path);
  const resumed = log.subscribe(mailer);
  t.is((await resumed.next()).value.position, 11);
  await resumed.return();
  // Where it begins is for the first time.
  const elsewhere = log.subscribe({ ...mailer, afterPosition: 20 });
  t.is((await elsewhere.next()).value.position, 11);
  t.deepEqual((await consumersOf(t, log)).listed, [['mailer', 10, 20]]);
});

test('ack and checkpoint are no keys of an event, and work after the loop was left', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 3);
  const [plain] = await take(log.subscribe({ instance: 'log' }), 1);
  let kept;
  for await (const event of log.subscribe(mailer)) {
    kept = event;
    t.deepEqual(Object.keys(event), Object.keys(plain));
    t.deepEqual({ ...event }, plain);
    t.is(JSON.stringify(event), JSON.stringify(plain));
    break;
  }
  const { ack, checkpoint } = kept;
  const { generation, ...place } = checkpoint;
  t.deepEqual(place, { consumer: 'mailer', instance: plain.instanceId, position: 1 });
  t.true(Number.isSafeInteger(generation));
  await ack();
  t.deepEqual((await consumersOf(t, log)).listed, [['mailer', 1, 2]]);
  await log.close();
  await refusedWith(t, ack(), 'CLOSED');
});

test('a new consumer begins where it is said', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 10);
  const at = async (consumer, afterPosition) => {
    const subscription = log.subscribe({ instance: 'log', consumer, afterPosition });
    const first = subscription.next();
    if (afterPosition === 'end') await subscription.untilCaughtUp;
    return { subscription, first };
  };
  t.is((await (await at('a', 4)).first).value.position, 5);
  const { first } = await at('b', 'end');
  await fill(log, 'log', 1, { first: 10 });
  t.is((await first).value.position, 11);
  const { listed } = await consumersOf(t, log);
  t.deepEqual(listed, [
    ['a', 4, 7],
    ['b', 10, 1],
  ]);
  const beyond = log.subscribe({ instance: 'log', consumer: 'c', afterPosition: 12 });
  await failsWith(
    t,
    beyond,
    'INVALID_ARGUMENT',
    /^afterPosition: expected at most .* 11, found 12/,
  );
});

test('consumers of an instance are its own, and go with it', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 3);
  await fill(log, 'other', 3);
  const [event] = await take(log.subscribe(mailer), 1);
  await event.ack();
  t.deepEqual((await consumersOf(t, log, { instance: 'other' })).listed, []);
  succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
  await refusedWith(t, event.ack(), 'INSTANCE_NOT_FOUND');
  await fill(log, 'log', 2);
  await refusedWith(t, event.ack(), 'INSTANCE_NOT_FOUND');
  t.deepEqual((await consumersOf(t, log)).listed, []);
  t.is((await log.subscribe(mailer).next()).value.position, 1);
});

test('under a filter it is moved over what does not match, once what does is acknowledged', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 1);
  const where = [{ field: 'event_type', operator: 'eq', value: 'wanted' }];
  const subscription = log.subscribe({ ...mailer, where });
  const first = subscription.next();
  await subscription.untilCaughtUp;
  await fill(log, 'log', 6000, { first: 1 });
  const wanted = { instanceId: 'log', eventType: 'wanted' };
  succeeded(t, await log.appendEvent(wanted), 'appendEvent');
  const { value } = await first;
  t.is(value.position, 6002);
  await value.ack();
  const second = subscription.next();
  await fill(log, 'log', 5000, { first: 7000 });
  const standing = async () => (await consumersOf(t, log)).listed[0][1];
  while ((await standing()) < 11_002) await setTimeout(1);
  // Now one that was given out is not acknowledged yet.
  succeeded(t, await log.appendEvent(wanted), 'appendEvent');
  t.is((await second).value.position, 11_003);
  const third = subscription.next();
  await fill(log, 'log', 5000, { first: 12_000 });
  succeeded(t, await log.appendEvent(wanted), 'appendEvent');
  t.is((await third).value.position, 16_004);
  t.is(await standing(), 11_002);
  await subscription.return();
});

test('a consumer that was reset, and one that was deleted, is not moved by those from before', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 10);
  const subscription = log.subscribe(mailer);
  const events = await take(subscription, 5);
  await events[3].ack();
  const reset = await log.resetConsumer({ ...mailer, position: 2 });
  const { consumer } = succeeded(t, reset, 'resetConsumer');
  t.deepEqual([consumer.consumer, consumer.position, consumer.behind], ['mailer', 2, 8]);
  const error = await refusedWith(t, events[4].ack(), 'CHECKPOINT_CONFLICT');
  t.deepEqual(error.conflict, { consumer: 'mailer', position: 5, actual: 2 });

  const anew = await take(log.subscribe(mailer), 2);
  t.deepEqual(positionsOf(anew), [3, 4]);
  await anew[0].ack();
  const deleted = succeeded(t, await log.deleteConsumer(mailer), 'deleteConsumer');
  t.is(deleted.consumer.position, 3);
  await refusedWith(t, anew[1].ack(), 'CONSUMER_NOT_FOUND');
  t.deepEqual((await consumersOf(t, log)).listed, []);
  const [again] = await take(log.subscribe(mailer), 1);
  t.is(again.position, 1);
  await refusedWith(t, anew[1].ack(), 'CHECKPOINT_CONFLICT');
  await again.ack();
  succeeded(t, await log.resetConsumer({ ...mailer, position: 'end' }), 'resetConsumer');
  t.deepEqual((await consumersOf(t, log)).listed, [['mailer', 10, 0]]);
});

test('a subscription ends when its consumer is reset or deleted, by whatever process', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 5000);
  /** One that waits, and one that has read only its first page. */
  const following = async () => {
    const waiting = log.subscribe(mailer);
    await take(waiting, 5000);
    const behind = log.subscribe(mailer);
    await behind.next();
    return { step: waiting.next(), behind };
  };
  const [first, second] = [await following(), await following()];
  succeeded(t, await log.resetConsumer({ ...mailer, position: 3 }), 'resetConsumer');
  for (const { step, behind } of [first, second]) {
    const error = await refusedWith(t, step, 'CHECKPOINT_CONFLICT');
    t.deepEqual(error.conflict, { consumer: 'mailer', position: 3, actual: 3 });
    let events = 1;
    const rest = async () => {
      for await (const _ of behind) events += 1;
    };
    await refusedWith(t, rest(), 'CHECKPOINT_CONFLICT');
    t.true(events < 5000);
  }

  const subscription = log.subscribe(mailer);
  await take(subscription, 4997);
  const step = subscription.next();
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    const { success } = await log.deleteConsumer(${JSON.stringify(mailer)});
    await log.close();
    process.exitCode = success ? 0 : 1;
  `;
  t.is((await run(t, source, { args: [path] })).code, 0);
  await refusedWith(t, step, 'CONSUMER_NOT_FOUND');
});

test('what is acknowledged and not awaited is kept when the log is closed or the process ends', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 10);
  for (const [index, end] of ['', 'log.close();', 'process.exit();'].entries()) {
    const source = `
      import { EventLog } from ${JSON.stringify(addon)};
      const log = await EventLog.open(process.argv[1]);
      for await (const event of log.subscribe(${JSON.stringify(mailer)})) {
        event.ack();
        break;
      }
      ${end}
    `;
    const { code, stderr } = await run(t, source, { args: [path] });
    t.is(code, 0, stderr);
    t.deepEqual((await consumersOf(t, log)).listed, [['mailer', index + 1, 9 - index]]);
  }
});

test('consumers are listed in pages, in the order of their names', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  for (const consumer of ['b', 'é', 'a', 'Z']) {
    const subscription = log.subscribe({ instance: 'log', consumer });
    const step = subscription.next();
    await subscription.untilCaughtUp;
    await subscription.return();
    t.deepEqual(await step, { done: true, value: undefined });
  }
  const names = async (options) => {
    const { listed, hasMore } = await consumersOf(t, log, options);
    return [listed.map(([name]) => name).join(' '), hasMore];
  };
  t.deepEqual(await names(), ['Z a b é', false]);
  t.deepEqual(await names({ limit: 2 }), ['Z a', true]);
  t.deepEqual(await names({ after: 'a', limit: 2 }), ['b é', false]);
});

const BAD = [
  ['listConsumers', undefined, 'INVALID_ARGUMENT', /^options: expected an object, found nothing$/],
  ['listConsumers', { instance: 'other' }, 'INSTANCE_NOT_FOUND', /"other"/],
  ['listConsumers', { ...mailer }, 'INVALID_ARGUMENT', /consumer/],
  ['listConsumers', { instance: 'log', limit: 10_001 }, 'LIMIT_EXCEEDED', /^limit: .* 10000 cons/],
  ['resetConsumer', mailer, 'INVALID_ARGUMENT', /^position: expected .*, found nothing$/],
  ['resetConsumer', { ...mailer, position: -1 }, 'INVALID_ARGUMENT', /^position: .*found -1$/],
  ['resetConsumer', { ...mailer, position: 1 }, 'INVALID_ARGUMENT', /^position: .* 0, found 1$/],
  ['resetConsumer', { ...mailer, position: 0 }, 'CONSUMER_NOT_FOUND', /^consumer: .*"mailer"/],
  ['resetConsumer', { ...mailer, instance: 'o', position: 0 }, 'INSTANCE_NOT_FOUND', /"o"/],
  ['deleteConsumer', mailer, 'CONSUMER_NOT_FOUND', /a subscription with `consumer` makes it$/],
  ['deleteConsumer', { instance: 'log' }, 'INVALID_ARGUMENT', /^consumer: .* found nothing$/],
  ['deleteConsumer', { ...mailer, consumer: '' }, 'INVALID_ARGUMENT', /^consumer: .*not empty/],
];

test('what is not understood is refused, and changes nothing', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  for (const [method, options, code, pattern] of BAD) {
    failed(t, await log[method](options), method, code, pattern);
  }
  for (const [consumer, code, pattern] of [
    [7, 'INVALID_ARGUMENT', /^consumer: expected the name of a consumer, found 7$/],
    ['', 'INVALID_ARGUMENT', /^consumer: expected a string that is not empty/],
    ['a\ud800', 'INVALID_ARGUMENT', /^consumer: .*lone surrogate/],
    [
      'é'.repeat(129),
      'LIMIT_EXCEEDED',
      /^consumer: expected at most 256 bytes of UTF-8, found 258$/,
    ],
  ]) {
    await failsWith(t, log.subscribe({ instance: 'log', consumer }), code, pattern);
  }
  const where = [{ field: 'a', operator: 'is', value: 1 }];
  const unclear = log.subscribe({ ...mailer, where });
  await failsWith(t, unclear, 'INVALID_ARGUMENT', /^where\[0\]\.operator: /);
  const nowhere = log.subscribe({ instance: 'other', consumer: 'mailer' });
  await failsWith(t, nowhere, 'INSTANCE_NOT_FOUND', /"other"/);
  await failsWith(t, log.readAll(mailer), 'INVALID_ARGUMENT', /consumer/);
  t.deepEqual((await consumersOf(t, log)).listed, []);
});

test('a log that is only read has no place for a consumer', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 3);
  const [event] = await take(log.subscribe(mailer), 1);
  await event.ack();
  await log.close();
  const reader = await openAt(t, path, { readOnly: true });
  await failsWith(t, reader.subscribe(mailer), 'INVALID_ARGUMENT', /readOnly/);
  t.deepEqual((await consumersOf(t, reader)).listed, [['mailer', 1, 2]]);
});

testOfFiles(
  'consumers are in a backup and in a log that was compacted, and not in an export',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await fill(log, 'log', 100);
    const [event] = await take(log.subscribe(mailer), 1);
    await event.ack();
    const target = `${path}.copy`;
    succeeded(t, await log.backup(target), 'backup');
    const copy = await openAt(t, target);
    t.deepEqual((await consumersOf(t, copy)).listed, [['mailer', 1, 99]]);
    t.true(succeeded(t, await copy.verify(), 'verify').intact);
    succeeded(t, await log.compact(), 'compact');
    t.deepEqual((await consumersOf(t, log)).listed, [['mailer', 1, 99]]);
    await event.ack();
    const imported = await openLog(t);
    succeeded(t, await imported.importEvents(log.exportEvents()), 'importEvents');
    t.deepEqual((await consumersOf(t, imported)).listed, []);
    // The positions are the same there.
    const { position } = event;
    const moved = log.subscribe(mailer);
    const carried = imported.subscribe({ ...mailer, afterPosition: position });
    t.is((await carried.next()).value.id, (await moved.next()).value.id);
  },
);

test('a process that is killed while it consumes is followed by one that goes on', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 3000);
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    // Told before anything else is done, so that a kill takes no word of it along.
    const tell = (message) => new Promise((told) => process.send(message, told));
    const log = await EventLog.open(process.argv[1]);
    for await (const event of log.subscribe(${JSON.stringify(mailer)})) {
      await tell({ got: event.position });
      await event.ack();
      await tell({ acknowledged: event.position });
    }
  `;
  let acknowledged = 0;
  let got = 0;
  for (let round = 0; round < 4; round += 1) {
    const child = start(t, source, { args: [path] });
    const until = acknowledged + 20 + round;
    let first = true;
    while (acknowledged < until) {
      const message = await child.message();
      if (message.got !== undefined) {
        // The one that was given out and not acknowledged may come again, and no other one.
        if (first) t.true(message.got === acknowledged + 1 || message.got === acknowledged + 2);
        else t.is(message.got, got + 1);
        first = false;
        got = message.got;
      } else {
        t.true(message.acknowledged > acknowledged);
        acknowledged = message.acknowledged;
      }
    }
    child.child.kill('SIGKILL');
    await child.ended;
    for (const message of child.received) {
      if (message.got !== undefined) got = message.got;
      else acknowledged = message.acknowledged;
    }
    const [[, position]] = (await consumersOf(t, log)).listed;
    t.true(position === acknowledged || position === acknowledged + 1);
    acknowledged = position;
  }
});
