// Logs that move between files and PostgreSQL, and replicas of logs in PostgreSQL, with a server in CODEBOLT_TEST_POSTGRES.

'use strict';

const { randomUUID } = require('node:crypto');
const { mkdtemp, rm } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const anyTest = require('ava').default;
const { EventLog, openReplica } = require('codebolt-eventlog');
const { Client } = require('pg');

const SERVER = process.env.CODEBOLT_TEST_POSTGRES;
const test = SERVER === undefined ? anyTest.skip : anyTest;

/** The address of a log that nobody has. */
const address = () => `${SERVER}?schema=${randomUUID()}`;

async function folderOf(t) {
  const folder = await mkdtemp(join(tmpdir(), 'eventlog-moving-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function opened(t, path, options) {
  const log = await EventLog.open(path, options);
  t.teardown(() => log.close());
  return log;
}

const append = (log, count, instanceId = 'log') =>
  log.strict.appendEvents({
    instanceId,
    autoCreateInstance: true,
    events: Array.from({ length: count }, (_, n) => ({
      streamId: `s${n % 3}`,
      eventType: 'made',
      payload: { n, text: '\u0000 \ud800 é' },
    })),
  });

async function textOf(log) {
  const chunks = [];
  for await (const chunk of log.exportEvents()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Asks the server itself. */
async function sql(text, values) {
  const url = new URL(SERVER);
  const client = new Client({
    host: decodeURIComponent(url.host),
    user: url.username,
    database: 'postgres',
  });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

test('a log moves from a file to PostgreSQL and back, with everything', async (t) => {
  const folder = await folderOf(t);
  const file = await opened(t, join(folder, 'first.redb'));
  await append(file, 300);
  await append(file, 2, 'other');
  const call = { instanceId: 'log', eventType: 'keyed', idempotencyKey: 'once' };
  const { event } = await file.strict.appendEvent(call);
  const subscription = file.subscribe({ instance: 'log', consumer: 'c' });
  await (await subscription.next()).value.ack?.();
  await subscription.return();
  const text = await textOf(file);

  const server = await opened(t, address());
  const counts = { instances: 2, events: 303, skippedInstances: 0, skippedEvents: 0 };
  t.deepEqual((await file.copyTo(server)).data, counts);
  t.is(await textOf(server), text);
  t.deepEqual((await server.strict.appendEvent(call)).event, event);
  t.true((await server.strict.verify()).intact);

  const back = await opened(t, join(folder, 'back.redb'));
  t.deepEqual((await server.copyTo(back)).data, counts);
  t.is(await textOf(back), text);
  t.deepEqual((await back.strict.appendEvent(call)).event, event);
  const consumersOf = (log) => log.strict.listConsumers({ instance: 'log' });
  t.deepEqual(await consumersOf(back), await consumersOf(file));
  t.true((await back.strict.verify()).intact);
});

test('a copy follows from a file to PostgreSQL until the switch', async (t) => {
  const folder = await folderOf(t);
  const file = await opened(t, join(folder, 'log.redb'));
  await append(file, 10);
  const server = await opened(t, address());
  const end = new AbortController();
  const copying = file.copyTo(server, { follow: true, until: end.signal });
  await append(file, 10);
  end.abort();
  const response = await copying;
  t.true(response.success, response.error);
  t.is(await textOf(server), await textOf(file));
});

test('a replica follows, and goes on after its connections were lost', async (t) => {
  const folder = await folderOf(t);
  const from = `${address()}&application_name=writer`;
  const log = await opened(t, from);
  await append(log, 5);
  const followed = from.replace('writer', 'follower');
  const replica = await openReplica(followed, join(folder, 'replica.redb'));
  t.teardown(() => replica.close());
  await replica.strict.catchUp();
  t.is(await textOf(replica), await textOf(log));

  const ended = await sql(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
    ['follower'],
  );
  t.true(ended.length > 0);
  await append(log, 5);
  await replica.strict.catchUp();
  t.is(await textOf(replica), await textOf(log));
  t.deepEqual(await replica.strict.behind(), { events: 0, follows: true, failure: null });

  const refused = await replica.appendEvent({ instanceId: 'log', eventType: 'own' });
  t.is(refused.code, 'INVALID_ARGUMENT');
  await replica.close();
  await append(log, 5);
  const again = await openReplica(followed, join(folder, 'replica.redb'));
  t.teardown(() => again.close());
  await again.strict.catchUp();
  t.is(await textOf(again), await textOf(log));
});
