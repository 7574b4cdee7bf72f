// When a consumer is moved over events that its subscription does not ask for, and when it is left alone.

import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';

import test from 'ava';

import { fill } from './support/reading.mjs';
import { appended, created, succeeded } from './support/response.mjs';
import { addonOfLogs, openLog } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { SUBSCRIBE } = require('../lib/methods.js');

const where = [{ field: 'event_type', operator: 'eq', value: 'wanted' }];
const mailer = { instance: 'log', consumer: 'mailer', where };
const wanted = { instanceId: 'log', eventType: 'wanted' };

/** The calls of the addon that are counted, and which of those by what they are given. */
const COUNTED = {
  awaitCommit: ['awaitCommit', () => true],
  // Over events that are not asked for, after one position and up to another.
  advances: ['moveConsumer', ([, , , positions]) => positions.length === 2],
};

/**
 * Counts calls of the addon, until the test ends. `instead` is called in the place of one, with the one and what it was
 * given.
 */
function count(t, instead = {}) {
  const counts = {};
  const { prototype } = addonOfLogs().EventLog;
  for (const [counted, [name, isCounted]] of Object.entries(COUNTED)) {
    counts[counted] = 0;
    const call = prototype[name];
    prototype[name] = function (...given) {
      if (!isCounted(given)) return call.apply(this, given);
      counts[counted] += 1;
      return instead[counted]?.(call.bind(this), given) ?? call.apply(this, given);
    };
    t.teardown(() => (prototype[name] = call));
  }
  return counts;
}

/** Resolves once it is so. */
async function until(condition) {
  while (!(await condition())) await setTimeout(1);
}

async function mailerOf(t, log) {
  const response = await log.listConsumers({ instance: 'log' });
  return succeeded(t, response, 'listConsumers').consumers[0];
}

const standing = async (t, log) => (await mailerOf(t, log)).position;

/** Changes the instance without an event of it. */
async function moveOther(t, log) {
  const response = await log.resetConsumer({ instance: 'log', consumer: 'other', position: 0 });
  succeeded(t, response, 'resetConsumer');
}

test.serial('one that is at the end is not moved, whatever else is committed', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5);
  const other = log.subscribe({ instance: 'log', consumer: 'other' });
  await other.next();
  await other.return();
  const counts = count(t);
  const subscription = log.subscribe(mailer);
  const first = subscription.next();
  await subscription.untilCaughtUp;
  await until(async () => (await standing(t, log)) === 5);
  // Its own commit wakes it, and nothing follows.
  await until(() => counts.awaitCommit >= 2);
  const before = await mailerOf(t, log);
  for (let n = 1; n <= 20; n += 1) {
    // It is not woken for an instance that is not its own.
    await fill(log, 'other', 1);
    await moveOther(t, log);
    await until(() => counts.awaitCommit >= 2 + n);
    t.is(counts.awaitCommit, 2 + n);
  }
  t.is(counts.advances, 1);
  t.deepEqual(await mailerOf(t, log), before);
  await appended(t, log, wanted);
  await (await first).value.ack();
  t.is(await standing(t, log), 6);
  await subscription.return();

  // Nor is one that begins at the end.
  const again = log.subscribe(mailer);
  again.next();
  await again.untilCaughtUp;
  const waits = counts.awaitCommit;
  await moveOther(t, log);
  await until(() => counts.awaitCommit > waits);
  t.is(counts.advances, 1);
  await again.return();
});

test.serial('many events are passed over in few steps', async (t) => {
  const counts = count(t);
  const log = await openLog(t);
  await fill(log, 'log', 20_000);
  await appended(t, log, wanted);
  const subscription = log.subscribe(mailer);
  t.is((await subscription.next()).value.position, 20_001);
  t.true(counts.advances <= 20, `${counts.advances} moves`);
  await subscription.return();
});

test.serial('it is moved to the end though what was given out is acknowledged late', async (t) => {
  const counts = count(t);
  const log = await openLog(t);
  await created(t, log, 'log');
  await appended(t, log, wanted);
  const subscription = log.subscribe(mailer);
  const { value } = await subscription.next();
  const second = subscription.next();
  await fill(log, 'log', 5_000);
  await until(() => counts.advances > 0);
  t.is((await mailerOf(t, log)).position, 0);
  await value.ack();
  await until(async () => (await standing(t, log)) === 5_001);
  await subscription.return();
  t.is((await second).done, true);
});

test.serial('a move that fails ends nothing, and is made up for', async (t) => {
  // A subscription without a consumer has none to move.
  const stranger = addonOfLogs().createReading(SUBSCRIBE.number, '{"instance":"log"}');
  let failures = 3;
  const counts = count(t, {
    advances(call, [settle, number, , positions]) {
      if (failures === 0) return undefined;
      failures -= 1;
      call(settle, number, stranger, positions);
      return true;
    },
  });
  const log = await openLog(t);
  await created(t, log, 'log');
  const subscription = log.subscribe(mailer);
  const first = subscription.next();
  await subscription.untilCaughtUp;
  for (let moves = 1; moves <= 3; moves += 1) {
    await fill(log, 'log', 1_000);
    await until(() => counts.advances === moves);
    t.is((await mailerOf(t, log)).position, 0);
  }
  await fill(log, 'log', 1_000);
  await until(async () => (await standing(t, log)) === 4_000);
  await appended(t, log, wanted);
  t.is((await first).value.position, 4_001);
  await subscription.return();
});
