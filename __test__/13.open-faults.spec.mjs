import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { addon, run, runForJson, start } from './support/child.mjs';
import { appended, created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, temporaryFolder, temporaryPath } from './support/temporary.mjs';

/** Asserts that opening `path` rejects with `code`. */
function refused(t, path, code, options) {
  return t.throwsAsync(() => EventLog.open(path, options), { instanceOf: Error, code });
}

async function closedLog(t) {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  for (let number = 0; number < 10; number += 1) {
    await appended(t, log, { instanceId: 'orders', eventType: 'made', payload: { number } });
  }
  await log.close();
  return path;
}

test('the text of a file: URL is refused, since as a path it would name another file', async (t) => {
  const folder = await temporaryFolder(t);
  const text = `file://${join(folder, 'log.redb')}`;
  const error = await refused(t, text, 'INVALID_ARGUMENT');
  t.regex(error.message, /new URL/);
  t.false(existsSync('file:'));
});

const NOT_LOGS = {
  'a text file': Buffer.from('This is a letter, not a log.\n'.repeat(1000)),
  'a short text file': Buffer.from('hello'),
  'one byte': Buffer.from([0]),
  'random bytes': randomBytes(65536),
  zeros: Buffer.alloc(65536),
  'an SQLite database': Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8192 - 16)]),
};

for (const [name, bytes] of Object.entries(NOT_LOGS)) {
  for (const options of [{}, { exclusive: true }, { readOnly: true }]) {
    test(`${name} is not a log, opened with ${JSON.stringify(options)}`, async (t) => {
      const path = await temporaryPath(t);
      await writeFile(path, bytes);
      await refused(t, path, 'CORRUPTED', options);
      t.true(bytes.equals(await readFile(path)), 'the file was changed');
    });
  }
}

for (const length of [1, 100, 4096, 20_000]) {
  test(`a log cut off at ${length} bytes is CORRUPTED`, async (t) => {
    const path = await closedLog(t);
    await truncate(path, length);
    await refused(t, path, 'CORRUPTED');
  });
}

test('a folder is not a log', async (t) => {
  const folder = await temporaryFolder(t);
  const error = await refused(t, folder, 'INVALID_ARGUMENT');
  t.regex(error.message, /directory|folder/);
});

test('a file in the place of a folder is refused', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), 'text');
  await refused(t, join(folder, 'file', 'log.redb'), 'STORAGE_FAILED');
});

const withPipes = process.platform === 'win32' ? test.skip : test;

withPipes('a named pipe is refused without waiting for its other end', async (t) => {
  const path = await temporaryPath(t);
  execFileSync('mkfifo', [path]);
  const source = `
    import { EventLog } from '${addon}';
    for (const options of [{}, { exclusive: true }, { readOnly: true }]) {
      const { code, message } = await EventLog.open(process.argv[1], options).catch((e) => e);
      console.log(code, message);
    }
    process.exit(5);
  `;
  const { code, stdout, stderr } = await run(t, source, { args: [path] });
  t.deepEqual({ code, stderr }, { code: 5, stderr: '' });
  const lines = stdout.trim().split('\n');
  t.is(lines.length, 3);
  for (const line of lines) t.regex(line, /^INVALID_ARGUMENT path: expected a file, found .*log/);
});

const withUsers = typeof process.setuid === 'function' ? test : test.skip;

/** Opens a path as a user who owns nothing; prints how that ended. */
const OPEN_AS_NOBODY = `
  import { EventLog } from '${addon}';
  if (process.getuid() === 0) process.setuid(65534);
  const outcome = await EventLog.open(process.argv[1]).catch(({ code, message }) => ({ code, message }));
  console.log(JSON.stringify({ code: outcome.code, message: outcome.message }));
`;

withUsers('a file without permission is refused', async (t) => {
  const path = await closedLog(t);
  await chmod(dirname(path), 0o755);
  await chmod(path, 0o000);
  const { code, message } = await runForJson(t, OPEN_AS_NOBODY, { args: [path] });
  t.is(code, 'STORAGE_FAILED');
  t.regex(message, /permission/i);
});

withUsers('a folder without permission is refused', async (t) => {
  const folder = join(await temporaryFolder(t), 'closed');
  await mkdir(folder, { mode: 0o555 });
  await chmod(dirname(folder), 0o755);
  const path = join(folder, 'new', 'log.redb');
  const { code, message } = await runForJson(t, OPEN_AS_NOBODY, { args: [path] });
  t.is(code, 'STORAGE_FAILED');
  t.regex(message, /permission/i);
});

/** Holds a log open until the parent says otherwise. */
const HOLDER = `
  import { EventLog } from '${addon}';
  const [path, options] = process.argv.slice(1);
  const log = await EventLog.open(path, JSON.parse(options));
  await log.createInstance('orders');
  process.on('message', async () => {
    await log.close();
    process.send('closed');
    process.disconnect();
  });
  process.send('opened');
`;

async function heldBy(t, path, options) {
  const holder = start(t, HOLDER, { args: [path, JSON.stringify(options)] });
  t.is(await holder.message(), 'opened');
  return holder;
}

test('a file that another process holds exclusively is LOCKED until that one closes it', async (t) => {
  const path = await temporaryPath(t);
  const holder = await heldBy(t, path, { exclusive: true });
  await refused(t, path, 'LOCKED');
  await refused(t, path, 'LOCKED', { exclusive: true });

  holder.child.send('close');
  t.is(await holder.message(), 'closed');
  const log = await openAt(t, path);
  succeeded(t, await log.getInstance('orders'), 'getInstance');
});

test('an exclusive opening of a file that another process shares is LOCKED', async (t) => {
  const path = await temporaryPath(t);
  await heldBy(t, path, {});
  await refused(t, path, 'LOCKED', { exclusive: true });
  const shared = await openAt(t, path);
  await appended(t, shared, { instanceId: 'orders', eventType: 'made' });
});

test('a killed process leaves no lock behind', async (t) => {
  const path = await temporaryPath(t);
  const holder = await heldBy(t, path, { exclusive: true });
  holder.child.kill('SIGKILL');
  await holder.ended;
  const log = await openAt(t, path, { exclusive: true });
  succeeded(t, await log.getInstance('orders'), 'getInstance');
});

test('the text of a failed opening names the file', async (t) => {
  const path = await temporaryPath(t);
  await writeFile(path, 'not a log');
  const error = await refused(t, path, 'CORRUPTED');
  t.true(error.message.includes(path), error.message);
});

test('an opening that failed can be tried again', async (t) => {
  const path = await temporaryPath(t);
  await writeFile(path, 'not a log');
  await refused(t, path, 'CORRUPTED');
  await writeFile(path, '');
  const log = await openAt(t, path);
  await created(t, log, 'orders');
});

test('a read-only opening of a file that is not there makes none', async (t) => {
  const path = join(await temporaryFolder(t), 'new', 'log.redb');
  await refused(t, path, 'STORAGE_FAILED', { readOnly: true });
  t.false(existsSync(dirname(path)));
});

test('a read-only log reads what was stored and stores nothing', async (t) => {
  const path = await closedLog(t);
  const log = await openAt(t, path, { readOnly: true });
  t.is((await eventsOf(t, log, 'orders')).length, 10);
  succeeded(t, await log.getInstanceStats('orders'), 'getInstanceStats');

  const event = { instanceId: 'orders', eventType: 'made' };
  const writes = {
    createInstance: await log.createInstance('other'),
    updateInstance: await log.updateInstance('orders', { description: 'new' }),
    deleteInstance: await log.deleteInstance('orders'),
    appendEvent: await log.appendEvent(event),
    appendEvents: await log.appendEvents({ instanceId: 'orders', events: [{ eventType: 'made' }] }),
  };
  for (const [method, response] of Object.entries(writes)) {
    failed(t, response, method, 'INVALID_ARGUMENT', /read-?only/i);
  }
  t.is((await eventsOf(t, log, 'orders')).length, 10);
});

test('a read-only log sees what another process commits', async (t) => {
  const path = await closedLog(t);
  const writer = start(
    t,
    `
      import { EventLog } from '${addon}';
      const log = await EventLog.open(process.argv[1]);
      process.on('message', async () => {
        process.send(await log.appendEvent({ instanceId: 'orders', eventType: 'made' }));
      });
      process.send('opened');
    `,
    { args: [path] },
  );
  t.is(await writer.message(), 'opened');
  const log = await openAt(t, path, { readOnly: true });
  t.is((await eventsOf(t, log, 'orders')).length, 10);
  for (const count of [11, 12]) {
    writer.child.send('append');
    t.true((await writer.message()).success);
    t.is((await eventsOf(t, log, 'orders')).length, count);
  }
});

/** Opens an exclusive log and a read-only one of the same file, in this order. */
async function openBeside(t) {
  const path = await closedLog(t);
  const writer = await openAt(t, path, { exclusive: true });
  const reader = await openAt(t, path, { readOnly: true });
  return { path, writer, reader };
}

async function assertReadsOnly(t, reader, count) {
  t.is((await eventsOf(t, reader, 'orders')).length, count);
  const response = await reader.appendEvent({ instanceId: 'orders', eventType: 'made' });
  failed(t, response, 'appendEvent', 'INVALID_ARGUMENT', /readOnly/);
}

test('a read-only log beside an exclusive one of its process reads what that one stores', async (t) => {
  const { path, writer, reader } = await openBeside(t);
  await assertReadsOnly(t, reader, 10);
  await appended(t, writer, { instanceId: 'orders', eventType: 'made' });
  await assertReadsOnly(t, reader, 11);

  await reader.close();
  await appended(t, writer, { instanceId: 'orders', eventType: 'made' });
  await writer.close();
  await assertFree(t, path, 12);
});

test('a read-only log goes on when the exclusive one beside it is closed', async (t) => {
  const { path, writer, reader } = await openBeside(t);
  await appended(t, writer, { instanceId: 'orders', eventType: 'made' });
  await writer.close();
  await assertReadsOnly(t, reader, 11);
  await reader.close();
  await assertFree(t, path, 11);
});

/** Asserts that no engine of this process has the file any more: another process can have it. */
async function assertFree(t, path, count) {
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1], { exclusive: true });
    console.log(JSON.stringify(await log.getInstanceStats('orders')));
  `;
  const response = await runForJson(t, source, { args: [path] });
  t.is(succeeded(t, response, 'getInstanceStats').eventCount, count);
}
