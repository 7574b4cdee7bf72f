// Appends from several worker threads to one file. Within a process the file has one engine,
// whatever number of threads open it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

import { EventLog } from 'codebolt-eventlog';

const THREADS = 3;
const EVENTS = 40;

/** What each thread does: it opens the log for itself and appends to a stream that all share. */
async function append({ path, thread }) {
  const log = await EventLog.open(path);
  const calls = Array.from({ length: EVENTS }, (_, n) =>
    log.appendEvent({
      instanceId: 'jobs',
      streamId: 'shared',
      eventType: 'done',
      payload: { thread, n },
    }),
  );
  for (const response of await Promise.all(calls))
    assert.equal(response.success, true, response.error);
  await log.close();
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'eventlog-threads-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'log.redb');
  const log = await EventLog.open(path);
  await log.createInstance('jobs');

  const self = new URL(import.meta.url);
  const workers = Array.from(
    { length: THREADS },
    (_, thread) => new Worker(self, { workerData: { path, thread } }),
  );
  const codes = await Promise.all(workers.map((worker) => once(worker, 'exit')));
  assert.deepEqual(codes.flat(), [0, 0, 0]);

  // Whoever appended, the stream has the numbers 1, 2, 3 … and each thread's events in its order.
  const { data } = await log.queryEvents({ from: { instance: 'jobs', stream: 'shared' } });
  const { events } = data.result;
  assert.equal(events.length, THREADS * EVENTS);
  events.forEach((event, index) => assert.equal(event.sequence_number, index + 1));
  for (let thread = 0; thread < THREADS; thread += 1) {
    const own = events.filter((event) => event.payload.thread === thread);
    assert.deepEqual(
      own.map((event) => event.payload.n),
      Array.from({ length: EVENTS }, (_, n) => n),
    );
  }
  console.log(`${THREADS} threads appended ${events.length} events to one stream, without gaps`);
  await log.close();
}

await (isMainThread ? main() : append(workerData));
