// Events followed: those that are there, and then each as it is appended, by whatever process.

import { getEventListeners } from 'node:events';

import test from 'ava';

import { addon, run, runForJson, start } from './support/child.mjs';
import { failsWith, fill, numbersOf } from './support/reading.mjs';
import { appended, created, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const OVER = { done: true, value: undefined };

/** The next `count` events of a subscription. */
async function take(subscription, count) {
  const events = [];
  while (events.length < count) events.push((await subscription.next()).value);
  return events;
}

const numbers = (first, count) => Array.from({ length: count }, (_, n) => first + n);

/** Appends one event that is numbered `n`, in a stream of its own. */
const append = (t, log, n, streamId = `stream ${n}`) =>
  appended(t, log, { instanceId: 'log', streamId, eventType: 'made', payload: { n } });

for (const options of [{}, { exclusive: true }]) {
  test(`a subscription catches up and goes on, ${JSON.stringify(options)}`, async (t) => {
    const log = await openLog(t, options);
    await fill(log, 'log', 6000);
    const subscription = log.subscribe({ instance: 'log' });
    t.false(subscription.caughtUp);
    const old = await take(subscription, 5999);
    t.false(subscription.caughtUp);
    old.push(...(await take(subscription, 1)));
    t.true(subscription.caughtUp);
    await subscription.untilCaughtUp;
    t.deepEqual(
      old.map(({ payload, position }) => [payload.n, position]),
      numbers(0, 6000).map((n) => [n, n + 1]),
    );
    for (let n = 6000; n < 6050; n += 1) {
      // One waits before the event is there, the next one asks when it is.
      const waiting = n % 2 === 0 ? subscription.next() : undefined;
      const event = await append(t, log, n);
      const { value } = await (waiting ?? subscription.next());
      t.deepEqual(value, { ...event, position: n + 1 });
      t.true(subscription.caughtUp);
    }
    await fill(log, 'log', 3, { first: 6050 });
    for (let n = 6050; n < 6053; n += 1) {
      t.is((await subscription.next()).value.payload.n, n);
      t.is(subscription.caughtUp, n === 6052);
    }
    t.deepEqual(await subscription.return(), OVER);
    t.deepEqual(await subscription.next(), OVER);
  });
}

test('events of one call come together and in order, whatever is appended meanwhile', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const subscription = log.subscribe({ instance: 'log' });
  const appending = (async () => {
    for (let n = 0; n < 20_000; n += 250) await fill(log, 'log', 250, { first: n });
  })();
  const events = await take(subscription, 20_000);
  await appending;
  t.deepEqual(numbersOf(events), numbers(0, 20_000));
  await subscription.return();
});

test('an instance without events is caught up with, and one that is not there is not', async (t) => {
  const log = await openLog(t);
  const none = log.subscribe({ instance: 'log' });
  await failsWith(t, none, 'INSTANCE_NOT_FOUND', /"log"/);
  await none.untilCaughtUp;
  await created(t, log, 'log');
  const subscription = log.subscribe({ instance: 'log' });
  const next = subscription.next();
  await subscription.untilCaughtUp;
  t.true(subscription.caughtUp);
  await append(t, log, 0);
  t.is((await next).value.payload.n, 0);
  await subscription.return();
});

test('a subscription begins after a position, or at the end', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5000);
  const some = log.subscribe({ instance: 'log', afterPosition: 4998 });
  t.deepEqual(numbersOf(await take(some, 2)), [4998, 4999]);
  const later = log.subscribe({ instance: 'log', afterPosition: 5000 });
  const end = log.subscribe({ instance: 'log', afterPosition: 'end' });
  const next = [some.next(), later.next(), end.next()];
  await Promise.all([later.untilCaughtUp, end.untilCaughtUp]);
  for (let n = 5000; n < 5005; n += 1) await append(t, log, n);
  const found = await Promise.all(next);
  t.deepEqual(
    found.map(({ value }) => value.payload.n),
    [5000, 5000, 5000],
  );
  await Promise.all([some, later, end].map((subscription) => subscription.return()));
});

test('only events that were asked for come, in whatever part of the log they are', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5000, { streams: 10 });
  const where = [{ field: 'payload.n', operator: 'in', value: [3, 4100, 5003, 5005] }];
  const found = log.subscribe({ instance: 'log', where });
  const stream = log.subscribe({ instance: 'log', stream: 'stream 4', afterPosition: 4980 });
  const fresh = log.subscribe({ instance: 'log', stream: 'fresh', where });
  const next = [take(found, 4), take(stream, 4), take(fresh, 1)];
  for (let n = 5000; n < 5020; n += 1) {
    await append(t, log, n, n === 5005 ? 'fresh' : `stream ${n % 10}`);
  }
  t.deepEqual((await Promise.all(next)).map(numbersOf), [
    [3, 4100, 5003, 5005],
    [4984, 4994, 5004, 5014],
    [5005],
  ]);
  await Promise.all([found, stream, fresh].map((subscription) => subscription.return()));
});

test('what is not understood is thrown by the first step', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  for (const [options, code, pattern] of [
    [undefined, 'INVALID_ARGUMENT', /^options: expected an object, found nothing$/],
    [{}, 'INVALID_ARGUMENT', /^instance: expected the id or name of an instance, found nothing$/],
    [
      { instance: 'log', limit: 5 },
      'INVALID_ARGUMENT',
      /^limit: unknown key, expected .* retry, onFailed, format, signal or awaitInstance/,
    ],
    [
      { instance: 'log', stream: '' },
      'INVALID_ARGUMENT',
      /^stream: expected a string that is not empty/,
    ],
    [{ instance: 'log', where: 5 }, 'INVALID_ARGUMENT', /^where: expected an array/],
    [{ instance: 'log', signal: 5 }, 'INVALID_ARGUMENT', /^signal: expected an AbortSignal/],
    [
      { instance: 'log', afterPosition: 'start' },
      'INVALID_ARGUMENT',
      /^afterPosition: expected a whole number from 0 to 9007199254740991, or "end", found "start"$/,
    ],
  ]) {
    const subscription = log.subscribe(options);
    await failsWith(t, subscription, code, pattern);
    await subscription.untilCaughtUp;
  }
});

test('events of another process come in order, without a gap or a repeat', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    for (let n = 0; n < 1500; n += 1) {
      const made = { streamId: 'child', eventType: 'made', payload: { from: 'child', n } };
      const params = { instanceId: 'log', events: [made] };
      params.events.push({ streamId: 'filling', eventType: 'big', payload: { text: 'x'.repeat(9000) } });
      const response = await log.appendEvents(params);
      if (!response.success) process.exit(5);
      if (n % 100 === 0) process.send(n);
    }
    await log.close();
    process.disconnect();
  `;
  const child = start(t, source, { args: [path] });
  const subscription = log.subscribe({ instance: 'log' });
  const own = (async () => {
    for (let n = 0; n < 300; n += 1) {
      await appended(t, log, { instanceId: 'log', eventType: 'own', payload: { from: 'own', n } });
    }
  })();
  const counts = { child: 0, own: 0 };
  let position = 0;
  for await (const event of subscription) {
    position += 1;
    if (event.position !== position) t.fail(`${event.position} in the place of ${position}`);
    const { from, n } = event.payload;
    if (from !== undefined) {
      if (n !== counts[from]) t.fail(`${from} ${n} in the place of ${counts[from]}`);
      counts[from] += 1;
    }
    if (position === 3300) break;
  }
  t.deepEqual(counts, { child: 1500, own: 300 });
  await own;
  t.is((await child.ended).code, 0);
});

test('a reader of a log that another process writes follows it', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1], { readOnly: true });
    const subscription = log.subscribe({ instance: 'log' });
    const next = subscription.next();
    await subscription.untilCaughtUp;
    process.send('waiting');
    const found = [(await next).value.payload.n];
    process.send('one');
    for await (const event of subscription) {
      found.push(event.payload.n);
      if (found.length === 5) break;
    }
    process.send(found);
    process.disconnect();
  `;
  const child = start(t, source, { args: [path] });
  t.is(await child.message(), 'waiting');
  await append(t, log, 0);
  t.is(await child.message(), 'one');
  for (let n = 1; n < 5; n += 1) await append(t, log, n);
  t.deepEqual(await child.message(), numbers(0, 5));
  const { code, stderr } = await child.ended;
  t.is(code, 0, stderr);
});

test('a step that waits keeps the process alive, and one that is over does not', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    const controller = new AbortController();
    const later = { instance: 'log', stream: 'elsewhere' };
    const left = log.subscribe(later);
    const aborted = log.subscribe({ ...later, signal: controller.signal });
    const waiting = [left.next(), aborted.next().catch((error) => console.log(error.code))];
    await Promise.all([left.untilCaughtUp, aborted.untilCaughtUp]);
    const loop = log.subscribe({ instance: 'log' });
    loop.untilCaughtUp.then(() => {
      process.send('waiting');
      process.disconnect();
    });
    for await (const event of loop) {
      console.log(event.payload.n);
      break;
    }
    await left.return();
    controller.abort();
    const idle = log.subscribe({ instance: 'log' });
    await idle.next();
    globalThis.kept = [idle, waiting];
  `;
  const child = start(t, source, { args: [path] });
  t.is(await child.message(), 'waiting');
  await append(t, log, 7);
  const { code, stdout, stderr } = await child.ended;
  t.is(code, 0, stderr);
  t.deepEqual(stdout.split('\n').sort(), ['', '7', 'ABORTED']);
});

test('aborting the signal ends the wait of a process that has nothing else to do', async (t) => {
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    await log.createInstance('log');
    const controller = new AbortController();
    const subscription = log.subscribe({ instance: 'log', signal: controller.signal });
    subscription.untilCaughtUp.then(() => controller.abort(new Error('enough')));
    try {
      for await (const event of subscription) console.log(event);
    } catch (error) {
      console.log(error.code, error.message);
    }
  `;
  const { code, stdout, stderr } = await run(t, source, { args: [await temporaryPath(t)] });
  t.is(code, 0, stderr);
  t.is(stdout, 'ABORTED the reading was called off by its signal: enough\n');
});

test('a signal ends a subscription wherever it is', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 3);
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = log.subscribe({ instance: 'log', afterPosition: 3, signal });
  const idle = log.subscribe({ instance: 'log', signal });
  await idle.next();
  t.is(getEventListeners(signal, 'abort').length, 0);
  const next = failsWith(t, waiting, 'ABORTED', /: enough$/);
  await waiting.untilCaughtUp;
  t.is(getEventListeners(signal, 'abort').length, 1);
  controller.abort('enough');
  await next;
  await failsWith(t, idle, 'ABORTED', /: enough$/);
  await failsWith(t, log.subscribe({ instance: 'log', signal }), 'ABORTED', /: enough$/);
  t.is(getEventListeners(signal, 'abort').length, 0);
});

test('closing the log ends its subscriptions, and no others', async (t) => {
  const path = await temporaryPath(t);
  const [log, other] = [await openAt(t, path), await openAt(t, path)];
  await fill(log, 'log', 3000);
  const waiting = log.subscribe({ instance: 'log', afterPosition: 'end' });
  const next = [waiting.next(), waiting.next()];
  const busy = log.subscribe({ instance: 'log' });
  const events = await take(busy, 1);
  const left = other.subscribe({ instance: 'log', afterPosition: 'end' });
  const event = left.next();
  await Promise.all([waiting.untilCaughtUp, left.untilCaughtUp]);
  await log.close();
  t.deepEqual(await Promise.all(next), [OVER, OVER]);
  for await (const more of busy) events.push(more);
  t.deepEqual(numbersOf(events), numbers(0, events.length));
  await failsWith(t, log.subscribe({ instance: 'log' }), 'CLOSED', /closed/);
  await append(t, other, 3000);
  t.is((await event).value.payload.n, 3000);
  await left.return();
});

test('a subscription ends when the log is closed while it is still being opened', async (t) => {
  const path = await temporaryPath(t);
  const first = await openAt(t, path);
  await created(t, first, 'log');
  await first.close();
  const source = `
    import { eventLog } from ${JSON.stringify(addon)};
    const subscription = eventLog.subscribe({ instance: 'log' });
    const next = subscription.next();
    const closed = eventLog.close();
    console.log(JSON.stringify([await next, await closed === undefined]));
  `;
  const found = await runForJson(t, source, { env: { CODEBOLT_EVENTLOG_PATH: path } });
  t.deepEqual(found, [{ done: true }, true]);
});

test('deleting the instance ends those who follow it', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 3);
  const subscription = log.subscribe({ instance: 'log', afterPosition: 3 });
  const next = failsWith(t, subscription, 'INSTANCE_NOT_FOUND', /was deleted while it was read$/);
  await subscription.untilCaughtUp;
  succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
  await fill(log, 'log', 10);
  await next;
});
