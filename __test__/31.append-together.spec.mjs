// Appends that are made one after the other cross over to the addon together. Nobody can tell.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import test from 'ava';

import { addon, run } from './support/child.mjs';
import { eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

/** More than are handed over at once. */
const MANY = 100;

const instanceId = 'orders';
const made = (n) => ({ instanceId, eventType: 'made', payload: { n } });
const numbers = (count) => Array.from({ length: count }, (_, n) => n);
const stored = async (t, log) => (await eventsOf(t, log, instanceId)).map((it) => it.payload.n);

test('appends, batches and other calls of one turn take effect in the order in which they were made', async (t) => {
  const log = await openLog(t);
  await log.createInstance(instanceId);
  const calls = numbers(MANY).map((n) =>
    n % 7 === 3
      ? log.appendEvents({
          instanceId,
          events: [made(n)].map(({ eventType, payload }) => ({ eventType, payload })),
        })
      : log.appendEvent(made(n)),
  );
  const counted = log.getInstanceStats(instanceId);
  const after = log.appendEvent(made(MANY));
  const closed = log.close();
  const late = log.appendEvent(made(MANY + 1));

  for (const [n, response] of (await Promise.all(calls)).entries()) {
    const { event, events } = succeeded(t, response, n % 7 === 3 ? 'appendEvents' : 'appendEvent');
    t.is((event ?? events[0]).sequence_number, n + 1);
  }
  t.true(succeeded(t, await counted, 'getInstanceStats').eventCount <= MANY);
  t.is(succeeded(t, await after, 'appendEvent').event.sequence_number, MANY + 1);
  failed(t, await late, 'appendEvent', 'CLOSED');
  await closed;
});

// In PostgreSQL each log has a writer of its own.
testOfFiles(
  'appends by two logs of one file take effect in the order in which they were made',
  async (t) => {
    const path = await temporaryPath(t);
    const logs = [await openAt(t, path), await openAt(t, path)];
    await logs[0].createInstance(instanceId);
    await Promise.all(numbers(MANY).map((n) => logs[n % 3 === 0 ? 1 : 0].appendEvent(made(n))));
    t.deepEqual(await stored(t, logs[0]), numbers(MANY));
  },
);

test('what is made in the turn of an answer takes effect behind what was made before', async (t) => {
  const log = await openLog(t);
  await log.createInstance(instanceId);
  const first = log.appendEvent(made(0));
  const second = first.then(() =>
    Promise.all([log.appendEvent(made(2)), log.appendEvent(made(3)), log.appendEvent(made(4))]),
  );
  const third = log.appendEvent(made(1));
  await Promise.all([second, third]);
  t.deepEqual(await stored(t, log), numbers(5));
});

test('texts that take much room are stored as those that take little', async (t) => {
  const log = await openLog(t);
  await log.createInstance(instanceId);
  const texts = [0, 1, 10_000, 21_000, 22_000, 70_000].flatMap((length) => [
    'x'.repeat(length),
    'é😀'.repeat(length / 2),
  ]);
  const responses = await Promise.all(
    texts.map((text) => log.appendEvent({ instanceId, eventType: 'made', payload: { text } })),
  );
  for (const [at, response] of responses.entries()) {
    t.is(succeeded(t, response, 'appendEvent').event.payload.text, texts[at]);
  }
  const found = await eventsOf(t, log, instanceId);
  t.deepEqual(
    found.map(({ payload }) => payload.text),
    texts,
  );
});

test('what a call is given can be changed at once', async (t) => {
  const log = await openLog(t);
  await log.createInstance(instanceId);
  const given = { instanceId, eventType: 'made', payload: { n: 0, list: [1] } };
  const calls = [log.appendEvent(given)];
  given.payload.n = 1;
  given.payload.list.push(2);
  calls.push(log.appendEvent(given));
  given.payload = undefined;
  const events = (await Promise.all(calls)).map(
    (response) => succeeded(t, response, 'appendEvent').event,
  );
  const expected = [
    { n: 0, list: [1] },
    { n: 1, list: [1, 2] },
  ];
  t.deepEqual(
    events.map(({ payload }) => payload),
    expected,
  );
  t.deepEqual(
    (await eventsOf(t, log, instanceId)).map(({ payload }) => payload),
    expected,
  );
});

test('a getter that makes a call makes it first, and one that closes the log is the last', async (t) => {
  const log = await openLog(t);
  await log.createInstance(instanceId);
  let inner;
  const calling = {
    get n() {
      inner ??= log.appendEvent(made(1));
      return 2;
    },
  };
  const outer = [made(0), { ...made(2), payload: calling }].map((given) => log.appendEvent(given));
  await Promise.all([...outer, inner]);
  t.deepEqual(await stored(t, log), [0, 1, 2]);

  const before = log.appendEvent(made(3));
  let closed;
  const closing = {
    get n() {
      closed ??= log.close();
      return 4;
    },
  };
  failed(t, await log.appendEvent({ ...made(4), payload: closing }), 'appendEvent', 'CLOSED');
  t.is(succeeded(t, await before, 'appendEvent').event.payload.n, 3);
  await closed;
});

test('a process that exits in the turn of its appends has stored them', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1]);
    await log.createInstance('${instanceId}');
    process.on('exit', () => log.appendEvent({ instanceId: '${instanceId}', eventType: 'made', payload: { n: 3 } }));
    for (let n = 0; n < 3; n += 1) {
      log.appendEvent({ instanceId: '${instanceId}', eventType: 'made', payload: { n } });
    }
    process.exit(0);
  `;
  const { code, stderr } = await run(t, source, { args: [path] });
  t.is(stderr, '');
  t.is(code, 0);
  t.deepEqual(await stored(t, await openAt(t, path)), numbers(4));
});

test('a thread that is terminated in the turn of its appends has stored them', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await log.createInstance(instanceId);
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import('${addon}').then(async ({ EventLog }) => {
      const log = await EventLog.open(workerData);
      for (let n = 0; n < ${MANY}; n += 1) {
        log.appendEvent({ instanceId: '${instanceId}', eventType: 'made', payload: { n } });
      }
      parentPort.postMessage('called');
      // Its turn does not end.
      for (;;);
    });
  `;
  const worker = new Worker(source, { eval: true, workerData: path });
  t.teardown(() => worker.terminate());
  t.deepEqual(await once(worker, 'message'), ['called']);
  await worker.terminate();
  t.deepEqual(await stored(t, log), numbers(MANY));
});
