// A copy of a log that is in use: the same log, and nothing left of a copy that fails.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

import test from 'ava';

import { calledOff } from './support/abort.mjs';
import { addon, run, runForJson, start } from './support/child.mjs';
import { appended, created, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryFolder } from './support/temporary.mjs';
import { exportText, linesOf } from './support/transfer.mjs';

const execute = promisify(execFile);

/** Appends `count` events of about `bytes` bytes. */
async function fill(t, log, instanceId, count, bytes = 100) {
  // Of random letters, so that it takes as many bytes in the file.
  const payload = { text: randomBytes(bytes).toString('base64url').slice(0, bytes) };
  for (let left = count; left > 0; left -= 1000) {
    const events = Array.from({ length: Math.min(left, 1000) }, (_, n) => ({
      streamId: `stream ${n % 7}`,
      eventType: 'made',
      payload,
    }));
    const params = { instanceId, autoCreateInstance: true, events };
    succeeded(t, await log.appendEvents(params), 'appendEvents');
  }
}

async function backedUp(t, log, path, options) {
  return succeeded(t, await log.backup(path, options), 'backup');
}

async function refused(t, log, path, code, pattern, options) {
  return failed(t, await log.backup(path, options), 'backup', code, pattern);
}

test('a copy is the same log, and goes on by itself', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openAt(t, join(folder, 'log.redb'));
  await fill(t, log, 'gone', 5000);
  await fill(t, log, 'orders', 9000);
  const named = await created(t, log, 'named', 'what was "ordered"');
  succeeded(t, await log.deleteInstance('gone'), 'deleteInstance');
  await appended(t, log, {
    instanceId: 'named',
    eventType: 't',
    timestamp: 0,
    payload: ['\ud800'],
  });
  const path = join(folder, 'copy.redb');
  const data = await backedUp(t, log, path);
  t.deepEqual(data, {
    path,
    instances: 2,
    streams: 8,
    events: 9001,
    bytes:
      (await log.getInstanceStats('orders')).data.storedBytes +
      (await log.getInstanceStats(named.id)).data.storedBytes,
  });
  t.deepEqual((await readdir(folder)).sort(), ['copy.redb', 'log.redb']);
  const copy = await openAt(t, path);
  const text = await exportText(log);
  t.true((await exportText(copy)) === text);
  t.true((await copy.verify()).data.intact);
  const event = await appended(t, copy, {
    instanceId: 'orders',
    streamId: 'stream 0',
    eventType: 'more',
  });
  t.is(event.sequence_number, 1288);
  t.true((await exportText(log)) === text);
});

test('it is private to the user', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openAt(t, join(folder, 'log.redb'));
  await backedUp(t, log, join(folder, 'copy.redb'));
  const { mode } = await stat(join(folder, 'copy.redb'));
  if (process.platform !== 'win32') t.is(mode & 0o777, 0o600);
  t.pass();
});

test('a path may be relative, or a URL', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openAt(t, join(folder, 'log.redb'));
  await fill(t, log, 'orders', 10);
  const path = join(folder, 'by URL.redb');
  t.is((await backedUp(t, log, pathToFileURL(path))).path, path);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open('log.redb');
    const { data } = await log.backup('copy.redb');
    await log.close();
    console.log(JSON.stringify(data));`;
  const data = await runForJson(t, source, { cwd: folder });
  t.is(data.events, 10);
  t.is((await stat(data.path)).ino, (await stat(join(folder, 'copy.redb'))).ino);
});

test('it is one state of a log that two processes append to', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const log = await openAt(t, path);
  // More than one transaction of the copy.
  await fill(t, log, 'orders', 4000, 10_000);
  const children = ['one', 'two'].map((name) =>
    start(
      t,
      `import { EventLog } from '${addon}';
      const [name, path] = process.argv.slice(-2);
      const log = await EventLog.open(path);
      for (let n = 1; ; n += 1) {
        // Each commit has the same number in both streams.
        const events = ['a', 'b'].map((half) => ({ streamId: name + half, eventType: 'late' }));
        const response = await log.appendEvents({ instanceId: 'orders', events });
        if (!response.success) throw new Error(response.error);
        process.send(n);
      }`,
      { args: [name, path] },
    ),
  );
  const acknowledged = { one: 0, two: 0 };
  for (const [index, name] of ['one', 'two'].entries()) {
    for (let n = 0; n < 20; n += 1) acknowledged[name] = await children[index].message();
  }
  const target = join(folder, 'copy.redb');
  const { events } = await backedUp(t, log, target);
  // They went on meanwhile.
  for (const { child, received } of children) {
    t.true(received.length > 0);
    child.kill('SIGKILL');
  }
  const copy = await openAt(t, target);
  t.true((await copy.verify()).data.intact);
  const copied = linesOf(await exportText(copy, { instance: 'orders' })).slice(2, -1);
  t.is(copied.length, events);
  const all = linesOf(await exportText(log, { instance: 'orders' })).slice(2, -1);
  t.true(all.length > events);
  t.deepEqual(copied, all.slice(0, events));
  const numbers = {};
  for (const line of copied) {
    const { stream_id, sequence_number } = JSON.parse(line);
    numbers[stream_id] = sequence_number;
  }
  for (const name of ['one', 'two']) {
    t.true(numbers[`${name}a`] >= acknowledged[name]);
    t.is(numbers[`${name}a`], numbers[`${name}b`]);
  }
});

test('a path where something is, or no folder, is refused and left as it is', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 10);
  const other = join(folder, 'other');
  await writeFile(other, 'text');
  await symlink('nowhere', join(folder, 'link'));
  const before = (await readdir(folder)).sort();
  const something = /^path: expected a path where there is nothing yet, found something at /;
  for (const taken of [path, other, folder, join(folder, 'link')]) {
    await refused(t, log, taken, 'INVALID_ARGUMENT', something);
  }
  const none = /^path: expected a folder that is there, found none/;
  await refused(t, log, join(folder, 'no', 'copy.redb'), 'INVALID_ARGUMENT', none);
  await refused(t, log, join(other, 'copy.redb'), 'INVALID_ARGUMENT', none);
  for (const [given, pattern] of [
    [undefined, /^path: expected a string or a file: URL, found nothing$/],
    [7, /^path: expected a string, found 7$/],
    ['', /^path: expected a path that is not empty/],
    ['file:///copy', /^path: expected a path, or a URL as an object/],
    [new URL('https://example.com/copy'), /^path: expected a file: URL/],
    [
      {
        get href() {
          throw new Error('no');
        },
      },
      /^path: expected a file: URL: no$/,
    ],
    [() => {}, /^path: expected JSON, found a function$/],
  ]) {
    await refused(t, log, given, 'INVALID_ARGUMENT', pattern);
  }
  const options = { overwrite: true };
  const unknown = /^options: unknown option "overwrite": expected one of signal, onProgress$/;
  await refused(t, log, join(folder, 'copy'), 'INVALID_ARGUMENT', unknown, options);
  t.deepEqual((await readdir(folder)).sort(), before);
  t.is(await readFile(other, 'utf8'), 'text');
});

test('nothing is left of one that is called off, before and meanwhile', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openAt(t, join(folder, 'log.redb'));
  await fill(t, log, 'orders', 5000, 1000);
  const path = join(folder, 'copy.redb');
  const text = /^the backup was called off by its signal: enough$/;
  await refused(t, log, path, 'ABORTED', text, { signal: AbortSignal.abort('enough') });
  const begin = (signal) => log.backup(path, { signal });
  failed(t, await calledOff(log, begin, () => rm(path)), 'backup', 'ABORTED', text);
  t.deepEqual(await readdir(folder), ['log.redb']);
  t.is((await backedUp(t, log, path)).events, 5000);
});

test('progress counts what is copied and what is checked', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openAt(t, join(folder, 'log.redb'));
  await fill(t, log, 'orders', 5000, 1000);
  const told = [];
  const onProgress = (progress) => told.push(progress);
  await backedUp(t, log, join(folder, 'copy.redb'), { onProgress });
  t.true(told.every(({ done, total }) => done <= total && total === 10000));
  t.deepEqual(told.at(-1), { done: 10000, total: 10000 });
});

test('a damaged log is not copied', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const log = await openAt(t, path);
  await appended(t, log, {
    instanceId: 'orders',
    eventType: 't',
    payload: { text: 'intact' },
    autoCreateInstance: true,
  });
  await log.close();
  const bytes = await readFile(path);
  bytes[bytes.lastIndexOf('intact')] ^= 1;
  await writeFile(path, bytes);
  const damaged = await openAt(t, path);
  const pattern = /the log is damaged, and so would its copy be: the event at position 1 is not/;
  await refused(t, damaged, join(folder, 'copy.redb'), 'CORRUPTED', pattern);
  t.deepEqual(await readdir(folder), ['log.redb']);
});

test('a reader copies, closing waits, and a log that is closed refuses', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 2000);
  const running = log.backup(join(folder, 'first.redb'));
  await log.close();
  t.is(succeeded(t, await running, 'backup').events, 2000);
  await refused(t, log, join(folder, 'closed.redb'), 'CLOSED');
  const reader = await openAt(t, path, { readOnly: true });
  t.is((await backedUp(t, reader, join(folder, 'second.redb'))).events, 2000);
  const own = await openAt(t, join(folder, 'second.redb'), { exclusive: true });
  t.is((await backedUp(t, own, join(folder, 'third.redb'))).events, 2000);
});

test('two at once to one path make one copy', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openAt(t, join(folder, 'log.redb'));
  await fill(t, log, 'orders', 2000);
  const path = join(folder, 'copy.redb');
  const responses = await Promise.all([log.backup(path), log.backup(path)]);
  t.deepEqual(responses.map(({ success }) => success).sort(), [false, true]);
  const { code } = responses.find(({ success }) => !success);
  t.is(code, 'INVALID_ARGUMENT');
  t.deepEqual((await readdir(folder)).sort(), ['copy.redb', 'log.redb']);
  t.true((await (await openAt(t, path)).verify()).data.intact);
});

/** More backups than are done, four at a time, when another call is answered. */
const MANY = 100;

/** Asserts that beside the log there are whole copies, fewer than were asked for, and nothing else. */
async function assertWhole(t, folder) {
  const names = await readdir(folder);
  const copies = names.filter((name) => name !== 'log.redb');
  t.true(copies.length < MANY);
  for (const name of copies) {
    t.regex(name, /^copy-\d+\.redb$/);
    const copy = await openAt(t, join(folder, name));
    t.is((await copy.getInstanceStats('orders')).data.eventCount, 5000);
    await copy.close();
    await rm(join(folder, name));
  }
  return copies.length;
}

test('nothing is left of those that a process has exited from', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 5000, 1000);
  await log.close();
  for (const leave of ['process.exit(3)', 'process.exitCode = 3; throw undefined']) {
    const source = `
      import { EventLog } from '${addon}';
      const log = await EventLog.open('log.redb');
      let done = 0;
      const copied = ({ success }) => (done += success ? 1 : 0);
      for (let n = 0; n < ${MANY}; n += 1) log.backup('copy-' + n + '.redb').then(copied);
      await log.listInstances();
      process.on('exit', () => console.log(done));
      ${leave};`;
    const ended = await run(t, source, { cwd: folder });
    t.not(ended.code, 0);
    // One may have got its name, and nobody was told of it.
    t.true((await assertWhole(t, folder)) >= Number(ended.stdout));
  }
});

test('nothing is left of those that a worker thread has ended in', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  const log = await openAt(t, path);
  await fill(t, log, 'orders', 5000, 1000);
  const source = `
    const { EventLog } = require(${JSON.stringify(fileURLToPath(new URL('../index.js', import.meta.url)))});
    const { parentPort, workerData } = require('node:worker_threads');
    EventLog.open(workerData.path).then(async (log) => {
      for (let n = 0; n < ${MANY}; n += 1) log.backup(workerData.copy + n + '.redb');
      await log.listInstances();
      parentPort.postMessage('under way');
    });`;
  const workerData = { path, copy: join(folder, 'copy-') };
  const worker = new Worker(source, { eval: true, workerData });
  await once(worker, 'message');
  await worker.terminate();
  await assertWhole(t, folder);
  t.true((await log.verify()).data.intact);
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a disk that is full ends it, and the log goes on', async (t) => {
  const folder = await temporaryFolder(t);
  const log = await openAt(t, join(folder, 'log.redb'));
  await fill(t, log, 'orders', 2000, 5000);
  await log.close();
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open('log.redb');
    process.send('open');
    process.once('message', async () => {
      const backup = await log.backup('copy.redb');
      const event = { instanceId: 'orders', eventType: 'more' };
      const append = await log.appendEvent(event);
      const check = await log.verify();
      process.send({ backup, append, check });
      process.once('message', async () => {
        await log.close();
        process.disconnect();
      });
    });`;
  const { child, message, ended } = start(t, source, { cwd: folder });
  t.is(await message(), 'open');
  // A file of this process may be only so long: longer than a log that is empty.
  const limit = (bytes) => execute('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]);
  await limit(36 * 1024 * 1024);
  child.send('go');
  const { backup, append, check } = await message();
  failed(t, backup, 'backup', 'STORAGE_FAILED', /^the copy: /);
  t.deepEqual(await readdir(folder), ['log.redb']);
  succeeded(t, append, 'appendEvent');
  t.is(succeeded(t, check, 'verify').events, 2001);
  await limit('unlimited');
  child.send('close');
  t.is((await ended).code, 0);
});

test('a log that has done a backup answers queries as before', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 'orders', 5000);
  const folder = await temporaryFolder(t);
  const running = log.backup(join(folder, 'copy.redb'));
  const query = { from: { instance: 'orders' }, limit: 0 };
  t.is((await log.queryEvents(query)).data.result.total, 5000);
  succeeded(t, await running, 'backup');
  t.is((await log.queryEvents(query)).data.result.total, 5000);
});
