// What a log tells of itself in numbers.

import test from 'ava';

import { EventLog, eventLog } from '../index.mjs';
import { fill } from './support/reading.mjs';
import { appended, conflicted, created, failed, queried, succeeded } from './support/response.mjs';
import { inFiles, openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

const at = { instanceId: 'log', autoCreateInstance: true };
const metricsOf = async (t, log) => succeeded(t, await log.metrics(), 'metrics');

/** Asserts that a distribution is one, of that many values. */
function distributed(t, { bounds, counts, count, sum }, values) {
  t.is(counts.length, bounds.length + 1);
  t.deepEqual(
    bounds,
    bounds.toSorted((one, other) => one - other),
  );
  t.is(
    counts.reduce((total, n) => total + n, 0),
    count,
  );
  t.is(count, values);
  t.is(sum > 0, values > 0);
}

test('a log that has done nothing tells zeros', async (t) => {
  const log = await openLog(t);
  const data = await metricsOf(t, log);
  for (const key of [
    'commits',
    'failedCommits',
    'calls',
    'refusedCalls',
    'events',
    'journalBytes',
    'waiting',
  ]) {
    t.is(data[key], 0, key);
  }
  t.deepEqual(data.queue, { calls: 0, bytes: 0 });
  t.deepEqual(data.followers, { open: 0, caughtUp: 0, behind: 0, behindMax: 0 });
  for (const key of ['commitSeconds', 'syncSeconds', 'checkpointSeconds', 'callsPerCommit'])
    distributed(t, data[key], 0);
});

test('commits are counted with their calls, events and bytes', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const before = await metricsOf(t, log);
  t.is(before.commits, 1);
  const count = 100;
  await Promise.all(
    Array.from({ length: count }, () =>
      log.appendEvent({ ...at, eventType: 'a', payload: { text: 'x'.repeat(100) } }),
    ),
  );
  succeeded(
    t,
    await log.appendEvents({ ...at, events: [{ eventType: 'b' }, { eventType: 'b' }] }),
    'appendEvents',
  );
  conflicted(
    t,
    await log.appendEvent({ ...at, eventType: 'c', expectedSequence: 1 }),
    'appendEvent',
  );
  const data = await metricsOf(t, log);
  t.is(data.events, count + 2);
  t.is(data.calls, count + 2);
  t.is(data.refusedCalls, 1);
  t.is(data.failedCommits, 0);
  t.true(data.commits > 1 && data.commits <= count + 2);
  // A server has a journal of its own.
  const isWritten = data.journalBytes > count * 100 && data.journalBytes < count * 1_000;
  t.true(inFiles ? isWritten : data.journalBytes === 0);
  distributed(t, data.commitSeconds, data.commits);
  distributed(t, data.callsPerCommit, data.commits);
  // The first one was written to the tables.
  distributed(t, data.syncSeconds, inFiles ? data.commits - 1 : 0);
  t.is(data.callsPerCommit.sum, data.calls);
});

testOfFiles(
  'all who have a file open in a process have the same numbers, and another file has its own',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    const other = await openAt(t, path);
    const apart = await openLog(t);
    await appended(t, other, { ...at, eventType: 'a' });
    t.is((await metricsOf(t, log)).events, 1);
    t.is((await metricsOf(t, log.typed({}))).events, 1);
    t.is((await metricsOf(t, apart)).events, 0);
    t.is((await log.strict.metrics()).events, 1);
  },
);

test('calls that wait for the disk are queued', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const payload = { text: 'x'.repeat(1 << 20) };
  let bytes = 0;
  // On a busy machine all may be on disk before the log is asked.
  while (bytes <= 1 << 20) {
    const calls = Array.from({ length: 40 }, () =>
      log.appendEvent({ ...at, eventType: 'a', payload }),
    );
    bytes = (await metricsOf(t, log)).queue.bytes;
    await Promise.all(calls);
    // Tells the runner that this goes on.
    t.pass();
  }
  t.deepEqual((await metricsOf(t, log)).queue, { calls: 0, bytes: 0 });
});

test('subscriptions are counted, with how far they are behind', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 1_000);
  await fill(log, 'other', 10);
  const first = log.subscribe({ instance: 'log' });
  t.is((await metricsOf(t, log)).followers.open, 0);
  await first.next();
  await first.next();
  const second = log.typed({}).subscribe({ instance: 'other', afterPosition: 5, consumer: 'c' });
  await second.next();
  const started = await metricsOf(t, log);
  t.deepEqual(started.followers, { open: 2, caughtUp: 0, behind: 998 + 4, behindMax: 998 });
  for (let n = 0; n < 4; n += 1) await second.next();
  const { followers } = await metricsOf(t, log);
  t.deepEqual(followers, { open: 2, caughtUp: 1, behind: 998, behindMax: 998 });
  await first.return();
  t.is((await metricsOf(t, log)).followers.open, 1);
  const waiting = second.next();
  while ((await metricsOf(t, log)).waiting === 0) await new Promise(setImmediate);
  await second.return();
  await waiting;
  const ended = await metricsOf(t, log);
  t.is(ended.followers.open, 0);
});

test('a subscription that asks for few events is not behind what it does not ask for', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 30);
  const where = [{ field: 'event_type', operator: 'eq', value: 'never' }];
  const subscription = log.subscribe({ instance: 'log', where });
  const step = subscription.next();
  await subscription.untilCaughtUp;
  t.deepEqual((await metricsOf(t, log)).followers, {
    open: 1,
    caughtUp: 1,
    behind: 0,
    behindMax: 0,
  });
  await subscription.return();
  await step;
});

testOfFiles('summaries are counted by whether they were in memory', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5_000);
  const query = { from: { instance: 'log' }, reduce: { type: 'count', groupBy: 'event_type' } };
  await queried(t, log, query);
  const { summaries } = await metricsOf(t, log);
  t.true(summaries.misses > 0, JSON.stringify(summaries));
  await queried(t, log, query);
  const again = await metricsOf(t, log);
  t.is(again.summaries.misses, summaries.misses);
  t.true(again.summaries.hits > summaries.hits);
});

test('a log that is closed, or cannot be opened, answers with why', async (t) => {
  const log = await EventLog.open(':memory:');
  await log.close();
  failed(t, await log.metrics(), 'metrics', 'CLOSED', /was closed/);
  // The default log is opened by it.
  t.is((await metricsOf(t, eventLog)).failedCommits, 0);
});
