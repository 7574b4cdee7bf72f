// Events that a consumer has parked: they are kept with it, listed, put back and discarded.

import test from 'ava';

import { addon, run, start } from './support/child.mjs';
import { asked, consumerOf, handle, mailer, next, parkedOf, parking } from './support/parking.mjs';
import { fill } from './support/reading.mjs';
import { appended, created, failed, outrun, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

test('an event that fails for good is parked, and the consumer goes on', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5);
  const before = Date.now();
  const retry = { attempts: 2 };
  t.deepEqual(await handle(log, 7, [2, 4], { retry }), [1, 2, 2, 3, 4, 4, 5]);
  const { parked, hasMore } = await asked(t, log, 'listParked');
  for (const { timestamp } of parked) {
    t.true(Date.parse(timestamp) >= before && Date.parse(timestamp) <= Date.now());
  }
  t.false(hasMore);
  t.deepEqual(
    parked.map((event) => ({ ...event, timestamp: undefined })),
    [
      { position: 2, error: 'Error: no 2', attempts: 2, retrying: false, timestamp: undefined },
      { position: 4, error: 'Error: no 4', attempts: 2, retrying: false, timestamp: undefined },
    ],
  );
  const { position, behind, parked: count } = await consumerOf(t, log);
  t.deepEqual({ position, behind, count }, { position: 5, behind: 0, count: 2 });
});

test('what is said of the failure is kept as text, of which there is an end', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 10);
  const subscription = log.subscribe(parking);
  const cycle = {};
  cycle.cycle = cycle;
  const thrower = {
    toString() {
      throw new Error('no text');
    },
  };
  const given = [undefined, null, 'text', 0, 'é'.repeat(3000), '', thrower, '\ud800'];
  given.push({ status: 503 }, cycle);
  for (const error of given) await (await next(subscription)).nack(error);
  await subscription.return();
  const { parked } = await asked(t, log, 'listParked');
  const errors = parked.map(({ error }) => error);
  const [nothing, none, text, zero, long, empty, thrown, lone, object, circular] = errors;
  t.deepEqual([nothing, none, text, zero, empty], [null, null, 'text', '0', '']);
  t.true(Buffer.byteLength(long) <= 4_096);
  t.regex(long, /^é{2046}…$/);
  t.is(thrown, 'it threw a value that has no text');
  t.is(lone, '\ufffd');
  t.is(object, '{"status":503}');
  t.is(circular, '[object Object]');
});

test('neither ack nor nack takes the other back', async (t) => {
  for (const order of [
    ['ack', 'nack'],
    ['nack', 'ack'],
  ]) {
    const log = await openLog(t);
    await fill(log, 'log', 2);
    const subscription = log.subscribe({ ...parking, retry: { attempts: 2 } });
    for (const attempt of [1, 2]) {
      const event = await next(subscription);
      t.deepEqual([event.position, event.attempt], [1, attempt]);
      for (const name of order) await event[name]();
      t.is((await consumerOf(t, log)).position, 1);
    }
    t.is((await next(subscription)).position, 2);
    await subscription.return();
    t.deepEqual(await parkedOf(t, log), [1]);
  }
});

test('events that are put back are given out again, to a subscription that runs and to the next one', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  await fill(log, 'log', 6);
  await handle(log, 6, [2, 3, 5]);
  const running = log.subscribe(parking);
  const step = running.next();
  await running.untilCaughtUp;
  t.deepEqual(await asked(t, log, 'retryParked', { positions: [5] }), { count: 1 });
  const event = (await step).value;
  t.deepEqual([event.position, event.attempt, event.payload.n], [5, 1, 4]);
  t.deepEqual(await parkedOf(t, log), [2, 3, -5]);
  await event.ack();
  t.deepEqual(await parkedOf(t, log), [2, 3]);
  t.is((await consumerOf(t, log)).position, 6);
  await running.return();

  t.deepEqual(await asked(t, log, 'retryParked'), { count: 2 });
  t.deepEqual(await asked(t, log, 'retryParked'), { count: 0 });
  await log.close();
  log = await openAt(t, path);
  t.deepEqual(await parkedOf(t, log), [-2, -3]);
  await fill(log, 'log', 1, { first: 6 });
  // Those come first that were put back. One fails again.
  t.deepEqual(await handle(log, 4, [3], { retry: { attempts: 2 } }), [2, 3, 3, 7]);
  t.deepEqual(await parkedOf(t, log), [3]);
  const { position, parked, behind } = await consumerOf(t, log);
  t.deepEqual([position, parked, behind], [7, 1, 0]);
});

test('what was put back and not done comes again in the next subscription, and once in each', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 4);
  await handle(log, 4, [1, 2, 3]);
  await asked(t, log, 'retryParked');
  for (let round = 0; round < 2; round += 1) {
    const subscription = log.subscribe(parking);
    const positions = [];
    while (positions.length < 3) positions.push((await next(subscription)).position);
    t.deepEqual(positions, [1, 2, 3]);
    const step = subscription.next();
    await subscription.untilCaughtUp;
    await appended(t, log, { instanceId: 'log', eventType: 'late' });
    t.is((await step).value.position, 5 + round);
    await (await step).value.ack();
    await subscription.return();
  }
  // One that is put back anew is given out anew.
  const subscription = log.subscribe(parking);
  const first = await next(subscription);
  t.is(first.position, 1);
  await asked(t, log, 'retryParked', { positions: [2, 1, 2] });
  const rest = [await next(subscription), await next(subscription)];
  t.deepEqual(
    rest.map(({ position }) => position),
    [2, 3],
  );
  const again = [await next(subscription), await next(subscription)];
  t.deepEqual(
    again.map(({ position }) => position),
    [1, 2],
  );
  // What was given out before is not what is to be done now.
  await first.ack();
  await rest[0].nack();
  t.deepEqual(await parkedOf(t, log), [-1, -2, -3]);
  await again[0].ack();
  await again[0].ack();
  t.deepEqual(await parkedOf(t, log), [-2, -3]);
  await again[1].nack('still not');
  t.deepEqual(await parkedOf(t, log), [2, -3]);
  t.is((await asked(t, log, 'listParked')).parked[0].error, 'still not');
  await subscription.return();
});

test('an event that was put back ends or leaves the subscription as its options say', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 2);
  await handle(log, 2, [1, 2]);
  await asked(t, log, 'retryParked');
  const stopping = log.subscribe(mailer);
  await (await next(stopping)).nack(new Error('no'));
  await t.throwsAsync(stopping.next(), { code: 'EVENT_FAILED', message: /position 1 .*no$/ });
  t.deepEqual(await parkedOf(t, log), [-1, -2]);
  const skipping = log.subscribe({ ...mailer, onFailed: 'skip' });
  await (await next(skipping)).nack();
  t.deepEqual(await parkedOf(t, log), [-2]);
  await skipping.return();
});

test('a result is stored once for an event that was put back', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 3);
  await created(t, log, 'results');
  const result = ({ checkpoint }) =>
    log.appendEvent({ instanceId: 'results', eventType: 'made', checkpoint });
  await handle(log, 3, [1, 2]);
  await asked(t, log, 'retryParked');
  const subscriptions = [log.subscribe(parking), log.subscribe(parking)];
  const [first, second] = await Promise.all(subscriptions.map(next));
  t.deepEqual(first.checkpoint, second.checkpoint);
  t.is(first.checkpoint.retry, 1);
  succeeded(t, await result(first), 'appendEvent');
  t.deepEqual(await parkedOf(t, log), [-2]);
  const pattern = /^checkpoint: expected the event at position 1 to be put back .*stored already/;
  const conflict = outrun(t, await result(second), 'appendEvent', pattern);
  t.deepEqual(conflict, { consumer: 'mailer', position: 1, actual: 3 });
  // With the key of a call that was made before it is made up for.
  const other = await next(subscriptions[0]);
  const keyed = { instanceId: 'results', eventType: 'made', idempotencyKey: 'key' };
  succeeded(t, await log.appendEvent(keyed), 'appendEvent');
  succeeded(t, await log.appendEvent({ ...keyed, checkpoint: other.checkpoint }), 'appendEvent');
  t.deepEqual(await parkedOf(t, log), []);
  const stats = succeeded(t, await log.getInstanceStats('results'), 'getInstanceStats');
  t.is(stats.eventCount, 2);
  for (const subscription of subscriptions) await subscription.return();
});

test('parked events are listed in pages, and discarded', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 12);
  await handle(log, 12, [1, 3, 5, 7, 9, 11]);
  const page = await asked(t, log, 'listParked', { limit: 2, after: 3 });
  t.deepEqual([page.parked.map(({ position }) => position), page.hasMore], [[5, 7], true]);
  t.deepEqual(await parkedOf(t, log, { after: 9 }), [11]);
  await asked(t, log, 'retryParked', { positions: [3] });
  t.deepEqual(await asked(t, log, 'discardParked', { positions: [3, 11, 3] }), { count: 2 });
  t.deepEqual(await parkedOf(t, log), [1, 5, 7, 9]);
  await asked(t, log, 'retryParked', { positions: [9] });
  t.deepEqual(await asked(t, log, 'discardParked'), { count: 4 });
  t.deepEqual(await asked(t, log, 'discardParked'), { count: 0 });
  t.is((await consumerOf(t, log)).parked, 0);
  // Nothing of them is given out.
  const subscription = log.subscribe(parking);
  const step = subscription.next();
  await subscription.untilCaughtUp;
  await fill(log, 'log', 1, { first: 12 });
  t.is((await step).value.position, 13);
  await subscription.return();
});

test('a reset has those come again that stand after it, and keeps the others', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 8);
  await handle(log, 8, [2, 4, 6]);
  await asked(t, log, 'retryParked', { positions: [2, 6] });
  const before = log.subscribe(parking);
  const [two] = [await next(before), await next(before)];
  const reset = await asked(t, log, 'resetConsumer', { position: 4 });
  t.is(reset.consumer.parked, 2);
  t.deepEqual(await parkedOf(t, log), [-2, 4]);
  for (const refused of [two.ack(), two.nack()]) {
    await t.throwsAsync(refused, { code: 'CHECKPOINT_CONFLICT' });
  }
  t.deepEqual(await parkedOf(t, log), [-2, 4]);
  t.deepEqual(await handle(log, 3, []), [2, 5, 6]);
  await asked(t, log, 'resetConsumer', { position: 'end' });
  t.deepEqual(await parkedOf(t, log), [4]);
  await asked(t, log, 'resetConsumer', { position: 0 });
  t.deepEqual(await parkedOf(t, log), []);
  await t.throwsAsync(before.next(), { code: 'CHECKPOINT_CONFLICT' });
});

test('parked events go with their consumer, and with its instance', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 4);
  await handle(log, 2, [1, 2]);
  await handle(log, 2, [1, 2], { consumer: 'mailer/0' });
  await asked(t, log, 'retryParked', { positions: [2] });
  const left = log.subscribe(parking);
  const event = await next(left);
  const deleted = await asked(t, log, 'deleteConsumer');
  t.is(deleted.consumer.parked, 2);
  await t.throwsAsync(event.nack(), { code: 'CONSUMER_NOT_FOUND' });
  failed(t, await log.listParked(mailer), 'listParked', 'CONSUMER_NOT_FOUND', /"mailer"/);
  t.deepEqual(await handle(log, 1, []), [1]);
  t.deepEqual(await parkedOf(t, log), []);
  t.deepEqual(await parkedOf(t, log, { consumer: 'mailer/0' }), [1, 2]);

  succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
  failed(t, await log.listParked(mailer), 'listParked', 'INSTANCE_NOT_FOUND', /"log"/);
  await fill(log, 'log', 4);
  t.deepEqual(await handle(log, 1, [], { consumer: 'mailer/0' }), [1]);
  t.deepEqual(await parkedOf(t, log, { consumer: 'mailer/0' }), []);
});

test('an event of an instance that was deleted, or of a closed log, is not parked', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 3);
  const gone = await next(log.subscribe(parking));
  succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
  await fill(log, 'log', 3);
  await t.throwsAsync(gone.nack(), { code: 'INSTANCE_NOT_FOUND' });
  const subscription = log.subscribe(parking);
  const event = await next(subscription);
  t.deepEqual(await parkedOf(t, log), []);
  await log.close();
  await t.throwsAsync(event.nack(), { code: 'CLOSED' });
});

testOfFiles(
  'they are in a backup and in a log that was compacted, and not in an export',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await fill(log, 'log', 5000);
    await handle(log, 3, [1, 3]);
    await asked(t, log, 'retryParked', { positions: [3] });
    succeeded(t, await log.backup(`${path}.copy`), 'backup');
    succeeded(t, await log.compact(), 'compact');
    const copy = await openAt(t, `${path}.copy`);
    for (const kept of [log, copy]) {
      t.deepEqual(await parkedOf(t, kept), [1, -3]);
      t.true(succeeded(t, await kept.verify(), 'verify').intact);
      t.deepEqual(await handle(kept, 2, [3]), [3, 4]);
      t.deepEqual(await parkedOf(t, kept), [1, 3]);
    }
    const imported = await openLog(t);
    succeeded(t, await imported.importEvents(log.exportEvents()), 'importEvents');
    failed(t, await imported.listParked(mailer), 'listParked', 'CONSUMER_NOT_FOUND', /"mailer"/);
  },
);

test('under a filter, what was parked comes back whatever is asked for by then', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 40);
  const where = [{ field: 'event_type', operator: 'eq', value: 'third' }];
  t.deepEqual(await handle(log, 3, [4], { where }), [1, 4, 7]);
  t.is((await consumerOf(t, log)).behind, 11);
  await asked(t, log, 'retryParked');
  t.deepEqual(await handle(log, 2, [], { where, stream: 'stream 4' }), [4, 19]);
});

test('an event that is parked although a later one is done stays, and comes back once', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 3);
  const subscription = log.subscribe(parking);
  const [first, second] = [await next(subscription), await next(subscription)];
  await second.ack();
  await first.nack('late');
  t.deepEqual(await parkedOf(t, log), [1]);
  t.is((await consumerOf(t, log)).position, 2);
  await asked(t, log, 'retryParked');
  // Somebody else who was given it before parks it, too.
  const other = log.subscribe(parking);
  t.is((await next(other)).position, 1);
  await first.nack('once is once');
  t.deepEqual(await parkedOf(t, log), [-1]);
  await subscription.return();
  await other.return();
});

test('another process puts back, and is told of the events', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 3);
  await handle(log, 3, [2]);
  const subscription = log.subscribe(parking);
  const step = subscription.next();
  await subscription.untilCaughtUp;
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    const options = ${JSON.stringify(mailer)};
    const { parked } = (await log.listParked(options)).data;
    const { data } = await log.retryParked({ ...options, positions: [parked[0].position] });
    await log.close();
    process.exitCode = 40 + data.count;
  `;
  const { code, stderr } = await run(t, source, { args: [path] });
  t.is(code, 41, stderr);
  const event = (await step).value;
  t.is(event.position, 2);
  await event.ack();
  t.is((await consumerOf(t, log)).parked, 0);
  await subscription.return();
});

test('a process that is killed while it parks and puts back loses no event', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 400);
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    for await (const event of log.subscribe(${JSON.stringify(parking)})) {
      if (event.position % 2 === 0) await event.ack();
      else await event.nack('odd');
      process.send({ done: event.position });
    }
  `;
  const done = new Set();
  for (let round = 1; round <= 4; round += 1) {
    const child = start(t, source, { args: [path] });
    while (done.size < round * 20) done.add((await child.message()).done);
    child.child.kill('SIGKILL');
    await child.ended;
    for (const message of child.received) done.add(message.done);
    // Each event up to where the consumer stands is either done or parked, and none is both.
    const { position, parked } = await consumerOf(t, log);
    const odd = Array.from({ length: Math.ceil(position / 2) }, (_, n) => 2 * n + 1);
    const positions = (await parkedOf(t, log)).map(Math.abs);
    t.deepEqual(positions, odd);
    t.is(parked, odd.length);
    t.true(Math.max(...done) <= position);
    await asked(t, log, 'retryParked', { positions: positions.slice(-3) });
  }
});
