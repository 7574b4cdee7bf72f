import test from 'ava';

import { addon, run, start } from './support/child.mjs';
import { appended, assertGapless, created, eventsOf, succeeded } from './support/response.mjs';
import {
  inFiles,
  openAt,
  temporaryFolder,
  temporaryPath,
  testOfFiles,
} from './support/temporary.mjs';

/** Opens the log that is named by the first argument, with its instance `orders`. */
const OPEN = `
  import { EventLog } from '${addon}';
  const log = await EventLog.open(process.argv[1]);
  await log.createInstance('orders');
  const append = (n) => log.appendEvent({ instanceId: 'orders', eventType: 'made', payload: { n } });
`;

/** Runs a script on a new log; returns how it ended and the events that are there afterwards. */
async function eventsAfter(t, body) {
  const path = await temporaryPath(t);
  const ended = await run(t, OPEN + body, { args: [path] });
  const log = await openAt(t, path);
  const events = await eventsOf(t, log, 'orders');
  assertGapless(t, events);
  const next = await appended(t, log, { instanceId: 'orders', eventType: 'made' });
  t.is(next.sequence_number, events.length + 1);
  return { ...ended, events };
}

test('an idle open log lets the process exit', async (t) => {
  const { code, signal, stderr, events } = await eventsAfter(t, 'await append(1);');
  t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  t.is(events.length, 1);
});

test('many open logs, used and unused, let the process exit', async (t) => {
  const folder = await temporaryFolder(t);
  const source = `
    import { EventLog, eventLog } from '${addon}';
    for (let n = 0; n < 10; n += 1) {
      const log = await EventLog.open(process.argv[1] + n);
      if (n % 2) await log.createInstance('orders');
    }
    await eventLog.listInstances();
  `;
  const ended = await run(t, source, { args: [await temporaryPath(t)], cwd: folder });
  t.deepEqual(ended, { code: 0, signal: null, stdout: '', stderr: '' });
});

test('an opening that nobody awaits lets the process exit', async (t) => {
  const source = `import { EventLog } from '${addon}'; EventLog.open(process.argv[1]);`;
  const ended = await run(t, source, { args: [await temporaryPath(t)] });
  t.deepEqual(ended, { code: 0, signal: null, stdout: '', stderr: '' });
});

test('a script that does not await still stores its events', async (t) => {
  const { code, events, stderr } = await eventsAfter(
    t,
    'for (let n = 0; n < 500; n += 1) append(n);',
  );
  t.is(code, 0, stderr);
  t.deepEqual(
    events.map((event) => event.payload.n),
    Array.from({ length: 500 }, (_, n) => n),
  );
});

test('a script that uses the default log and does not await still stores its events', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    import { eventLog } from '${addon}';
    for (let n = 0; n < 100; n += 1) {
      eventLog.appendEvent({ instanceId: 'orders', eventType: 'made', autoCreateInstance: true });
    }
  `;
  const ended = await run(t, source, { env: { CODEBOLT_EVENTLOG_PATH: path } });
  t.deepEqual(ended, { code: 0, signal: null, stdout: '', stderr: '' });
  t.is((await eventsOf(t, await openAt(t, path), 'orders')).length, 100);
});

test('a promise that is settled late still runs what follows it', async (t) => {
  const body =
    'append(1).then(() => append(2)).then(() => append(3)).then((r) => console.log(r.success));';
  const { code, stdout, events } = await eventsAfter(t, body);
  t.is(code, 0);
  t.is(stdout, 'true\n');
  t.is(events.length, 3);
});

test('an append that is begun before exit is stored', async (t) => {
  const body = "process.once('beforeExit', () => append(1));";
  const { code, events } = await eventsAfter(t, body);
  t.is(code, 0);
  t.is(events.length, 1);
});

const ACKNOWLEDGE = `
  let acknowledged = 0;
  const appendOne = async () => {
    const { success, error } = await append(acknowledged);
    if (!success) throw new Error(error);
    acknowledged += 1;
  };
  const lane = async () => {
    for (;;) await appendOne();
  };
  for (let n = 0; n < 32; n += 1) lane();
  const until = async (count) => {
    while (acknowledged < count) await appendOne();
  };
  process.on('exit', () => process._rawDebug(String(acknowledged)));
`;

for (const count of [0, 1, 50, 300]) {
  test(`process.exit() with appends in flight exits with its own code (after ${count})`, async (t) => {
    const body = `${ACKNOWLEDGE} await until(${count}); process.exit(7);`;
    const { code, signal, stderr, events } = await eventsAfter(t, body);
    t.is(signal, null);
    t.is(code, 7, stderr);
    t.regex(stderr, /^\d+\n$/);
    t.true(events.length >= Number(stderr));
  });
}

for (const [name, end, code] of [
  ['process.exit()', 'process.exit(5);', 5],
  ['an exception that nobody catches', "throw new Error('on purpose');", 1],
  ['a rejection that nobody catches', "Promise.reject(new Error('on purpose'));", 1],
]) {
  test(`what was called before ${name} is stored`, async (t) => {
    const body = `for (let n = 0; n < 200; n += 1) append(n); ${end}`;
    const ended = await eventsAfter(t, body);
    t.is(ended.signal, null);
    t.is(ended.code, code, ended.stderr);
    t.deepEqual(
      ended.events.map((event) => event.payload.n),
      Array.from({ length: 200 }, (_, n) => n),
    );
  });
}

test('what was called before process.exit() is stored in a default log that was not open yet', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    import { eventLog } from '${addon}';
    eventLog.appendEvent({ instanceId: 'orders', eventType: 'last', autoCreateInstance: true });
    process.exit(4);
  `;
  const ended = await run(t, source, { env: { CODEBOLT_EVENTLOG_PATH: path } });
  t.deepEqual(ended, { code: 4, signal: null, stdout: '', stderr: '' });
  t.is((await eventsOf(t, await openAt(t, path), 'orders')).length, 1);
});

for (const [name, end, code] of [
  ['by itself', '', 0],
  ['by process.exit()', 'process.exit(5);', 5],
  ['by an exception that nobody catches', "throw new Error('on purpose');", 1],
]) {
  test(`an append in an exit listener is stored where the process ends ${name}`, async (t) => {
    // A batch that is larger than what is committed by chance while the process ends.
    const body = `
      process.on('exit', () => {
        const events = Array.from({ length: 50000 }, (_, n) => ({ eventType: 'made', payload: { n } }));
        log.appendEvents({ instanceId: 'orders', events });
        append('last');
      });
      ${end}
    `;
    const ended = await eventsAfter(t, body);
    t.is(ended.signal, null);
    t.is(ended.code, code, ended.stderr);
    t.is(ended.events.length, 50_001);
    t.is(ended.events.at(-1).payload.n, 'last');
  });
}

// In PostgreSQL, the append waits until all of them have begun, ten at a time.
testOfFiles('process.exit() does not wait for queries', async (t) => {
  const path = await temporaryPath(t);
  // More queries than the runner's time limit leaves time for.
  const source = `
    ${OPEN}
    const events = Array.from({ length: 50000 }, (_, n) => ({ eventType: 'made', payload: { n } }));
    await log.appendEvents({ instanceId: 'orders', events });
    const query = { from: { instance: 'orders' }, where: [{ field: 'n', operator: 'lt', value: 0 }] };
    for (let n = 0; n < 100000; n += 1) log.queryEvents(query);
    append('last');
    process.exit(6);
  `;
  const ended = await run(t, source, { args: [path] });
  t.deepEqual(ended, { code: 6, signal: null, stdout: '', stderr: '' });
  t.is((await eventsOf(t, await openAt(t, path), 'orders')).length, 50001);
});

test('many loads of the module add one listener to the process', async (t) => {
  const source = `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    const path = require.resolve(${JSON.stringify(new URL('../index.js', import.meta.url).pathname)});
    const before = process.listenerCount('exit');
    for (let n = 0; n < 20; n += 1) {
      delete require.cache[path];
      await require(path).EventLog.open(process.argv[1]);
    }
    console.log(process.listenerCount('exit') - before);
  `;
  const ended = await run(t, source, { args: [await temporaryPath(t)] });
  t.deepEqual(ended, { code: 0, signal: null, stdout: '1\n', stderr: '' });
});

test('process.exit() while a log is being opened, queried and closed', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    ${OPEN}
    for (let n = 0; n < 20; n += 1) {
      append(n);
      log.queryEvents({ from: { instance: 'orders' } });
      EventLog.open(process.argv[1]);
      EventLog.open(process.argv[1] + n);
    }
    log.close();
    process.exit(3);
  `;
  const ended = await run(t, source, { args: [path] });
  t.deepEqual(ended, { code: 3, signal: null, stdout: '', stderr: '' });
  assertGapless(t, await eventsOf(t, await openAt(t, path), 'orders'));
});

test('an exception that nobody catches ends the process as ever', async (t) => {
  const body = `${ACKNOWLEDGE} await until(20); setImmediate(() => { throw new Error('on purpose'); });`;
  const { code, signal, stderr, events } = await eventsAfter(t, body);
  t.is(signal, null);
  t.is(code, 1);
  t.regex(stderr, /on purpose/);
  t.true(events.length >= 20);
});

test('an exception in a callback of a response is an exception of the script', async (t) => {
  const body = `
    process.on('unhandledRejection', (error) => {
      console.log(error.message);
    });
    append(1).then(() => { throw new Error('in the callback'); });
    append(2).then(() => console.log('the next one'));
  `;
  const { code, stdout, events } = await eventsAfter(t, body);
  t.is(code, 0);
  t.deepEqual(stdout.trim().split('\n').sort(), ['in the callback', 'the next one']);
  t.is(events.length, 2);
});

test('SIGTERM ends the process', async (t) => {
  const path = await temporaryPath(t);
  const body = `${ACKNOWLEDGE} await until(50); process.send('running');`;
  const { child, ended, message } = start(t, OPEN + body, { args: [path] });
  t.is(await message(), 'running');
  child.kill('SIGTERM');
  t.is((await ended).signal, 'SIGTERM');
  assertGapless(t, await eventsOf(t, await openAt(t, path), 'orders'));
});

/** Appends for ever, and tells the parent of each event that was acknowledged. */
const WRITER = `
  import { EventLog } from '${addon}';
  const log = await EventLog.open(process.argv[1], JSON.parse(process.argv[2]));
  await log.createInstance('orders');
  const lane = async (streamId) => {
    for (;;) {
      const params = { instanceId: 'orders', streamId, eventType: 'made' };
      const { success, data, error } = await log.appendEvent(params);
      if (!success) throw new Error(error);
      process.send(data.event.id);
    }
  };
  for (let n = 0; n < 16; n += 1) lane('stream ' + (n % 3));
`;

/** Kills a writer after it was told of `count` events; returns the ids of all that it told of. */
async function killWriter(t, path, options, count) {
  const writer = start(t, WRITER, { args: [path, JSON.stringify(options)] });
  const acknowledged = [];
  while (acknowledged.length < count) acknowledged.push(await writer.message());
  writer.child.kill('SIGKILL');
  t.is((await writer.ended).signal, 'SIGKILL');
  return [...acknowledged, ...writer.received];
}

/** Asserts that every stream is gapless and no acknowledged event is missing; counts the events. */
async function assertKept(t, log, acknowledged) {
  const stored = new Set();
  for (const stream of ['stream 0', 'stream 1', 'stream 2']) {
    const events = await eventsOf(t, log, 'orders', stream);
    assertGapless(t, events);
    for (const event of events) stored.add(event.id);
  }
  const lost = acknowledged.filter((id) => !stored.has(id));
  t.deepEqual(lost, []);
  return stored.size;
}

for (const options of [{}, ...(inFiles ? [{ exclusive: true }] : [])]) {
  for (let round = 1; round <= 3; round += 1) {
    const shown = JSON.stringify(options);
    test(`kill -9 keeps every acknowledged event, ${shown} (${round})`, async (t) => {
      const path = await temporaryPath(t);
      const acknowledged = await killWriter(t, path, options, 100 * round);
      const log = await openAt(t, path, options);
      const count = await assertKept(t, log, acknowledged);
      const stats = succeeded(t, await log.getInstanceStats('orders'), 'getInstanceStats');
      t.is(stats.eventCount, count);
    });
  }
}

for (let round = 1; round <= 3; round += 1) {
  test(`after kill -9 in one process the others go on (${round})`, async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await created(t, log, 'orders');
    const acknowledged = await killWriter(t, path, {}, 50 * round);
    const before = await assertKept(t, log, acknowledged);

    // A commit that the kill cut short, of which nobody was told, may come to light only now.
    const params = { instanceId: 'orders', streamId: 'stream 0', eventType: 'made' };
    const event = await appended(t, log, params);
    t.true((await assertKept(t, log, [...acknowledged, event.id])) > before);
    const last = (await eventsOf(t, log, 'orders', 'stream 0')).at(-1);
    t.deepEqual(last, event);
  });
}
