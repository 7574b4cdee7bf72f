import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import test from 'ava';

import codebolt, * as exported from '../index.mjs';
import { addon, run, runForJson } from './support/child.mjs';
import { eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryFolder } from './support/temporary.mjs';

const require = createRequire(import.meta.url);

const METHODS = [
  'createInstance',
  'getInstance',
  'listInstances',
  'updateInstance',
  'deleteInstance',
  'appendEvent',
  'appendEvents',
  'queryEvents',
  'getInstanceStats',
];

const APPEND = `
  import codebolt from '${addon}';
  await codebolt.waitForConnection();
  const response = await codebolt.eventLog.appendEvent({
    instanceId: 'orders',
    eventType: 'made',
    autoCreateInstance: true,
  });
  console.log(JSON.stringify(response));
`;

test('the default log has the nine methods', (t) => {
  for (const method of METHODS) t.is(typeof codebolt.eventLog[method], 'function', method);
});

test('a log that was opened by name has the nine methods', async (t) => {
  const log = await openLog(t);
  for (const method of METHODS) t.is(typeof log[method], 'function', method);
});

test('the package is found by its name, by import and by require', async (t) => {
  const imported = await import('codebolt-eventlog');
  t.is(imported.eventLog, exported.eventLog);
  t.is(require('codebolt-eventlog').eventLog, exported.eventLog);
});

test('CODEBOLT_EVENTLOG_PATH names the file of the default log', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'deep', 'named.redb');
  const env = { CODEBOLT_EVENTLOG_PATH: path };
  const response = await runForJson(t, APPEND, { cwd: folder, env });
  t.true(response.success);
  t.false(existsSync(join(folder, '.codebolt')));
  const log = await openAt(t, path);
  t.deepEqual(await eventsOf(t, log, 'orders'), [response.data.event]);
});

test('without it the default log is .codebolt/eventlog.redb in the working directory', async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  const response = await runForJson(t, APPEND, { cwd: folder });
  t.true(response.success);
  const path = join(folder, '.codebolt', 'eventlog.redb');
  if (process.platform !== 'win32') {
    t.is((await stat(path)).mode & 0o777, 0o600);
    t.is((await stat(join(folder, '.codebolt'))).mode & 0o777, 0o700);
  }
  const log = await openAt(t, path);
  t.deepEqual(await eventsOf(t, log, 'orders'), [response.data.event]);
});

test('importing the package opens nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const ended = await run(t, `import '${addon}';`, { cwd: folder });
  t.is(ended.code, 0, ended.stderr);
  t.false(existsSync(join(folder, '.codebolt')));
});

test('the default log opens at the first call, without waitForConnection', async (t) => {
  const folder = await temporaryFolder(t);
  const source = `
    const { eventLog } = require('codebolt-eventlog');
    eventLog.createInstance('orders').then((response) => console.log(JSON.stringify(response)));
  `.replace('codebolt-eventlog', require.resolve('../index.js'));
  const response = await runForJson(t, source, { cwd: folder, type: 'commonjs' });
  t.true(response.success);
});

test('waitForConnection resolves once the default log is open', async (t) => {
  const folder = await temporaryFolder(t);
  const source = `
    import { existsSync } from 'node:fs';
    import { waitForConnection } from '${addon}';
    const value = await waitForConnection();
    console.log(JSON.stringify({ nothing: value === undefined, made: existsSync('.codebolt/eventlog.redb') }));
  `;
  t.deepEqual(await runForJson(t, source, { cwd: folder }), { nothing: true, made: true });
});

test('calls that cannot open the default log fail, and the next ones try again', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.redb');
  await mkdir(path);
  const source = `
    import { rmdirSync } from 'node:fs';
    import { eventLog } from '${addon}';
    const refused = await eventLog.createInstance('orders');
    rmdirSync(process.env.CODEBOLT_EVENTLOG_PATH);
    const granted = await eventLog.createInstance('orders');
    console.log(JSON.stringify({ refused, granted }));
  `;
  const env = { CODEBOLT_EVENTLOG_PATH: path };
  const { refused, granted } = await runForJson(t, source, { env });
  t.false(refused.success);
  t.is(refused.type, 'eventLog.createInstance');
  t.regex(refused.code, /^(INVALID_ARGUMENT|CORRUPTED|STORAGE_FAILED)$/);
  t.true(granted.success, granted.error);
});

test('waitForConnection opens no default log that was closed', async (t) => {
  const path = join(await temporaryFolder(t), 'log.redb');
  const source = `
    import { EventLog, eventLog, waitForConnection } from '${addon}';
    const before = await eventLog.createInstance('orders');
    await eventLog.close();
    const refused = await waitForConnection().then(
      () => 'connected',
      ({ name, code }) => ({ name, code }),
    );
    // An exclusive opening finds any other that is left.
    const log = await EventLog.open(process.env.CODEBOLT_EVENTLOG_PATH, { exclusive: true });
    const after = await log.getInstance('orders');
    console.log(JSON.stringify({ before, refused, after }));
  `;
  const env = { CODEBOLT_EVENTLOG_PATH: path };
  const { before, refused, after } = await runForJson(t, source, { env });
  t.deepEqual(refused, { name: 'EventLogError', code: 'CLOSED' });
  const { instance } = succeeded(t, before, 'createInstance');
  t.deepEqual(succeeded(t, after, 'getInstance').instance, instance);
});

test('a default log that is closed before any call stays closed and makes no file', async (t) => {
  const folder = await temporaryFolder(t);
  const source = `
    import { eventLog, waitForConnection } from '${addon}';
    await eventLog.close();
    const write = await eventLog.createInstance('orders');
    const read = await eventLog.listInstances();
    const refused = await waitForConnection().catch(({ code }) => code);
    await eventLog.close();
    console.log(JSON.stringify({ write, read, refused }));
  `;
  const { write, read, refused } = await runForJson(t, source, { cwd: folder });
  failed(t, write, 'createInstance', 'CLOSED');
  failed(t, read, 'listInstances', 'CLOSED');
  t.is(refused, 'CLOSED');
  t.deepEqual(await readdir(folder), []);
});
