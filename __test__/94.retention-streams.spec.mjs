// Rules of retention for streams: what is over them goes from the front of each stream, and nothing else.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import test from 'ava';

import { failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const START = Date.UTC(2026, 0, 1);

/** Appends events to streams of these ids, in their order, a second apart. */
async function fill(log, streams, first = 1) {
  const events = streams.map((streamId, index) => ({
    streamId,
    eventType: 'made',
    timestamp: START + 1000 * (first + index),
  }));
  await log.strict.appendEvents({ instanceId: 'log', autoCreateInstance: true, events });
}

const set = (log, retention) => log.strict.updateInstance('log', { retention });

async function applied(t, log) {
  const { instances } = succeeded(
    t,
    await log.applyRetention({ instance: 'log' }),
    'applyRetention',
  );
  return instances[0];
}

/** What has gone may have gone by itself before. */
const left = async (t, log) => {
  await applied(t, log);
  const { firstPosition } = await log.strict.getInstanceStats('log');
  return [await firstsOf(t, log), firstPosition];
};

async function firstsOf(t, log) {
  const { streams } = succeeded(t, await log.listStreams({ instance: 'log' }), 'listStreams');
  return Object.fromEntries(streams.map((stream) => [stream.stream_id, stream.firstSequence]));
}

/** Some streams that take turns: `a1 b1 a2 a1 b1 a2 …`. */
const turns = (count) => Array.from({ length: count }, (_, n) => ['a1', 'b1', 'a2'][n % 3]);

test('an instance shows its rules for streams, and wrong ones are refused', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  const retention = {
    maxEvents: 100,
    streams: [
      { prefix: 'order-', maxAgeMs: 1e9, maxEvents: 5 },
      { prefix: '', maxEvents: 1 },
    ],
    force: true,
  };
  await log.strict.createInstance('log', undefined, { retention });
  await log.close();
  log = await openAt(t, path);
  const { instance } = await log.strict.getInstance('log');
  t.deepEqual(instance.retention, retention);
  for (const [streams, pattern] of [
    [{}, /streams: expected an array of rules for streams, found an object/],
    [[], /streams: expected at least one rule, found none/],
    [[1], /streams\[0\]: expected an object with prefix, .*found 1/],
    [[{ prefix: 'a' }], /streams\[0\]: expected at least one of maxAgeMs and maxEvents/],
    [[{ maxEvents: 1 }], /streams\[0\]\.prefix: expected a string/],
    [[{ prefix: 'a', maxEvents: 0 }], /streams\[0\]\.maxEvents: expected a whole number of events/],
    [[{ prefix: 'a', maxEvents: 1, maxBytes: 5 }], /maxBytes/],
  ]) {
    const response = await log.updateInstance('log', { retention: { streams } });
    failed(t, response, 'updateInstance', 'INVALID_ARGUMENT', pattern);
  }
  const many = Array.from({ length: 101 }, () => ({ prefix: 'a', maxEvents: 1 }));
  const response = await log.updateInstance('log', { retention: { streams: many } });
  failed(t, response, 'updateInstance', 'LIMIT_EXCEEDED', /at most 100 rules, found 101/);
});

test('each stream keeps as many events as the first rule with its prefix says', async (t) => {
  const log = await openLog(t);
  await fill(log, turns(60));
  const rule = (prefix, maxEvents) => ({ prefix, maxEvents });
  await set(log, { streams: [rule('a2', 25), rule('a', 7), rule('a2', 1), rule('none', 1)] });
  t.deepEqual(await left(t, log), [{ a1: 14, a2: 1, b1: 1 }, 2]);
  await set(log, { streams: [rule('', 7)] });
  t.deepEqual(await left(t, log), [{ a1: 14, a2: 14, b1: 14 }, 40]);
  t.like(await applied(t, log), { events: 0 });
  t.true((await log.strict.verify()).intact);
});

test('what is too old goes, up to the first event that is not', async (t) => {
  const log = await openLog(t, { clock: () => START + 60_000 });
  await fill(log, turns(60));
  await set(log, { streams: [{ prefix: 'a', maxAgeMs: 30_500 }] });
  t.deepEqual(await left(t, log), [{ a1: 11, a2: 10, b1: 1 }, 2]);
  // The last event of `a2` is the only one that is not older. Of `a1`, all are.
  await set(log, { streams: [{ prefix: 'a', maxAgeMs: 1 }] });
  t.deepEqual(await left(t, log), [{ a2: 20, b1: 1 }, 2]);
  // Here, the first event is young.
  const young = await openLog(t, { clock: () => START + 60_000 });
  await fill(young, ['a1'], 1000);
  await fill(young, turns(6));
  await set(young, { streams: [{ prefix: '', maxAgeMs: 1000 }] });
  t.like(await applied(t, young), { events: 0, firstPosition: 1 });
});

test('what a consumer needs stays, and what goes is archived before', async (t) => {
  const log = await openLog(t);
  const path = await temporaryFolder(t);
  await fill(log, turns(30));
  const subscription = log.subscribe({ instance: 'log', consumer: 'mailer' });
  for (let position = 1; position <= 8; position += 1) {
    const { value } = await subscription.next();
    await value.ack();
  }
  await subscription.return();
  const streams = [{ prefix: 'a', maxEvents: 4 }];
  await set(log, { streams, archive: { path } });
  const until = async (a1, a2) => {
    for (;;) {
      const firsts = await firstsOf(t, log);
      if (firsts.a1 === a1 && firsts.a2 === a2) return firsts;
      await setImmediate();
    }
  };
  // It goes by itself: of `a1` those at 1, 4 and 7, and of `a2` those at 3 and 6. Two cannot archive at a time.
  t.is((await until(4, 3)).b1, 1);
  t.like(await applied(t, log), { events: 0, heldBy: { consumer: 'mailer', position: 8 } });
  const [folder] = await readdir(path);
  const home = join(path, folder, 'streams');
  t.deepEqual((await readdir(home)).toSorted(), ['id-a1', 'id-a2']);
  await set(log, { streams, force: true });
  t.deepEqual(await left(t, log), [{ a1: 7, a2: 7, b1: 1 }, 2]);
  t.is((await applied(t, log)).heldBy, undefined);
});

test('it goes by itself', async (t) => {
  const log = await openLog(t);
  await fill(log, turns(60));
  await set(log, { streams: [{ prefix: 'b', maxEvents: 5 }] });
  while ((await firstsOf(t, log)).b1 !== 16) await setImmediate();
  t.deepEqual(await firstsOf(t, log), { a1: 1, a2: 1, b1: 16 });
});
