// A log without a file: as any other, until it is closed.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { addon, runForJson } from './support/child.mjs';
import { all, fill, numbers, numbersOf } from './support/reading.mjs';
import { appended, created, eventsOf, failed, queried, succeeded } from './support/response.mjs';
import { openAt, temporaryFolder } from './support/temporary.mjs';

const openInMemory = (t, options) => openAt(t, ':memory:', options);
const event = { instanceId: 'orders', eventType: 'made' };

test('it stores, reads and computes as a log in a file does', async (t) => {
  const log = await openInMemory(t);
  await fill(log, 'log', 20_000, { streams: 4 });
  t.deepEqual(numbersOf(await all(log.readAll({ instance: 'log' }))), numbers(20_000));
  const from = { instance: 'log' };
  const where = [{ field: 'event_type', operator: 'eq', value: 'third' }];
  const reduce = { type: 'count', groupBy: 'stream_id' };
  const { aggregation, total } = await queried(t, log, { from, where, reduce });
  t.is(total, 6_667);
  t.is(aggregation.length, 4);
  const { state } = await log.project({
    instance: 'log',
    initial: 0,
    apply: (count) => count + 1,
    name: 'count',
    snapshotEvery: 5_000,
  });
  t.is(state, 20_000);
  const stats = succeeded(t, await log.getInstanceStats('log'), 'getInstanceStats');
  t.is(stats.eventCount, 20_000);
});

test('its guards hold among calls that are made at once', async (t) => {
  const log = await openInMemory(t);
  await created(t, log, 'orders');
  const calls = numbers(10).map(() => log.appendEvent({ ...event, expectedSequence: 0 }));
  const stored = (await Promise.all(calls)).filter(({ success }) => success);
  t.is(stored.length, 1);
  const key = { ...event, idempotencyKey: 'once' };
  await appended(t, log, key);
  t.true((await log.appendEvent(key)).data.duplicate);
});

test('subscriptions and consumers follow it', async (t) => {
  const log = await openInMemory(t);
  const following = log.subscribe({ instance: 'orders', awaitInstance: true, consumer: 'c' });
  const first = following.next();
  await appended(t, log, { ...event, autoCreateInstance: true });
  await (await first).value.ack();
  await appended(t, log, event);
  t.is((await following.next()).value.position, 2);
  await following.return();
});

test('each opening is a log of its own', async (t) => {
  const [one, other] = [await openInMemory(t), await openInMemory(t)];
  await created(t, one, 'orders');
  failed(t, await other.getInstance('orders'), 'getInstance', 'INSTANCE_NOT_FOUND');
  await created(t, other, 'orders');
  await one.close();
  await appended(t, other, event);
});

test('worker threads have logs of their own', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    import { EventLog } from '${addon}';
    const log = await EventLog.open(':memory:');
    await log.createInstance('orders');
    const worker = new Worker(\`
      Promise.all([import('${addon}'), import('node:worker_threads')]).then(async (imported) => {
        const [{ EventLog }, { parentPort }] = imported;
        const log = await EventLog.open(':memory:');
        parentPort.postMessage(await log.listInstances());
        await log.close();
      });
    \`, { eval: true });
    const [{ data }] = await once(worker, 'message');
    await once(worker, 'exit');
    console.log(JSON.stringify(data.instances));
    await log.close();
  `;
  t.deepEqual(await runForJson(t, source, { cwd }), []);
  t.deepEqual(await readdir(cwd), []);
});

test('it is gone once it is closed, and nothing of it was in the file system', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(':memory:');
    await log.appendEvent({ instanceId: 'orders', eventType: 'made', autoCreateInstance: true });
    await log.close();
    const closed = await log.listInstances();
    const again = await EventLog.open(':memory:');
    console.log(JSON.stringify([closed.code, (await again.listInstances()).data.instances]));
  `;
  t.deepEqual(await runForJson(t, source, { cwd }), ['CLOSED', []]);
  t.deepEqual(await readdir(cwd), []);
});

test('it is checked, compacted, exported, and copied into a file', async (t) => {
  const log = await openInMemory(t);
  await fill(log, 'large', 5_000, { bytes: 2_000 });
  await fill(log, 'log', 5_000);
  t.true((await log.verify()).data.intact);
  succeeded(t, await log.deleteInstance('large'), 'deleteInstance');
  const { bytesBefore, bytesAfter } = succeeded(t, await log.compact(), 'compact');
  t.true(bytesAfter < bytesBefore);

  const path = join(await temporaryFolder(t), 'copy.redb');
  t.is(succeeded(t, await log.backup(path), 'backup').events, 5_000);
  const copy = await openAt(t, path);
  t.deepEqual(await eventsOf(t, copy, 'log'), await eventsOf(t, log, 'log'));

  const another = await openInMemory(t);
  succeeded(t, await another.importEvents(log.exportEvents()), 'importEvents');
  t.deepEqual(await eventsOf(t, another, 'log'), await eventsOf(t, log, 'log'));
  t.true((await another.verify()).data.intact);
});

test('it takes the options of a log, but for those that are about a file', async (t) => {
  const log = await openInMemory(t, {
    exclusive: false,
    cacheBytes: 1 << 20,
    eventBytesMax: 100,
    autoCreateInstances: true,
    clock: () => 0,
  });
  t.is((await appended(t, log, event)).timestamp, '1970-01-01T00:00:00.000Z');
  const large = { ...event, payload: { text: 'x'.repeat(100) } };
  failed(t, await log.appendEvent(large), 'appendEvent', 'LIMIT_EXCEEDED');
  await openInMemory(t, { exclusive: true });
  const opening = EventLog.open(':memory:', { readOnly: true });
  await t.throwsAsync(opening, { code: 'INVALID_ARGUMENT', message: /readOnly/ });
});

test('a backup goes to a file', async (t) => {
  const log = await openInMemory(t);
  const backup = await log.backup(':memory:');
  failed(t, backup, 'backup', 'INVALID_ARGUMENT', /^path: expected the path of a file/);
});

test('the default log is in memory if the environment says so', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import { eventLog } from '${addon}';
    console.log(JSON.stringify(await eventLog.appendEvent({ instanceId: 'a', eventType: 'b' })));
  `;
  const env = { CODEBOLT_EVENTLOG_PATH: ':memory:' };
  t.true((await runForJson(t, source, { cwd, env })).success);
  t.deepEqual(await readdir(cwd), []);
});

if (process.platform !== 'win32') {
  test('another path of that name is a file', async (t) => {
    const folder = await temporaryFolder(t);
    await openAt(t, join(folder, ':memory:'));
    t.true((await stat(join(folder, ':memory:'))).isFile());
  });
}
