// A check of a whole log, as its operator sees it.

import { readFile, writeFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

import test from 'ava';

import { calledOff } from './support/abort.mjs';
import { addon, run, start } from './support/child.mjs';
import { appended, created, failed, succeeded } from './support/response.mjs';
import {
  openAt,
  openLog,
  temporaryFolder,
  temporaryPath,
  testOfFiles,
} from './support/temporary.mjs';

/** Appends `count` events, which is the number that each has in its payload, to three streams. */
async function fill(t, log, instanceId, count) {
  const events = Array.from({ length: count }, (_, n) => ({
    streamId: `stream ${n % 3}`,
    eventType: 'made',
    payload: { text: `event number ${n} of ${instanceId}` },
  }));
  const params = { instanceId, autoCreateInstance: true, events };
  succeeded(t, await log.appendEvents(params), 'appendEvents');
}

async function verified(t, log, options) {
  return succeeded(t, await log.verify(options), 'verify');
}

/** Alters the last byte of the only place in a file where that text stands. */
async function alter(path, text) {
  const bytes = await readFile(path);
  const at = bytes.indexOf(text);
  if (at < 0) throw new Error(`expected ${JSON.stringify(text)} in the file, found it nowhere`);
  bytes[at + text.length - 1] ^= 1;
  await writeFile(path, bytes);
}

test('a sound log is intact, and all of it is counted', async (t) => {
  const log = await openLog(t);
  const nothing = { instances: 0, streams: 0, events: 0, bytes: 0 };
  const intact = { intact: true, problemCount: 0, problems: [] };
  t.deepEqual(await verified(t, log), { ...intact, ...nothing });
  await fill(t, log, 'orders', 9000);
  await fill(t, log, 'users', 10);
  await created(t, log, 'empty');
  let bytes = 0;
  for (const id of ['orders', 'users']) {
    bytes += (await log.getInstanceStats(id)).data.storedBytes;
  }
  const counts = { instances: 3, streams: 6, events: 9010, bytes };
  t.deepEqual(await verified(t, log, {}), { ...intact, ...counts });
});

testOfFiles('damaged events are told with their places, and hide nothing else', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  // The first 4,096 are in a sealed block, whose bytes are no texts of events.
  await fill(t, log, 'orders', 5000);
  await fill(t, log, 'users', 10);
  await log.close();
  await alter(path, 'event number 4141 of orders');
  await alter(path, 'event number 4444 of orders');
  await alter(path, 'event number 7 of users');
  const damaged = await openAt(t, path);
  const report = await verified(t, damaged);
  t.false(report.intact);
  t.is(report.events, 5007);
  t.is(report.problemCount, 3);
  const what = (position) => `the event at position ${position} is not what was written`;
  t.deepEqual(report.problems, [
    { instanceId: 'orders', position: 4142, what: what(4142) },
    { instanceId: 'orders', position: 4445, what: what(4445) },
    { instanceId: 'users', position: 8, what: what(8) },
  ]);
  // What is not damaged is answered and appended to as ever.
  const { data } = await damaged.getInstanceStats('users');
  t.is(data.eventCount, 10);
  await appended(t, damaged, { instanceId: 'users', eventType: 'made' });
});

testOfFiles('a damaged block is told with its place, once, and hides nothing else', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 5000);
  await log.close();
  // What the texts of the block have in common, after the number of its bytes.
  await alter(path, '\u{e}"event number ');
  await alter(path, 'event number 4141 of orders');
  const damaged = await openAt(t, path);
  const report = await verified(t, damaged);
  t.false(report.intact);
  t.deepEqual(
    report.problems.map(({ instanceId, position }) => [instanceId, position]),
    [
      ['orders', 1],
      ['orders', 4142],
    ],
  );
  t.regex(report.problems[0].what, /block 0 is not what was written/);
  t.is(report.events, 903);
  const query = { from: { instance: 'orders' }, offset: 2000, limit: 1 };
  failed(t, await damaged.queryEvents(query), 'queryEvents', 'CORRUPTED');
  await appended(t, damaged, { instanceId: 'orders', eventType: 'made' });
});

testOfFiles('a hundred problems are told, and all are counted', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 300);
  await log.close();
  const bytes = await readFile(path);
  const text = Buffer.from('event number');
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes[at] ^= 1;
  await writeFile(path, bytes);
  const report = await verified(t, await openAt(t, path));
  t.is(report.problemCount, 300);
  t.is(report.problems.length, 100);
  t.is(report.events, 0);
});

testOfFiles('a commit that is damaged in the journal is told while the log is open', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  for (const text of ['the first', 'the second', 'the third']) {
    await appended(t, log, { instanceId: 'orders', eventType: 'made', payload: { text } });
  }
  await alter(path, 'the second');
  const { intact, problems } = await verified(t, log);
  t.false(intact);
  t.is(problems.length, 1);
  t.regex(problems[0].what, /^commit \d+, at byte \d+ of the file, is not what was written$/);
  // Closing brings it into the tables from memory.
  await log.close();
  t.true((await verified(t, await openAt(t, path))).intact);
});

test('it sees one state of a log that others append to', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 3000);
  const { child, message } = start(
    t,
    `import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv.at(-1));
    for (let n = 0; ; n += 1) {
      await log.appendEvent({ instanceId: 'orders', streamId: 'late', eventType: 'late' });
      if (n % 50 === 0) process.send(n);
    }`,
    { args: [path] },
  );
  for (let round = 0; round < 5; round += 1) {
    await message();
    const { events } = await verified(t, log);
    t.true(events > 3000);
    await fill(t, log, 'own', 2000);
  }
  child.kill('SIGKILL');
  t.true((await verified(t, log)).intact);
});

testOfFiles('a reader, an exclusive writer and a worker thread check as well', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path, { exclusive: true });
  await fill(t, log, 'orders', 100);
  t.is((await verified(t, log)).events, 100);
  await log.close();
  const reader = await openAt(t, path, { readOnly: true });
  t.is((await verified(t, reader)).events, 100);
  const source = `
    const { EventLog } = require(${JSON.stringify(new URL('../index.js', import.meta.url).pathname)});
    const { parentPort, workerData } = require('node:worker_threads');
    EventLog.open(workerData).then(async (log) => {
      parentPort.postMessage(await log.verify());
      await log.close();
    });`;
  const worker = new Worker(source, { eval: true, workerData: path });
  const response = await new Promise((resolve) => worker.once('message', resolve));
  t.is(succeeded(t, response, 'verify').events, 100);
  await worker.terminate();
});

test('progress is told, and once more at the end', async (t) => {
  const log = await openLog(t);
  for (let round = 0; round < 4; round += 1) await fill(t, log, 'orders', 9000);
  const told = [];
  await verified(t, log, { onProgress: (progress) => told.push(progress) });
  t.deepEqual(told.at(-1), { done: 36000, total: 36000 });
  t.true(told.every(({ done, total }) => done <= total && total === 36000));
  const ascending = told.map(({ done }) => done);
  t.deepEqual(
    ascending,
    ascending.toSorted((a, b) => a - b),
  );
});

test('it is called off by its signal, before and meanwhile', async (t) => {
  const log = await openLog(t);
  for (let round = 0; round < 4; round += 1) await fill(t, log, 'orders', 9000);
  const text = /^the check was called off by its signal: enough$/;
  const before = log.verify({ signal: AbortSignal.abort('enough') });
  failed(t, await before, 'verify', 'ABORTED', text);
  const meanwhile = await calledOff(log, (signal) => log.verify({ signal }));
  failed(t, meanwhile, 'verify', 'ABORTED', text);
  const again = new AbortController();
  t.true((await verified(t, log, { signal: again.signal })).intact);
  again.abort();
});

test('closing waits for it, and a log that is closed refuses', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'orders', 9000);
  const running = log.verify();
  await log.close();
  t.is(succeeded(t, await running, 'verify').events, 9000);
  failed(t, await log.verify(), 'verify', 'CLOSED');
});

/** More checks than there is time for. */
const MANY = 50_000;

test('many at once are all answered, and others do not wait for them', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'orders', 9000);
  const few = Array.from({ length: 12 }, () => verified(t, log));
  for (const report of await Promise.all(few)) t.is(report.events, 9000);
  // Of more than there is time for, four at a time, hardly any is done when another call is answered.
  const controller = new AbortController();
  let done = 0;
  const many = Array.from({ length: MANY }, async () => {
    const response = await log.verify({ signal: controller.signal });
    done += 1;
    return response;
  });
  await log.listInstances();
  t.true(done < MANY);
  controller.abort('enough');
  for (const response of await Promise.all(many)) {
    if (response.success) t.is(response.data.events, 9000);
    else t.is(response.code, 'ABORTED');
  }
});

test('a process that exits does not wait for it', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 9000);
  await log.close();
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv.at(-1));
    let done = 0;
    for (let n = 0; n < ${MANY}; n += 1) log.verify().then(() => (done += 1));
    await log.listInstances();
    process.on('exit', () => console.log(done));
    process.exit(3);`;
  // To wait for all of them would take longer than a child may.
  const ended = await run(t, source, { args: [path] });
  t.is(ended.code, 3, ended.stderr);
  t.true(Number(ended.stdout) < MANY, ended.stdout);
});

const BAD_OPTIONS = [
  [7, /^options: expected an object, found a number$/],
  [{ instance: 'a' }, /^options: unknown option "instance": .* signal, onProgress, checkpoints$/],
  [{ signal: {} }, /^options\.signal: expected an AbortSignal, found another object$/],
  [{ onProgress: 1 }, /^options\.onProgress: expected a function, found a number$/],
];

test('options that are not understood, and a log that cannot be opened, are failures', async (t) => {
  const log = await openLog(t);
  for (const [options, pattern] of BAD_OPTIONS) {
    failed(t, await log.verify(options), 'verify', 'INVALID_ARGUMENT', pattern);
  }
  const ended = await run(
    t,
    `import { eventLog } from '${addon}';
    console.log((await eventLog.verify()).code);`,
    { env: { CODEBOLT_EVENTLOG_PATH: await temporaryFolder(t) } },
  );
  t.is(ended.stdout, 'INVALID_ARGUMENT\n', ended.stderr);
});
