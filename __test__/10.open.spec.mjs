import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { appended, created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';

/** Every method, called with arguments that are valid. */
const CALLS = {
  createInstance: (log) => log.createInstance('other'),
  getInstance: (log) => log.getInstance('orders'),
  listInstances: (log) => log.listInstances(),
  updateInstance: (log) => log.updateInstance('orders', { description: 'new' }),
  deleteInstance: (log) => log.deleteInstance('orders'),
  appendEvent: (log) => log.appendEvent({ instanceId: 'orders', eventType: 'made' }),
  appendEvents: (log) =>
    log.appendEvents({ instanceId: 'orders', events: [{ eventType: 'made' }] }),
  queryEvents: (log) => log.queryEvents({ from: { instance: 'orders' } }),
  getInstanceStats: (log) => log.getInstanceStats('orders'),
};

test('open makes the file and the folders above it', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a', 'b', 'log.redb');
  await openAt(t, path);
  t.true((await stat(path)).isFile());
});

const onUnix = process.platform === 'win32' ? test.skip : test;

onUnix('what open makes is private to the user', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a', 'b', 'log.redb');
  await openAt(t, path);
  t.is((await stat(path)).mode & 0o777, 0o600);
  t.is((await stat(dirname(path))).mode & 0o777, 0o700);
  t.is((await stat(join(folder, 'a'))).mode & 0o777, 0o700);
});

onUnix('open leaves the mode of a folder that was there', async (t) => {
  const folder = join(await temporaryFolder(t), 'shared');
  await mkdir(folder, { mode: 0o755 });
  const before = (await stat(folder)).mode;
  await openAt(t, join(folder, 'log.redb'));
  t.is((await stat(folder)).mode, before);
});

test('open returns a promise of an EventLog', async (t) => {
  const opening = EventLog.open(await temporaryPath(t));
  t.true(opening instanceof Promise);
  const log = await opening;
  t.teardown(() => log.close());
  t.true(log instanceof EventLog);
});

test('open takes a path relative to the working directory', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, relative(process.cwd(), path));
  await created(t, log, 'orders');
  t.true(existsSync(path));
});

test('open takes a file: URL', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'with space.redb');
  await openAt(t, pathToFileURL(path));
  t.true(existsSync(path));
});

test('a path that is text is no URL', async (t) => {
  const folder = await temporaryFolder(t);
  await openAt(t, join(folder, 'with%20percent.redb'));
  t.true(existsSync(join(folder, 'with%20percent.redb')));
});

test('a path may hold letters of any script', async (t) => {
  const path = join(await temporaryFolder(t), 'журнал-日誌-🦀', 'log.redb');
  await openAt(t, path);
  t.true(existsSync(path));
});

test('two openings of one file share what they store', async (t) => {
  const path = await temporaryPath(t);
  const first = await openAt(t, path);
  const second = await openAt(t, path);
  await created(t, first, 'orders');
  await appended(t, second, { instanceId: 'orders', eventType: 'made' });
  const event = await appended(t, first, { instanceId: 'orders', eventType: 'paid' });
  t.is(event.sequence_number, 2);
  t.is((await eventsOf(t, second, 'orders')).length, 2);
});

test('two openings by different spellings share one engine, even an exclusive one', async (t) => {
  const path = await temporaryPath(t);
  const first = await openAt(t, path, { exclusive: true });
  const folder = dirname(path);
  const second = await openAt(
    t,
    join(folder, 'x', '..', 'log.redb').replace(folder, `${folder}/.`),
    {
      exclusive: true,
    },
  );
  await created(t, first, 'orders');
  succeeded(t, await second.getInstance('orders'), 'getInstance');
});

test('closing one opening leaves the other open', async (t) => {
  const path = await temporaryPath(t);
  const first = await openAt(t, path);
  const second = await openAt(t, path);
  await first.close();
  failed(t, await first.listInstances(), 'listInstances', 'CLOSED');
  await created(t, second, 'orders');
});

test('what was stored is there after close and open', async (t) => {
  const path = await temporaryPath(t);
  const first = await openAt(t, path);
  const instance = await created(t, first, 'orders', 'all of them');
  const event = await appended(t, first, {
    instanceId: 'orders',
    streamId: 'order-1',
    eventType: 'made',
    payload: { total: 59.98 },
    metadata: { by: 'test' },
  });
  await first.close();

  const second = await openAt(t, path);
  t.deepEqual(await eventsOf(t, second, 'orders'), [event]);
  const found = succeeded(t, await second.getInstance('orders'), 'getInstance').instance;
  t.is(found.id, instance.id);
  t.is(found.createdAt, instance.createdAt);
  const next = await appended(t, second, {
    instanceId: 'orders',
    streamId: 'order-1',
    eventType: 'paid',
  });
  t.is(next.sequence_number, 2);
});

test('close resolves after everything queued has been stored', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const appends = Array.from({ length: 200 }, (_, number) =>
    log.appendEvent({ instanceId: 'orders', eventType: 'made', payload: { number } }),
  );
  t.is(await log.close(), undefined);
  for (const response of await Promise.all(appends)) succeeded(t, response, 'appendEvent');

  const reopened = await openAt(t, path);
  const events = await eventsOf(t, reopened, 'orders');
  t.deepEqual(
    events.map((event) => event.payload.number),
    events.map((_, index) => index),
  );
  t.is(events.length, 200);
});

for (const [method, call] of Object.entries(CALLS)) {
  test(`${method} on a closed log is CLOSED`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    await log.close();
    failed(t, await call(log), method, 'CLOSED', /closed/i);
  });
}

test('a method called after close has begun is CLOSED', async (t) => {
  const log = await openLog(t);
  const closing = log.close();
  failed(t, await log.createInstance('orders'), 'createInstance', 'CLOSED');
  await closing;
});

test('close waits for the reads of its own log, even where another one has the file open', async (t) => {
  const path = await temporaryPath(t);
  const other = await openAt(t, path);
  const log = await openAt(t, path);
  await created(t, log, 'orders');
  const events = new Array(20_000).fill({ eventType: 'made', payload: { n: 1 } });
  succeeded(t, await log.appendEvents({ instanceId: 'orders', events }), 'appendEvents');

  const query = {
    from: { instance: 'orders' },
    where: [{ field: 'n', operator: 'gt', value: 1 }],
  };
  const answers = [];
  for (let number = 0; number < 100; number += 1) {
    log.queryEvents(query).then((response) => answers.push(response));
  }
  await log.close();
  t.is(answers.length, 100);
  for (const response of answers) t.is(succeeded(t, response, 'queryEvents').result.total, 0);
  t.is((await eventsOf(t, other, 'orders')).length, 20_000);
});

test('closing twice is closing once', async (t) => {
  const log = await openLog(t);
  await Promise.all([log.close(), log.close()]);
  t.is(await log.close(), undefined);
});

test('Symbol.asyncDispose closes the log', async (t) => {
  const log = await openLog(t);
  t.is(typeof log[Symbol.asyncDispose], 'function');
  t.is(await log[Symbol.asyncDispose](), undefined);
  failed(t, await log.listInstances(), 'listInstances', 'CLOSED');
});

test('an empty file becomes a log', async (t) => {
  const path = await temporaryPath(t);
  await writeFile(path, '');
  const log = await openAt(t, path);
  await created(t, log, 'orders');
});
