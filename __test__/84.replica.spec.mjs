// A log in a file that follows another one, and is read.

import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import test from 'ava';

import { EventLog, openReplica } from '../index.mjs';
import { addon, start } from './support/child.mjs';
import { failed, succeeded } from './support/response.mjs';
import { temporaryFolder, temporaryPath, testOfFiles } from './support/temporary.mjs';
import { exportText } from './support/transfer.mjs';

/** Appends so many events to an instance. */
function append(log, count, instanceId = 'log') {
  const events = Array.from({ length: count }, () => ({ eventType: 'made' }));
  return log.strict.appendEvents({ instanceId, autoCreateInstance: true, events });
}

async function opened(t, path, options) {
  const log = await EventLog.open(path, options);
  t.teardown(() => log.close());
  return log;
}

async function replicaOf(t, from, path, options) {
  const replica = await openReplica(from, path, options);
  t.teardown(() => replica.close());
  return replica;
}

/** A log, and where a replica of it can be. */
async function places(t) {
  const from = await temporaryPath(t);
  const log = await opened(t, from);
  return { log, from, path: join(await temporaryFolder(t), 'replica.redb') };
}

const caughtUp = async (t, replica) => succeeded(t, await replica.catchUp(), 'catchUp');

test('it has what the log has, tells how far it is behind, and changes nothing', async (t) => {
  const { log, from, path } = await places(t);
  await append(log, 3);
  const replica = await replicaOf(t, from, path);
  await caughtUp(t, replica);
  t.is(await exportText(replica), await exportText(log));
  t.deepEqual(succeeded(t, await replica.behind(), 'behind'), {
    events: 0,
    follows: true,
    failure: null,
  });
  await append(log, 2);
  await append(log, 1, 'other');
  await caughtUp(t, replica);
  t.is(await exportText(replica), await exportText(log));
  await log.strict.deleteInstance('log');
  await append(log, 1);
  await caughtUp(t, replica);
  t.is((await replica.strict.getInstanceStats('log')).eventCount, 1);

  const event = { instanceId: 'log', eventType: 'own' };
  for (const response of [
    await replica.appendEvent(event),
    await replica.createInstance('own'),
    await replica.deleteInstance('log'),
    await replica.compact(),
  ]) {
    t.is(response.code, 'INVALID_ARGUMENT');
    t.regex(response.error, /readOnly: true/);
  }
  await t.throwsAsync(replica.strict.appendEvent(event), { code: 'INVALID_ARGUMENT' });
  t.is((await replica.strict.behind()).events, 0);
});

test('queries and subscriptions see what comes', async (t) => {
  const { log, from, path } = await places(t);
  await append(log, 1);
  const replica = await replicaOf(t, from, path);
  await caughtUp(t, replica);
  const appending = append(log, 4);
  let seen = 0;
  for await (const event of replica.subscribe({ instance: 'log' })) {
    t.is(event.sequence_number, (seen += 1));
    if (seen === 5) break;
  }
  await appending;
  const query = { from: { instance: 'log' }, reduce: { type: 'count' } };
  t.is((await replica.strict.queryEvents(query)).result.aggregation, 5);
});

test('one opening follows, and another one takes over', async (t) => {
  const { log, from, path } = await places(t);
  await append(log, 1);
  const first = await replicaOf(t, from, path);
  await caughtUp(t, first);
  const second = await replicaOf(t, from, path);
  await append(log, 1);
  await caughtUp(t, second);
  t.is((await second.strict.behind()).follows, false);
  t.is((await first.strict.behind()).follows, true);
  await first.close();
  await append(log, 1);
  await caughtUp(t, second);
  t.is((await second.strict.behind()).follows, true);
  t.is(await exportText(second), await exportText(log));
  failed(t, await first.catchUp(), 'catchUp', 'CLOSED');
});

const FOLLOWING = `
  import { openReplica } from '${addon}';
  const [from, path] = process.argv.slice(1);
  const replica = await openReplica(from, path);
  await replica.strict.catchUp();
  process.send('caught up');
  process.on('message', () => {});
`;

test('one that was killed goes on, and another process takes over', async (t) => {
  const { log, from, path } = await places(t);
  await append(log, 50);
  const { child, message, ended } = start(t, FOLLOWING, { args: [from, path] });
  await message();
  const replica = await replicaOf(t, from, path);
  child.kill('SIGKILL');
  await ended;
  await append(log, 50);
  await caughtUp(t, replica);
  t.is(await exportText(replica), await exportText(log));
});

testOfFiles('it is read while the log cannot be reached, and goes on once it can', async (t) => {
  const { log, from, path } = await places(t);
  await append(log, 2);
  const first = await openReplica(from, path);
  await caughtUp(t, first);
  await first.close();
  await append(log, 1);
  await log.close();
  const away = `${from}.away`;
  await rename(from, away);
  const replica = await replicaOf(t, from, path);
  t.is((await replica.strict.getInstanceStats('log')).eventCount, 2);
  const { events, failure } = await replica.strict.behind();
  t.is(events, null);
  t.is(failure.code, 'STORAGE_FAILED');
  failed(t, await replica.catchUp(), 'catchUp', 'STORAGE_FAILED');
  await rename(away, from);
  let response;
  // It is tried again now and then.
  do response = await replica.catchUp();
  while (!response.success);
  t.is((await replica.strict.getInstanceStats('log')).eventCount, 3);
  t.is((await replica.strict.behind()).failure, null);
});

test('what is no replica of the log is refused, and left as it is', async (t) => {
  const { log, from, path } = await places(t);
  await append(log, 2);
  const other = await EventLog.open(path);
  await append(other, 1, 'own');
  await other.close();
  const replica = await replicaOf(t, from, path);
  failed(t, await replica.catchUp(), 'catchUp', 'IMPORT_CONFLICT', /instance "own"/);
  const { failure } = await replica.strict.behind();
  t.is(failure.code, 'IMPORT_CONFLICT');
  t.is((await replica.strict.getInstanceStats('own')).eventCount, 1);
});

test('arguments that are wrong reject, and leave nothing open', async (t) => {
  const { log, from, path } = await places(t);
  await append(log, 1);
  for (const [given, pattern] of [
    [[from, ':memory:'], /^path: expected the path of a file/],
    [[from, path, 7], /^options: expected an object, found a number$/],
    [[from, path, { readOnly: true }], /^options\.readOnly: /],
    [[from, path, { source: 7 }], /^options\.source: expected an object, found a number$/],
    [[from, path, { chacheBytes: 1 }], /chacheBytes/],
    [[from, path, { source: { chacheBytes: 1 } }], /chacheBytes/],
  ]) {
    const error = await t.throwsAsync(openReplica(...given), { code: 'INVALID_ARGUMENT' });
    t.regex(error.message, pattern);
  }
  // A log that is not there, and no replica of it either.
  const error = await t.throwsAsync(openReplica(`${from}.none`, path));
  t.is(error.code, 'STORAGE_FAILED');
  await rm(dirname(path), { recursive: true });
});
