// What is read from a log in PostgreSQL, with a server in CODEBOLT_TEST_POSTGRES, while that ends all connections of the log.

'use strict';

const { randomUUID } = require('node:crypto');

const anyTest = require('ava').default;
const { EventLog } = require('codebolt-eventlog');
const { Client } = require('pg');

const SERVER = process.env.CODEBOLT_TEST_POSTGRES;
const test = SERVER === undefined ? anyTest.skip : anyTest;

/** More than a few pages have. */
const EVENTS = 600;
const POSITIONS = Array.from({ length: EVENTS }, (_, n) => n + 1);

/** A log with events, and `cut()`, which has the server end its connections, and waits until they have ended. */
async function logOf(t) {
  const name = randomUUID();
  const log = await EventLog.open(`${SERVER}?schema=${name}&application_name=${name}`);
  t.teardown(() => log.close());
  const payload = { text: 'x'.repeat(2000) };
  const events = POSITIONS.map(() => ({ eventType: 'made', payload }));
  await log.strict.appendEvents({ instanceId: 'i', events, autoCreateInstance: true });
  const url = new URL(SERVER);
  const client = new Client({
    host: decodeURIComponent(url.host),
    user: url.username,
    database: 'postgres',
  });
  await client.connect();
  t.teardown(() => client.end());
  const sql =
    'SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = $1';
  let ended = 0;
  const cut = async () => {
    ended += (await client.query(sql, [name])).rowCount;
    t.true(ended > 0);
  };
  return { log, cut };
}

/** The positions of so many events, with all connections lost after each hundredth. */
async function taken(events, cut, count = EVENTS) {
  const positions = [];
  for await (const { position } of events) {
    positions.push(position);
    if (positions.length === count) break;
    if (positions.length % 100 === 0) await cut();
  }
  return positions;
}

test('readers have each event once, and in order', async (t) => {
  const { log, cut } = await logOf(t);
  t.deepEqual(await taken(log.readAll({ instance: 'i' }), cut), POSITIONS);
  const backward = log.readStream({ instance: 'i', stream: 'default', direction: 'backward' });
  t.deepEqual(await taken(backward, cut), POSITIONS.toReversed());
});

test('a subscription has them too, and those that follow', async (t) => {
  const { log, cut } = await logOf(t);
  const subscription = log.subscribe({ instance: 'i' });
  for (const position of POSITIONS) {
    t.is((await subscription.next()).value.position, position);
    if (position % 100 === 0) await cut();
  }
  for (let more = 1; more <= 5; more += 1) {
    const next = subscription.next();
    await cut();
    await log.strict.appendEvent({ instanceId: 'i', eventType: 'made' });
    t.is((await next).value.position, EVENTS + more);
  }
  await subscription.return();
});

test('a consumer goes on after what it has acknowledged', async (t) => {
  const { log, cut } = await logOf(t);
  const options = { instance: 'i', consumer: 'c' };
  let position = 0;
  for await (const event of log.subscribe(options)) {
    position += 1;
    t.is(event.position, position);
    if (position % 100 === 0) await cut();
    if (position % 50 === 0) await event.ack();
    if (position === 425) break;
  }
  await cut();
  const rest = await taken(log.subscribe(options), cut, EVENTS - 400);
  t.deepEqual(rest, POSITIONS.slice(400));
});

test('an export is whole, and so is a check', async (t) => {
  const { log, cut } = await logOf(t);
  const whole = (await log.exportEvents().toArray()).join('');
  let text = '';
  for await (const chunk of log.exportEvents()) {
    text += chunk;
    await cut();
  }
  t.true(text === whole);
  const checking = log.strict.verify();
  await cut();
  t.true((await checking).intact);
});
