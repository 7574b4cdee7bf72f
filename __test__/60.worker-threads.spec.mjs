import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import test from 'ava';

import { addon, runForJson } from './support/child.mjs';
import {
  appended,
  assertGapless,
  created,
  eventsOf,
  queried,
  succeeded,
} from './support/response.mjs';
import { inFiles, openAt, temporaryPath, testOfFiles } from './support/temporary.mjs';

const appender = new URL('support/appender.mjs', import.meta.url);

/** Starts an appender; `ended` gives the ids of the events that it was told are stored. */
function startAppender(t, workerData) {
  const worker = new Worker(appender, { workerData });
  t.teardown(() => worker.terminate());
  const acknowledged = [];
  worker.on('message', (message) => acknowledged.push(...(message.acknowledged ?? [])));
  const ended = new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve(acknowledged));
  });
  return { worker, acknowledged, ended };
}

/** Asserts that every stream is gapless and that no acknowledged event is missing. */
async function assertWhole(t, log, streams, acknowledged) {
  const stored = new Set();
  for (let stream = 0; stream < streams; stream += 1) {
    const events = await eventsOf(t, log, 'orders', `stream ${stream}`);
    assertGapless(t, events);
    for (const event of events) stored.add(event.id);
  }
  t.deepEqual(
    acknowledged.filter((id) => !stored.has(id)),
    [],
  );
  return stored.size;
}

test('worker threads append to the streams of one file without gaps', async (t) => {
  const path = await temporaryPath(t);
  const options = inFiles ? { exclusive: true } : {};
  const log = await openAt(t, path, options);
  await created(t, log, 'orders');
  const shape = { path, options, count: 150, streams: 3, inFlight: 10 };
  const workers = ['a', 'b', 'c', 'd'].map((name) => startAppender(t, { ...shape, name }));
  const own = Array.from({ length: 150 }, (_, number) =>
    appended(t, log, {
      instanceId: 'orders',
      streamId: `stream ${number % 3}`,
      eventType: 'made',
    }),
  );
  const acknowledged = (await Promise.all(workers.map((worker) => worker.ended))).flat();
  const mine = (await Promise.all(own)).map((event) => event.id);
  t.is(acknowledged.length, 600);
  t.is(await assertWhole(t, log, 3, [...acknowledged, ...mine]), 750);
});

test('closing in one worker thread leaves the others working', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const shape = { path, streams: 1, inFlight: 5 };
  const short = startAppender(t, { ...shape, name: 'short', count: 5 });
  const long = startAppender(t, { ...shape, name: 'long', count: 300 });
  t.is((await short.ended).length, 5);
  t.is((await long.ended).length, 300);
  await appended(t, log, { instanceId: 'orders', streamId: 'stream 0', eventType: 'made' });
  t.is(await assertWhole(t, log, 1, long.acknowledged), 306);
});

test('a worker thread that ends without closing leaves the others working', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const shape = { path, name: 'a', count: 20, streams: 2, inFlight: 20, hold: true };
  const { ended } = startAppender(t, shape);
  t.is((await ended).length, 20);
  t.is(await assertWhole(t, log, 2, []), 20);
});

test('what a worker thread does not await is stored before it ends', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const source = `
    const { workerData } = require('node:worker_threads');
    import('${addon}').then(async ({ EventLog }) => {
      const log = await EventLog.open(workerData);
      for (let n = 0; n < 50; n += 1) log.appendEvent({ instanceId: 'orders', eventType: 'made' });
    });
  `;
  const worker = new Worker(source, { eval: true, workerData: path });
  t.deepEqual(await once(worker, 'exit'), [0]);
  const events = await eventsOf(t, log, 'orders');
  t.is(events.length, 50);
  assertGapless(t, events);
});

for (let round = 1; round <= 5; round += 1) {
  test(`a worker thread that is terminated in mid-flight harms nobody (${round})`, async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await created(t, log, 'orders');
    const shape = { path, name: 'a', count: 1e9, streams: 3, inFlight: 64, batch: round };
    const { worker, acknowledged, ended } = startAppender(t, shape);
    while (acknowledged.length < 50 * round) await once(worker, 'message');
    await worker.terminate();
    await ended;

    await assertWhole(t, log, 3, acknowledged);
    const before = (await eventsOf(t, log, 'orders', 'stream 0')).length;
    const event = await appended(t, log, {
      instanceId: 'orders',
      streamId: 'stream 0',
      eventType: 'made',
    });
    t.is(event.sequence_number, before + 1);
    await log.close();
    await assertWhole(t, await openAt(t, path), 3, acknowledged);
  });
}

test('worker threads that are terminated while they open harm nobody', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import('${addon}').then(({ EventLog }) => {
      EventLog.open(workerData).then((log) => log.listInstances());
      parentPort.postMessage('opening');
    });
  `;
  for (let round = 0; round < 10; round += 1) {
    const worker = new Worker(source, { eval: true, workerData: path });
    await once(worker, 'message');
    await worker.terminate();
  }
  await appended(t, log, { instanceId: 'orders', eventType: 'made' });
  const { instances } = succeeded(t, await log.listInstances(), 'listInstances');
  t.is(instances.length, 1);
});

/** Starts a worker thread that opens `path`, and that does nothing more than to hold it. */
async function startHolder(t, path) {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import('${addon}').then(async ({ EventLog }) => {
      const log = await EventLog.open(workerData);
      parentPort.on('message', () => log.close());
      parentPort.postMessage('opened');
    });
  `;
  const worker = new Worker(source, { eval: true, workerData: path });
  t.teardown(() => worker.terminate());
  t.deepEqual(await once(worker, 'message'), ['opened']);
  return worker;
}

const ENDS = {
  'while they are closed': async (log, worker) => {
    const closing = log.close();
    await worker.terminate();
    await closing;
  },
  'after they were closed': async (log, worker) => {
    await log.close();
    await worker.terminate();
  },
};

for (const [when, end] of Object.entries(ENDS)) {
  test(`queries succeed though a worker thread with the same file is terminated ${when}`, async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await created(t, log, 'orders');
    const events = new Array(20_000).fill({ eventType: 'made', payload: { n: 1 } });
    succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');
    const worker = await startHolder(t, path);

    const query = {
      from: { instance: 'orders' },
      where: [{ field: 'n', operator: 'gt', value: 1 }],
    };
    const queries = Array.from({ length: 100 }, () => queried(t, log, query));
    await end(log, worker);
    for (const { total } of await Promise.all(queries)) t.is(total, 0);
  });
}

testOfFiles(
  'a worker thread that is terminated stores what was called and frees an exclusive file',
  async (t) => {
    const path = await temporaryPath(t);
    const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import('${addon}').then(async ({ EventLog }) => {
      const log = await EventLog.open(workerData, { exclusive: true });
      log.createInstance('orders');
      for (let n = 0; n < 2000; n += 1) {
        log.appendEvent({ instanceId: 'orders', eventType: 'made', payload: { n } });
      }
      parentPort.postMessage('called');
    });
  `;
    const worker = new Worker(source, { eval: true, workerData: path });
    t.teardown(() => worker.terminate());
    t.deepEqual(await once(worker, 'message'), ['called']);
    await worker.terminate();

    // A log of this process would share an engine that was left open; another process is locked out.
    const response = await runForJson(
      t,
      `
      import { EventLog } from '${addon}';
      const log = await EventLog.open(process.argv[1], { exclusive: true });
      console.log(JSON.stringify(await log.getInstanceStats('orders')));
    `,
      { args: [path] },
    );
    t.is(succeeded(t, response, 'getInstanceStats').eventCount, 2000);

    const log = await openAt(t, path, { exclusive: true });
    const stored = await eventsOf(t, log, 'orders');
    t.deepEqual(
      stored.map((event) => event.payload.n),
      Array.from({ length: 2000 }, (_, n) => n),
    );
    t.is(
      (await appended(t, log, { instanceId: 'orders', eventType: 'made' })).sequence_number,
      2001,
    );
  },
);

test('a worker thread that is terminated does not wait for the queries that its close waits for', async (t) => {
  const path = await temporaryPath(t);
  // More queries than the runner's time limit leaves time for.
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    (async () => {
      const { EventLog } = await import('${addon}');
      const log = await EventLog.open(workerData);
      await log.createInstance('orders');
      const events = Array.from({ length: 50000 }, (_, n) => ({ eventType: 'made', payload: { n } }));
      await log.appendEvents({ instanceId: 'orders', events });
      const where = [{ field: 'n', operator: 'lt', value: 0 }];
      for (let n = 0; n < 100000; n += 1) log.queryEvents({ from: { instance: 'orders' }, where });
      log.close();
      parentPort.postMessage('closing');
    })();
  `;
  const worker = new Worker(source, { eval: true, workerData: path });
  t.teardown(() => worker.terminate());
  t.deepEqual(await once(worker, 'message'), ['closing']);
  await worker.terminate();
  t.is((await eventsOf(t, await openAt(t, path), 'orders')).length, 50000);
});
