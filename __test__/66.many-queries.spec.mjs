// Many queries at once, and those that nobody waits for any more, leave the rest of a program going.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import test from 'ava';

import { addon } from './support/child.mjs';
import { assertGapless, created, eventsOf, queried, succeeded } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const MANY = 1000;

/** Opens a log whose instance `orders` has that many events. */
async function logOf(t, path, count) {
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const events = Array.from({ length: count }, (_, n) => ({
    eventType: 'before',
    payload: { n, text: `${n} ${'x'.repeat(100)}` },
  }));
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
  return log;
}

test('a thousand queries and a thousand appends at once are all answered', async (t) => {
  const log = await logOf(t, await temporaryPath(t), MANY);
  const queries = [];
  const appends = [];
  for (let n = 0; n < MANY; n += 1) {
    const where = [
      { field: 'n', operator: 'gte', value: n },
      { field: 'text', operator: 'contains', value: 'x' },
    ];
    queries.push(queried(t, log, { from: { instance: 'orders' }, where, limit: n % 50 }));
    const event = { eventType: 'after', streamId: 'after', payload: { n: -1 } };
    appends.push(log.appendEvent({ instanceId: 'orders', ...event }));
  }
  for (const response of await Promise.all(appends)) succeeded(t, response, 'appendEvent');
  for (const [n, { events, total }] of (await Promise.all(queries)).entries()) {
    t.is(total, MANY - n);
    t.deepEqual(
      events.map((event) => event.payload.n),
      Array.from({ length: Math.min(n % 50, MANY - n) }, (_, i) => n + i),
    );
  }
  const after = await eventsOf(t, log, 'orders', 'after');
  t.is(after.length, MANY);
  assertGapless(t, after);
});

test('queries of a worker thread that was terminated are given up', async (t) => {
  const path = await temporaryPath(t);
  const log = await logOf(t, path, 50_000);
  // More queries than the runner's time limit leaves time for, before the one that is waited for.
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    (async () => {
      const { EventLog } = await import('${addon}');
      const log = await EventLog.open(workerData);
      const where = [{ field: 'text', operator: 'contains', value: 'not in it' }];
      const query = { from: { instance: 'orders' }, where };
      for (let n = 0; n < 100000; n += 1) log.queryEvents(query);
      for (let n = 0; n < 1000; n += 1) log.queryEvents({ from: { instance: 'orders' } });
      parentPort.postMessage('called');
    })();
  `;
  const worker = new Worker(source, { eval: true, workerData: path });
  t.teardown(() => worker.terminate());
  t.deepEqual(await once(worker, 'message'), ['called']);
  await worker.terminate();
  t.is((await queried(t, log, { from: { instance: 'orders' }, limit: 1 })).total, 50_000);
});
