// Events that a consumer cannot handle: they are given out again, and after the last attempt the subscription ends or
// passes over them.

import test from 'ava';

import { addon, run, start } from './support/child.mjs';
import { failsWith, fill } from './support/reading.mjs';
import { appended, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const mailer = { instance: 'log', consumer: 'mailer' };

async function standing(t, log) {
  const response = await log.listConsumers({ instance: 'log' });
  return succeeded(t, response, 'listConsumers').consumers[0].position;
}

/** The next event. */
const next = async (subscription) => (await subscription.next()).value;

/** Handles events until there are `count`: those of `failing` fail. Returns the position and the attempt of each. */
async function handle(subscription, count, failing, error = new Error('no')) {
  const given = [];
  for await (const event of subscription) {
    given.push([event.position, event.attempt]);
    if (failing.includes(event.position)) await event.nack(error);
    else await event.ack();
    if (given.length === count) break;
  }
  return given;
}

test('an event that fails is given out again before those that follow, so many times in all', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5);
  const subscription = log.subscribe({ ...mailer, retry: { attempts: 3 }, onFailed: 'skip' });
  t.deepEqual(await handle(subscription, 9, [2, 5]), [
    [1, 1],
    [2, 1],
    [2, 2],
    [2, 3],
    [3, 1],
    [4, 1],
    [5, 1],
    [5, 2],
    [5, 3],
  ]);
  t.is(await standing(t, log), 5);
});

test('it is as it was stored, whatever was made of the one before', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 2);
  const subscription = log.subscribe({ ...mailer, retry: { attempts: 2 } });
  const first = await next(subscription);
  const whole = structuredClone(first);
  delete first.payload.n;
  first.position = 7;
  await first.nack();
  const again = await next(subscription);
  t.not(again, first);
  t.deepEqual(again, whole);
  t.deepEqual(Object.keys(again), Object.keys(whole));
  t.is(again.attempt, 2);
  await again.ack();
  t.is(await standing(t, log), 1);
  await subscription.return();
});

test('without options the first failure ends the subscription, before the event', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5);
  const subscription = log.subscribe(mailer);
  await (await next(subscription)).ack();
  const event = await next(subscription);
  const cause = new TypeError('no address');
  t.is(await event.nack(cause), undefined);
  const pattern = /^the event at position 2 has failed once: TypeError: no address$/;
  const error = await failsWith(t, subscription, 'EVENT_FAILED', pattern);
  t.is(error.cause, cause);
  t.is(error.position, 2);
  t.is(error.attempts, 1);
  t.is(await standing(t, log), 1);
  t.is((await next(log.subscribe(mailer))).position, 2);
});

test('it ends after the last attempt, and the step that waits then as well', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 1);
  const options = { ...mailer, retry: { attempts: 2 }, onFailed: 'stop' };
  const subscription = log.subscribe(options);
  await (await next(subscription)).nack();
  const last = await next(subscription);
  const step = subscription.next();
  await subscription.untilCaughtUp;
  await last.nack();
  const error = await t.throwsAsync(step, { code: 'EVENT_FAILED' });
  t.is(error.message, 'the event at position 1 has failed 2 times');
  t.false('cause' in error);
  t.is(error.attempts, 2);
  t.deepEqual(await subscription.next(), { done: true, value: undefined });
});

test('a step that waits for a commit gets an event that fails meanwhile, and then the one that comes', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 1);
  const subscription = log.subscribe({ ...mailer, retry: { attempts: 2 } });
  const first = await next(subscription);
  const step = subscription.next();
  await subscription.untilCaughtUp;
  await first.nack();
  const again = (await step).value;
  t.deepEqual([again.position, again.attempt], [1, 2]);
  const following = subscription.next();
  await appended(t, log, { instanceId: 'log', eventType: 'late' });
  const late = (await following).value;
  t.deepEqual([late.position, late.attempt], [2, 1]);
  await late.ack();
  t.is(await standing(t, log), 2);
  await subscription.return();
});

test('events that are handled beside each other are given out again in the order in which they failed', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 6000);
  const subscription = log.subscribe({ ...mailer, retry: { attempts: 2 } });
  const events = await Promise.all(Array.from({ length: 5000 }, () => next(subscription)));
  await Promise.all([events[9].nack(), events[2].nack(), events[4999].nack()]);
  // Once is once.
  await Promise.all([events[9].nack(), events[9].nack()]);
  const positions = [];
  for (let count = 0; count < 5; count += 1) positions.push((await next(subscription)).position);
  t.deepEqual(positions, [10, 3, 5000, 5001, 5002]);
  await subscription.return();
});

test('a delay is waited for, and one by a function is asked after each attempt', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 2);
  const asked = [];
  const delayMs = (attempt) => {
    asked.push(attempt);
    return attempt;
  };
  const retry = { attempts: 4, delayMs };
  const subscription = log.subscribe({ ...mailer, retry, onFailed: 'skip' });
  const given = await handle(subscription, 5, [1]);
  t.deepEqual(
    given.map(([position]) => position),
    [1, 1, 1, 1, 2],
  );
  t.deepEqual(asked, [1, 2, 3]);
});

const LONG = { attempts: 2, delayMs: 2_147_483_647 };

/** A subscription whose step waits out a delay that nobody lives to see. */
async function delayed(log, options = {}) {
  const subscription = log.subscribe({ ...mailer, retry: LONG, ...options });
  await (await next(subscription)).nack();
  return { subscription, step: subscription.next() };
}

test('a delay is ended by leaving, by the signal, by closing, and by an event that fails for good', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 2);
  const left = await delayed(log);
  await left.subscription.return();
  t.deepEqual(await left.step, { done: true, value: undefined });

  const controller = new AbortController();
  const aborted = await delayed(log, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await t.throwsAsync(aborted.step, { code: 'ABORTED', message: /enough$/ });

  let ms = 0;
  const stopped = log.subscribe({ ...mailer, retry: { attempts: 2, delayMs: () => ms } });
  await (await next(stopped)).nack();
  const last = await next(stopped);
  ms = LONG.delayMs;
  await (await next(stopped)).nack();
  const step = stopped.next();
  await last.nack();
  await t.throwsAsync(step, { code: 'EVENT_FAILED', message: /position 1 has failed 2 times/ });

  const closed = await delayed(log);
  const another = await delayed(log);
  await log.close();
  t.deepEqual(await closed.step, { done: true, value: undefined });
  t.deepEqual(await another.step, { done: true, value: undefined });
});

test('a process waits for a delay that a step waits for, and for no other one', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 2);
  await log.close();
  const program = (rest) => `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    const retry = { attempts: 2, delayMs: 300 };
    const subscription = log.subscribe({ ...${JSON.stringify(mailer)}, retry });
    const { value } = await subscription.next();
    await value.nack(new Error('no'));
    ${rest}
  `;
  const waits = await run(
    t,
    program(
      'const { value: again } = await subscription.next(); process.exitCode = 40 + again.attempt;',
    ),
    { args: [path] },
  );
  t.is(waits.code, 42, waits.stderr);
  const leaves = await run(t, program('process.exitCode = 43;').replace('300', '2_147_483_647'), {
    args: [path],
  });
  t.is(leaves.code, 43, leaves.stderr);
});

test('timers of the program stop no delay', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 1);
  await log.close();
  const source = `
    import { mock } from 'node:test';
    mock.timers.enable();
    const { EventLog } = await import(${JSON.stringify(addon)});
    const log = await EventLog.open(process.argv[1]);
    const retry = { attempts: 3, delayMs: 2 };
    let last;
    for await (const event of log.subscribe({ ...${JSON.stringify(mailer)}, retry })) {
      last = event.attempt;
      if (last === 3) break;
      await event.nack();
    }
    await log.close();
    process.exitCode = 40 + last;
  `;
  const { code, stderr } = await run(t, source, { args: [path] });
  t.is(code, 43, stderr);
});

test('what has failed and was not given out again comes in the next subscription, as new', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 3);
  const { subscription, step } = await delayed(log);
  await subscription.return();
  await step;
  const event = await next(log.subscribe({ ...mailer, retry: LONG }));
  t.deepEqual([event.position, event.attempt], [1, 1]);

  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    const retry = { attempts: 3 };
    for await (const event of log.subscribe({ ...${JSON.stringify(mailer)}, retry })) {
      if (event.position === 1) await event.ack();
      else await event.nack();
      process.send([event.position, event.attempt]);
    }
  `;
  const child = start(t, source, { args: [path] });
  t.deepEqual(await child.message(), [1, 1]);
  t.deepEqual(await child.message(), [2, 1]);
  t.deepEqual(await child.message(), [2, 2]);
  child.child.kill('SIGKILL');
  await child.ended;
  const again = await next(log.subscribe({ ...mailer, retry: { attempts: 3 } }));
  t.deepEqual([again.position, again.attempt], [2, 1]);
});

test('an event that fails under a filter is given out again, and the consumer stays before it', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 7000);
  const where = [{ field: 'payload.n', operator: 'in', value: [10, 6_000] }];
  const retry = { attempts: 2 };
  const subscription = log.subscribe({ ...mailer, where, retry, onFailed: 'skip' });
  const first = await next(subscription);
  t.is(first.position, 11);
  await first.nack();
  const again = await next(subscription);
  t.deepEqual([again.position, again.attempt], [11, 2]);
  t.true((await standing(t, log)) <= 10);
  await again.nack();
  t.is((await next(subscription)).position, 6_001);
  t.is(await standing(t, log), 11);
  await subscription.return();
});

test('an event of a consumer that was reset, of an instance that is no more, or of a closed log is not given out again', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5000);
  const begun = async (options) => {
    const subscription = log.subscribe({ ...mailer, retry: { attempts: 2 }, ...options });
    return { subscription, event: await next(subscription) };
  };
  const skipping = await begun({ retry: { attempts: 1 }, onFailed: 'skip' });
  succeeded(t, await log.resetConsumer({ ...mailer, position: 3 }), 'resetConsumer');
  await t.throwsAsync(skipping.event.nack(), { code: 'CHECKPOINT_CONFLICT' });
  // It can be called again.
  await t.throwsAsync(skipping.event.nack(), { code: 'CHECKPOINT_CONFLICT' });
  t.is(await standing(t, log), 3);

  const { subscription, event } = await begun();
  succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
  await fill(log, 'log', 5000);
  await event.nack();
  await failsWith(t, subscription, 'INSTANCE_NOT_FOUND', /was deleted/);

  const last = await begun();
  await last.event.nack();
  await log.close();
  t.deepEqual(await last.subscription.next(), { done: true, value: undefined });
});

test('a subscription that has waited for its instance gives out again as well', async (t) => {
  const log = await openLog(t);
  const options = { ...mailer, awaitInstance: true, retry: { attempts: 2 }, onFailed: 'skip' };
  const subscription = log.subscribe({ ...options, afterPosition: 'end' });
  const step = subscription.next();
  await fill(log, 'log', 2);
  await (await step).value.nack();
  const again = await next(subscription);
  t.deepEqual([again.position, again.attempt], [1, 2]);
  await again.nack();
  t.is((await next(subscription)).position, 2);
  t.is(await standing(t, log), 1);
  await subscription.return();
});

const BAD = [
  [{ retry: 3 }, /^retry: expected an object with attempts, found 3$/],
  [{ retry: [3] }, /^retry: expected an object with attempts, found an array$/],
  [{ retry: {} }, /^retry\.attempts: expected a whole number from 1, found nothing$/],
  [{ retry: { attempts: 0 } }, /^retry\.attempts: .*found 0$/],
  [{ retry: { attempts: 1.5 } }, /^retry\.attempts: .*found 1\.5$/],
  [{ retry: { attempts: '3' } }, /^retry\.attempts: .*found "3"$/],
  [{ retry: { attempts: 2n } }, /^retry\.attempts: .*found a bigint$/],
  [
    { retry: { attempts: 2, delayMs: -1 } },
    /^retry\.delayMs: expected mill.* a function, found -1$/,
  ],
  [{ retry: { attempts: 2, delayMs: Infinity } }, /^retry\.delayMs: .*found Infinity$/],
  [{ retry: { attempts: 2, delayMs: '5s' } }, /^retry\.delayMs: .*found "5s"$/],
  [{ retry: { attempts: 2, delay: 5 } }, /^retry: unknown option "delay".*"delayMs"\?$/],
  [{ retry: { attempts: 2, maxDelay: 5 } }, /^retry: unknown option "maxDelay": expected one of/],
  [
    { onFailed: 'dead-letter' },
    /^onFailed: expected "stop", "skip" or "park", found "dead-letter"$/,
  ],
  [{ onFailed: true }, /^onFailed: .*found a boolean$/],
  [{ onfailed: 'skip' }, /^onfailed: unknown key, .*; did you mean onFailed\?$/],
  [{ consumer: undefined, onFailed: 'skip' }, /^consumer: expected .* onFailed, found nothing$/],
  [{ consumer: null, retry: { attempts: 2 } }, /^consumer: expected .* retry, found nothing$/],
];

test('what is not understood is refused, and makes no consumer', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 1);
  for (const [options, pattern] of BAD) {
    await failsWith(t, log.subscribe({ ...mailer, ...options }), 'INVALID_ARGUMENT', pattern);
  }
  const reading = log.readAll({ instance: 'log', retry: { attempts: 2 } });
  await failsWith(t, reading, 'INVALID_ARGUMENT', /retry/);
  const { data } = await log.listConsumers({ instance: 'log' });
  t.deepEqual(data.consumers, []);
  const given = log.subscribe({ ...mailer, retry: null, onFailed: null });
  t.is((await next(given)).position, 1);
  const none = log.subscribe({ ...mailer, retry: { attempts: 2, delayMs: null } });
  await (await next(none)).nack();
  t.is((await next(none)).attempt, 2);
});

test('a delay that is none rejects, and the event can be said to be done all the same', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 2);
  for (const [delayMs, pattern] of [
    [() => -1, /^retry\.delayMs\(1\): expected milliseconds from 0 to 2147483647, found -1$/],
    [() => 'soon', /^retry\.delayMs\(1\): .*found "soon"$/],
    [
      () => {
        throw new Error('no idea');
      },
      /^retry\.delayMs: it threw: no idea$/,
    ],
  ]) {
    const subscription = log.subscribe({ ...mailer, retry: { attempts: 2, delayMs } });
    const event = await next(subscription);
    await t.throwsAsync(event.nack(), { code: 'INVALID_ARGUMENT', message: pattern });
    t.is((await next(subscription)).position, 2);
    await subscription.return();
  }
  const event = await next(log.subscribe(mailer));
  await event.ack();
  t.is(await standing(t, log), 1);
});
