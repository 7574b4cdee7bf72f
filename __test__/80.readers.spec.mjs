// Readers that are left, called off, closed, forgotten, and used by others at the same time.

import { getEventListeners } from 'node:events';
import { Worker } from 'node:worker_threads';

import test from 'ava';

import { addon, run, runForJson, start } from './support/child.mjs';
import { MANY, all, failsWith, fill, logOf, numbers, numbersOf } from './support/reading.mjs';
import { temporaryPath } from './support/temporary.mjs';

test('a loop that is left lets go, and so do return and throw', async (t) => {
  const { log } = await logOf(t);
  const over = { done: true, value: undefined };
  const left = log.readAll({ instance: 'log' });
  for await (const event of left) {
    if (event.payload.n === 5) break;
  }
  t.deepEqual(await left.next(), over);

  const thrown = log.readAll({ instance: 'log' });
  const error = new Error('of the caller');
  const loop = async () => {
    for await (const event of thrown) throw Object.assign(error, { n: event.payload.n });
  };
  t.is(await t.throwsAsync(loop), error);
  t.deepEqual(await thrown.next(), over);

  const ended = log.readAll({ instance: 'log' });
  await ended.next();
  t.is(await t.throwsAsync(() => ended.throw(error)), error);
  t.deepEqual(await ended.next(), over);

  // Who waits for an event is told as well.
  const waiting = log.readAll({ instance: 'log' });
  const next = [waiting.next(), waiting.next()];
  t.deepEqual(await waiting.return(), over);
  t.deepEqual(await Promise.all(next), [over, over]);

  const disposed = log.readAll({ instance: 'log' });
  await disposed[Symbol.asyncDispose]();
  t.deepEqual(await disposed.next(), over);
});

test('steps that are made at once are answered in order', async (t) => {
  const { log } = await logOf(t, 5000);
  const reader = log.readAll({ instance: 'log' });
  const steps = await Promise.all(Array.from({ length: 5002 }, () => reader.next()));
  const events = steps.filter(({ done }) => !done);
  t.deepEqual(
    events.map(({ value }) => value.payload.n),
    numbers(5000),
  );
  t.deepEqual(steps.slice(5000), new Array(2).fill({ done: true, value: undefined }));
});

test('a signal calls a reading off, wherever it is', async (t) => {
  const { log } = await logOf(t);
  const aborted = [/^the reading was called off by its signal: enough$/, 'enough'];
  const reading = () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reader = log.readAll({ instance: 'log', signal });
    return { controller, signal, reader };
  };
  const before = reading();
  before.controller.abort(aborted[1]);
  await failsWith(t, before.reader, 'ABORTED', aborted[0]);

  const waiting = reading();
  const next = failsWith(t, waiting.reader, 'ABORTED', aborted[0]);
  waiting.controller.abort(aborted[1]);
  await next;

  const between = reading();
  await between.reader.next();
  // Nothing holds on to the reader while nobody waits for it.
  t.is(getEventListeners(between.signal, 'abort').length, 0);
  between.controller.abort(aborted[1]);
  await failsWith(t, between.reader, 'ABORTED', aborted[0]);

  const whole = reading();
  t.is((await all(whole.reader)).length, MANY);
  t.is(getEventListeners(whole.signal, 'abort').length, 0);
  whole.controller.abort(aborted[1]);
  t.deepEqual(await whole.reader.next(), { done: true, value: undefined });
});

test('closing the log ends a reading, and waits for none', async (t) => {
  const { log } = await logOf(t);
  const [abandoned, begun, fresh] = Array.from({ length: 3 }, () =>
    log.readAll({ instance: 'log' }),
  );
  await abandoned.next();
  const events = [(await begun.next()).value];
  const pending = log.readAll({ instance: 'log' }).next();
  await log.close();
  t.is((await pending).value.payload.n, 0);
  const error = await t.throwsAsync(async () => {
    for await (const event of begun) events.push(event);
  });
  t.is(error.code, 'CLOSED');
  t.deepEqual(numbersOf(events), numbers(events.length));
  t.true(events.length < MANY);
  await failsWith(t, fresh, 'CLOSED', /closed/);
});

test('a log that cannot be opened says so at the first step', async (t) => {
  const source = `
    import { eventLog } from ${JSON.stringify(addon)};
    try {
      for await (const event of eventLog.readAll({ instance: 'log' })) console.log(event);
    } catch (error) {
      console.log(JSON.stringify([error.name, error.code]));
    }
  `;
  const env = { CODEBOLT_EVENTLOG_PATH: '/dev/null/log.redb' };
  const [name, code] = await runForJson(t, source, { env });
  t.deepEqual([name, code], ['EventLogError', 'STORAGE_FAILED']);
});

test('a reader that is left alone does not keep the process alive', async (t) => {
  const { path, log } = await logOf(t);
  await log.close();
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    const reader = log.readAll({ instance: 'log' });
    const { value } = await reader.next();
    process.on('exit', () => console.log(value.payload.n));
    globalThis.kept = [reader, log.readAll({ instance: 'log' }).next()];
  `;
  const { code, stdout, stderr } = await run(t, source, { args: [path] });
  t.is(code, 0, stderr);
  t.is(stdout, '0\n');
});

test('memory does not grow with what is read', async (t) => {
  const source = `
    import { setFlagsFromString } from 'node:v8';
    import { runInNewContext } from 'node:vm';
    import { EventLog } from ${JSON.stringify(addon)};
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc');
    const log = await EventLog.open(process.argv[1]);
    let count = 0;
    let least = Infinity;
    let most = 0;
    const text = 'x'.repeat(300);
    for (let n = 0; n < 100_000; n += 5000) {
      const events = Array.from({ length: 5000 }, () => ({ eventType: 't', payload: { text } }));
      const params = { instanceId: 'log', events, autoCreateInstance: true };
      if (!(await log.appendEvents(params)).success) process.exit(1);
    }
    for await (const event of log.readAll({ instance: 'log' })) {
      count += 1;
      if (event.position !== count) process.exit(2);
      if (count % 5000 === 0) {
        gc();
        const { heapUsed, external } = process.memoryUsage();
        least = Math.min(least, heapUsed + external);
        most = Math.max(most, heapUsed + external);
      }
    }
    await log.close();
    console.log(JSON.stringify({ count, grown: most - least }));
  `;
  const { count, grown } = await runForJson(t, source, { args: [await temporaryPath(t)] });
  t.is(count, 100_000);
  // All of the events would take more than 50 MB.
  t.true(grown < 6_000_000, `grown by ${grown} bytes`);
});

test('events are read in another process while this one appends them', async (t) => {
  const { log, path } = await logOf(t, 1000);
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    let known = 0;
    while (known < 20_000) {
      let position = 0;
      for await (const event of log.readAll({ instance: 'log' })) {
        position += 1;
        if (event.position !== position || event.payload.n !== position - 1) process.exit(3);
      }
      if (position < known) process.exit(4);
      known = position;
    }
    await log.close();
    process.send({ known });
    process.disconnect();
  `;
  const reader = start(t, source, { args: [path] });
  for (let n = 1000; n < 20_000; n += 500) await fill(log, 'log', 500, { first: n });
  t.deepEqual(await reader.message(), { known: 20_000 });
  t.is((await reader.ended).code, 0);
});

test('worker threads read at the same time', async (t) => {
  const { path } = await logOf(t);
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { EventLog } = require(workerData.addon);
    (async () => {
      const log = await EventLog.open(workerData.path);
      let sum = 0;
      for await (const event of log.readAll({ instance: 'log' })) sum += event.payload.n;
      const reader = log.readAll({ instance: 'log' });
      await reader.next();
      parentPort.postMessage(sum);
      // The thread ends with a page on its way.
    })();
  `;
  const workerData = { path, addon: new URL('../index.js', import.meta.url).pathname };
  const sums = Array.from({ length: 3 }, () => {
    const worker = new Worker(source, { eval: true, workerData });
    return new Promise((resolve, reject) => {
      let sum;
      worker.on('message', (message) => (sum = message));
      worker.on('error', reject);
      worker.on('exit', () => resolve(sum));
    });
  });
  t.deepEqual(await Promise.all(sums), new Array(3).fill((MANY * (MANY - 1)) / 2));
});
