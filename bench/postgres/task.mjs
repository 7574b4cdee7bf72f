// What a process of a measurement does.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { EventSource } from '../events.mjs';
import { measureFollowing } from './following.mjs';
import { holdSnapshot, sql, tableBytes } from './server.mjs';
import { moduleOf } from './systems/index.mjs';

const STREAMS = 1_000;

const WARM_UP_MS = 500;

/** How long a rate is measured. */
const SLICE_MS = 1_000;

/** How long a follower that has fallen silent is waited for. */
const SILENCE_MS = 3_000;

/** @param {object} task - What is asked for. */
export async function carryOut(task) {
  const tasks = { append, batches, bytes, following: measureFollowing, held, race, processes };
  return tasks[task.kind](task);
}

const eventsOf = (seed) => new EventSource({ size: '300 B', streams: STREAMS, seed });

async function opened(task) {
  const { open } = await moduleOf(task.system);
  return open(task);
}

/** Keeps that many calls under way for a time. Returns how many were answered in it. */
async function keepInFlight(call, inFlight, ms) {
  const end = performance.now() + ms;
  let count = 0;
  const work = async () => {
    while (performance.now() < end) {
      await call();
      if (performance.now() < end) count += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return count;
}

/** Appends of one event each. */
async function append(task) {
  const log = await opened(task);
  const source = eventsOf(task.seed ?? 1);
  const call = () => log.append(source.next());
  await keepInFlight(call, task.inFlight, WARM_UP_MS);
  await task.ready?.();
  const count = await keepInFlight(call, task.inFlight, task.seconds * 1000);
  await log.close();
  return { perSecond: count / task.seconds };
}

/** Appends of a thousand events of one stream each. */
async function batches(task) {
  const log = await opened(task);
  const source = eventsOf(1);
  let stream = 0;
  const call = () => {
    stream = (stream + 1) % STREAMS;
    const events = Array.from({ length: 1000 }, () => ({
      ...source.next(),
      streamId: `user-${stream}`,
    }));
    return log.appendBatch(events);
  };
  await keepInFlight(call, 1, WARM_UP_MS);
  const count = await keepInFlight(call, 1, task.seconds * 1000);
  await log.close();
  return { perSecond: (count * 1000) / task.seconds };
}

/** What so many events take on disk, with indexes, and in what the server sends to a standby. */
async function bytes(task) {
  const { server, database } = task;
  const log = await opened(task);
  const empty = await tableBytes(server, database);
  const [{ lsn }] = await sql(server, database, 'SELECT pg_current_wal_insert_lsn() AS lsn');
  const source = eventsOf(1);
  for (let n = 0; n < task.events; n += 100) {
    await Promise.all(Array.from({ length: 100 }, () => log.append(source.nextInTurn())));
  }
  const wal = `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${lsn}')::float8 AS bytes`;
  const [{ bytes: sent }] = await sql(server, database, wal);
  await log.close();
  const found = await tableBytes(server, database);
  return { perEvent: (found - empty) / task.events, walPerEvent: sent / task.events };
}

/** Appends one after the other while an old snapshot keeps the server from cleaning up, and once it is gone. */
async function held(task) {
  const log = await opened(task);
  const source = eventsOf(1);
  const call = () => log.append(source.next());
  const rate = async () => (await keepInFlight(call, 1, SLICE_MS)) / (SLICE_MS / 1000);
  await keepInFlight(call, 1, WARM_UP_MS);
  const before = await rate();
  const release = await holdSnapshot(task.server, task.database);
  await keepInFlight(call, 1, task.seconds * 1000);
  const during = await rate();
  await release();
  const after = await rate();
  await log.close();
  return { before, during, after };
}

/** Several writers, and a follower that goes on by position. How many events it never handles. */
async function race(task) {
  const log = await opened(task);
  const source = eventsOf(1);
  const appended = new Set();
  const handled = new Set();
  let repeated = 0;
  let lastMs = performance.now();
  const seen = (n) => {
    if (handled.has(n)) repeated += 1;
    handled.add(n);
    lastMs = performance.now();
  };
  const end = new AbortController();
  const following = log.follow(seen, end.signal);
  const call = async () => {
    const event = source.next();
    await log.append(event);
    appended.add(event.metadata.n);
  };
  await keepInFlight(call, task.writers, task.seconds * 1000);
  // What is late is waited for; what was passed over never comes.
  while (handled.size < appended.size && performance.now() - lastMs < SILENCE_MS) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  end.abort();
  await following;
  await log.close();
  const missed = [...appended].filter((n) => !handled.has(n)).length;
  return { appended: appended.size, missed, repeated };
}

/** Several processes that append to one instance at the same time. */
async function processes(task) {
  const program = fileURLToPath(new URL('writer.mjs', import.meta.url));
  const { kind: _, count, ...each } = task;
  const inFlight = task.inFlight / count;
  const writers = Array.from({ length: count }, (__, index) => {
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.send({ ...each, inFlight, seed: index + 1 });
    return child;
  });
  const heard = (child) =>
    Promise.race([
      once(child, 'message').then(([message]) => message),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`a writer ended: ${code}`))),
    ]);
  await Promise.all(writers.map(heard));
  const answers = writers.map(heard);
  for (const child of writers) child.send('begin');
  const rates = await Promise.all(answers);
  for (const child of writers) if (child.connected) child.disconnect();
  return { perSecond: rates.reduce((sum, { perSecond }) => sum + perSecond, 0) };
}

export { append };
