// A process that is stopped (by a debugger, a suspended container, Ctrl-Z) keeps its locks. The others wait
// for it no longer than they were told to, read on, and end.

import ava from 'ava';

import { EventLog } from '../index.mjs';
import { addon, start } from './support/child.mjs';
import { SIGNING_KEY } from './support/evidence.mjs';
import {
  appended,
  assertGapless,
  created,
  eventsOf,
  failed,
  succeeded,
} from './support/response.mjs';
import { APPENDER, CAN_STOP, LOCKS, logAt, stoppedHolder } from './support/stopped.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const test = CAN_STOP ? ava : ava.skip;

/** A wait that no test has the time for. */
const FOR_EVER = { lockWaitMs: 2_147_483_647 };

/** Changes the tables for ever. With the first change they are opened for that, which takes what readers need for a sync. */
const CREATOR = `
  import { EventLog } from '${addon}';
  const log = await EventLog.open(process.argv[1]);
  await log.createInstance('theirs');
  process.send('creating');
  for (let n = 0; ; n += 1) await log.createInstance('theirs ' + n);
`;

/** What changes a log, whatever it is. */
const CHANGES = {
  appendEvent: (log) => log.appendEvent({ instanceId: 'orders', eventType: 'ours' }),
  appendEvents: (log) =>
    log.appendEvents({ instanceId: 'orders', events: [{ eventType: 'ours' }] }),
  createInstance: (log) => log.createInstance('other'),
  updateInstance: (log) => log.updateInstance('orders', { description: 'changed' }),
  deleteInstance: (log) => log.deleteInstance('orders'),
  importEvents: async (log) => {
    const source = log.exportEvents({ instance: 'orders' });
    return log.importEvents(source);
  },
  deleteSnapshots: (log) => log.deleteSnapshots({ instance: 'orders' }),
  checkpoint: (log) => log.checkpoint({ instance: 'orders', key: SIGNING_KEY }),
};

for (const [what, source, byte] of [
  ['appends', APPENDER, LOCKS.JOURNAL],
  ['changes instances', CREATOR, LOCKS.TABLES],
]) {
  test(`changes beside a stopped process that ${what} are LOCKED, and store nothing`, async (t) => {
    const path = await temporaryPath(t);
    const log = await logAt(t, path, { lockWaitMs: 20 });
    const { child, go, ended } = await stoppedHolder(t, source, path, byte);
    for (const [method, change] of Object.entries(CHANGES)) {
      const response = await change(log);
      failed(t, response, method, 'LOCKED', new RegExp(`process ${child.pid} .*lockWaitMs`));
    }
    // Those that wait together are each answered, and nothing is left behind that stands in the way.
    const many = await Promise.all(Array.from({ length: 50 }, () => CHANGES.appendEvent(log)));
    for (const response of many) failed(t, response, 'appendEvent', 'LOCKED');

    go();
    child.kill('SIGKILL');
    await ended;
    const event = await appended(t, log, {
      instanceId: 'orders',
      streamId: 'ours',
      eventType: 'made',
    });
    t.is(event.sequence_number, 2);
    const events = await eventsOf(t, log, 'orders');
    t.deepEqual(
      events.filter((stored) => stored.event_type === 'ours'),
      [],
    );
    t.is(
      succeeded(t, await log.getInstance('orders'), 'getInstance').instance.description,
      undefined,
    );
    assertGapless(t, await eventsOf(t, log, 'orders', 'theirs'));
    t.true((await log.verify()).data.intact);
  });
}

test('a change that waits is made once the stopped process goes on', async (t) => {
  const path = await temporaryPath(t);
  const log = await logAt(t, path, FOR_EVER);
  const { go } = await stoppedHolder(t, APPENDER, path);
  const waiting = [
    appended(t, log, { instanceId: 'orders', streamId: 'ours', eventType: 'made' }),
    created(t, log, 'other'),
  ];
  t.is((await eventsOf(t, log, 'orders', 'ours')).length, 1);
  go();
  const [event] = await Promise.all(waiting);
  t.is(event.sequence_number, 2);
});

test('a compaction is LOCKED in time, and is called off while it waits', async (t) => {
  const path = await temporaryPath(t);
  const log = await logAt(t, path, FOR_EVER);
  await stoppedHolder(t, CREATOR, path, LOCKS.TABLES);
  const controller = new AbortController();
  const compacting = log.compact({ signal: controller.signal });
  controller.abort(new Error('enough'));
  failed(t, await compacting, 'compact', 'ABORTED', /enough/);
  // It has let go of the log.
  t.is((await eventsOf(t, log, 'orders')).length, 1);
  await log.close();

  const hasty = await openAt(t, path, { readOnly: true, lockWaitMs: 20 });
  t.is((await eventsOf(t, hasty, 'orders')).length, 1);
});

test('a compaction beside a stopped process is LOCKED', async (t) => {
  const path = await temporaryPath(t);
  const log = await logAt(t, path, { lockWaitMs: 20 });
  const { child } = await stoppedHolder(t, CREATOR, path, LOCKS.TABLES);
  failed(t, await log.compact(), 'compact', 'LOCKED', new RegExp(`process ${child.pid} `));
  t.is((await eventsOf(t, log, 'orders')).length, 1);
});

test('reads, checks, copies and read-only openings go on', async (t) => {
  const path = await temporaryPath(t);
  const log = await logAt(t, path, FOR_EVER);
  await stoppedHolder(t, APPENDER, path);
  const from = { instance: 'orders', stream: 'ours' };
  for (const reader of [log, await openAt(t, path, { ...FOR_EVER, readOnly: true })]) {
    t.is((await eventsOf(t, reader, 'orders', 'ours')).length, 1);
    t.is(succeeded(t, await reader.listInstances(), 'listInstances').instances.length, 1);
    t.true(succeeded(t, await reader.verify(), 'verify').intact);
    const read = [];
    for await (const event of reader.readStream(from)) read.push(event);
    for await (const event of reader.subscribe(from)) {
      read.push(event);
      break;
    }
    t.true(read.length >= 2);
  }
  succeeded(t, await log.backup(`${path}.copy`), 'backup');
  const elsewhere = start(
    t,
    `
      import { EventLog } from '${addon}';
      const log = await EventLog.open(process.argv[1], { readOnly: true, ...${JSON.stringify(FOR_EVER)} });
      const { data } = await log.queryEvents({ from: { instance: 'orders', stream: 'ours' } });
      process.send(data.result.total);
      await log.close();
      process.disconnect();
    `,
    { args: [path] },
  );
  t.is(await elsewhere.message(), 1);
  t.is((await elsewhere.ended).code, 0);
});

for (const byte of [LOCKS.JOURNAL, LOCKS.TABLES]) {
  test(`an opening for writing waits in time (byte ${byte})`, async (t) => {
    const path = await temporaryPath(t);
    const first = await logAt(t, path, {});
    await first.close();
    const { child } = await stoppedHolder(t, CREATOR, path, byte);
    const opening = EventLog.open(path, { lockWaitMs: 20 });
    const log = await opening.catch((error) => error);
    if (log instanceof Error) {
      t.is(log.code, 'LOCKED');
      t.regex(log.message, new RegExp(`process ${child.pid} `));
    } else {
      failed(t, await CHANGES.appendEvent(log), 'appendEvent', 'LOCKED');
      await log.close();
    }
    t.pass();
  });
}

test('closing after reading, and with nothing called, does not wait', async (t) => {
  const path = await temporaryPath(t);
  const log = await logAt(t, path, FOR_EVER);
  const second = await openAt(t, path, FOR_EVER);
  await stoppedHolder(t, APPENDER, path);
  t.true((await eventsOf(t, log, 'orders')).length > 0);
  await log.close();
  await second.close();
  t.pass();
});

/** What a process does after it has opened the log of the first argument, and how it ends. */
const ENDS = {
  'by itself, with nothing called': ['', 0],
  'by itself, after reading': ["await log.queryEvents({ from: { instance: 'orders' } });", 0],
  'by process.exit()': ['process.exit(3);', 3],
  'by an exception that nobody catches': [
    "setImmediate(() => { throw new Error('on purpose'); });",
    1,
  ],
  'by closing on SIGTERM': [
    "process.on('SIGTERM', async () => { await log.close(); process.exit(4); }); setInterval(() => {}, 1000); process.send('ready');",
    4,
    'SIGTERM',
  ],
  'by exiting on SIGINT': [
    "process.on('SIGINT', () => process.exit(5)); setInterval(() => {}, 1000); process.send('ready');",
    5,
    'SIGINT',
  ],
  'by worker.terminate()': [
    `
      const { Worker } = await import('node:worker_threads');
      const worker = new Worker(
        "const { EventLog } = require(process.argv[2]); const { parentPort, workerData } = require('node:worker_threads');"
          + "EventLog.open(workerData.path, workerData.options).then(() => parentPort.postMessage('opened'));"
          + "setInterval(() => {}, 1000);",
        { eval: true, execArgv: [], argv: [${JSON.stringify(new URL('../index.js', import.meta.url).pathname)}],
          workerData: { path: process.argv[1], options: ${JSON.stringify(FOR_EVER)} } },
      );
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    `,
    0,
  ],
};

for (const [how, [body, code, signal]] of Object.entries(ENDS)) {
  test(`a process ends beside a stopped one ${how}`, async (t) => {
    const path = await temporaryPath(t);
    const log = await logAt(t, path);
    await log.close();
    await stoppedHolder(t, APPENDER, path);
    const source = `
      import { EventLog } from '${addon}';
      const log = await EventLog.open(process.argv[1], ${JSON.stringify(FOR_EVER)});
      process.channel.unref();
      ${body}
    `;
    const { child, ended, message } = start(t, source, { args: [path] });
    if (signal !== undefined) {
      t.is(await message(), 'ready');
      child.kill(signal);
    }
    const end = await ended;
    t.deepEqual({ code: end.code, signal: end.signal }, { code, signal: null }, end.stderr);
  });
}

for (const [how, end, code] of [
  ['process.exit()', 'process.exit(6);', 6],
  ['the natural end', '', 0],
  ['closing', 'await log.close(); process.disconnect();', 0],
]) {
  test(`an append in flight at ${how} is waited for in time`, async (t) => {
    const path = await temporaryPath(t);
    const log = await logAt(t, path);
    await log.close();
    const { go } = await stoppedHolder(t, APPENDER, path);
    const source = `
      import { EventLog } from '${addon}';
      const log = await EventLog.open(process.argv[1], { lockWaitMs: 20 });
      process.channel.unref();
      for (let n = 0; n < 20; n += 1) {
        log.appendEvent({ instanceId: 'orders', eventType: 'ours' }).then(({ code }) => console.log(code));
      }
      ${end}
    `;
    const ended = await start(t, source, { args: [path] }).ended;
    t.is(ended.code, code, ended.stderr);
    if (code === 0) t.is(ended.stdout, 'LOCKED\n'.repeat(20));
    go();
    const reader = await openAt(t, path);
    const events = await eventsOf(t, reader, 'orders');
    t.false(events.some((event) => event.event_type === 'ours'));
  });
}

test('lockWaitMs is a whole number of milliseconds', async (t) => {
  const path = await temporaryPath(t);
  for (const lockWaitMs of [-1, 1.5, '10', NaN, Infinity, 2 ** 31, true, {}]) {
    const error = await t.throwsAsync(() => EventLog.open(path, { lockWaitMs }));
    t.is(error.code, 'INVALID_ARGUMENT', String(lockWaitMs));
    t.regex(error.message, /options\.lockWaitMs|lockWaitMs/);
  }
  for (const lockWaitMs of [0, 1, 10_000, 2_147_483_647]) {
    const log = await EventLog.open(path, { lockWaitMs });
    await log.createInstance(`log ${lockWaitMs}`);
    await log.close();
  }
  const shared = await openAt(t, path);
  t.is(succeeded(t, await shared.listInstances(), 'listInstances').instances.length, 4);
});
