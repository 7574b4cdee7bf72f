// Imports of what other event stores have: Emmett's file, and another `codebolt.eventLog` by its own methods.

import { fileURLToPath } from 'node:url';

import test from 'ava';
import initSqlJs from 'sql.js';

import { openLog } from './support/temporary.mjs';
import { exportText, imported, refused } from './support/transfer.mjs';

const EMMETT = { format: 'emmett', instance: 'shop' };

/** The columns of Emmett's messages, in the order of a row here. */
const COLUMNS = [
  'global_position',
  'partition',
  'stream_id',
  'stream_position',
  'is_archived',
  'message_kind',
  'message_type',
  'message_id',
  'message_data',
  'message_metadata',
  'message_schema_version',
  'created',
];

/** A database in memory with the columns of Emmett's messages, and these rows. Its members are those of better-sqlite3. */
async function emmettDatabase(t, rows) {
  const { Database } = await initSqlJs();
  const database = new Database();
  t.teardown(() => database.close());
  database.run(`CREATE TABLE emt_messages (${COLUMNS.join(', ')})`);
  const values = COLUMNS.map(() => '?').join(', ');
  for (const row of rows) database.run(`INSERT INTO emt_messages VALUES (${values})`, row);
  const all = (sql, parameters) => {
    const statement = database.prepare(sql);
    try {
      statement.bind(parameters);
      const found = [];
      while (statement.step()) found.push(statement.getAsObject());
      return found;
    } finally {
      statement.free();
    }
  };
  return { prepare: (sql) => ({ all: (...parameters) => all(sql, parameters) }) };
}

const rowOf = (n, more = {}) =>
  Object.values({
    position: n,
    partition: 'emt:default',
    stream: `cart-${n % 3}`,
    streamPosition: Math.ceil(n / 3),
    isArchived: 0,
    kind: 'E',
    type: 'ItemAdded',
    id: `0192f000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    data: `{"n":${n}}`,
    metadata: '{}',
    schemaVersion: '0',
    created: '2026-01-31 12:00:00',
    ...more,
  });

test("Emmett's messages become events with their ids, streams and times", async (t) => {
  const log = await openLog(t);
  const rows = Array.from({ length: 2500 }, (_, index) => rowOf(index + 1));
  rows[1] = rowOf(2, { data: '{"big":9007199254740993}', metadata: '{"by":"x"}' });
  rows[2] = rowOf(3, { kind: 'C' });
  rows[3] = rowOf(4, { created: '2026-01-31T12:00:00.123Z' });
  const database = await emmettDatabase(t, rows);
  t.like(await imported(t, log, database, { ...EMMETT, dryRun: true }), {
    events: 2499,
    streams: 3,
  });
  t.like(await imported(t, log, database, EMMETT), { events: 2499 });
  t.like(await imported(t, log, database, EMMETT), { events: 0, skippedEvents: 2499 });
  const text = await exportText(log);
  t.true(text.includes('"payload":{"big":9007199254740993},"metadata":{"by":"x"}'));
  const { data } = await log.queryEvents({ from: { instance: 'shop' }, limit: 3 });
  t.deepEqual(
    data.result.events.map(({ id, stream_id: stream, timestamp }) => [
      id.at(-1),
      stream,
      timestamp,
    ]),
    [
      ['1', 'cart-1', '2026-01-31T12:00:00.000Z'],
      ['2', 'cart-2', '2026-01-31T12:00:00.000Z'],
      ['4', 'cart-1', '2026-01-31T12:00:00.123Z'],
    ],
  );
});

test('messages of archived streams and commands are left out, and told', async (t) => {
  const log = await openLog(t);
  const rows = [
    rowOf(1, { isArchived: 1 }),
    rowOf(2),
    rowOf(3, { kind: 'C' }),
    rowOf(4, { isArchived: 1 }),
    rowOf(5, { partition: 'tenant b', stream: 'cart-2' }),
    rowOf(6, { partition: 'global', stream: 'cart-2' }),
  ];
  const database = await emmettDatabase(t, rows);
  for (const more of [{ dryRun: true }, {}]) {
    const response = await log.importEvents(database, { ...EMMETT, ...more });
    t.is(response.data.events, 3);
    t.is(response.message, 'messages were left out: 2 of archived streams, 1 that are no events');
  }
  const { data } = await log.queryEvents({ from: { instance: 'shop' } });
  t.deepEqual(
    data.result.events.map(({ stream_id: stream, sequence_number: number }) => [stream, number]),
    [
      ['cart-2', 1],
      ['tenant b/cart-2', 1],
      ['cart-2', 2],
    ],
  );
  const all = await log.importEvents(await emmettDatabase(t, [rowOf(1)]), {
    ...EMMETT,
    instance: 'all',
  });
  t.is(all.message, undefined);
});

test('a mapping is refused for what has a shape of its own', async (t) => {
  const log = await openLog(t);
  const map = { stream: '$.id' };
  const database = await emmettDatabase(t, [rowOf(1)]);
  for (const [source, format] of [
    [database, 'emmett'],
    [log, 'codebolt'],
  ]) {
    const message = new RegExp(`^options\\.map: expected none for ${format}`);
    const options = { format, instance: 'a', map };
    await refused(t, log, source, 'INVALID_ARGUMENT', message, options);
  }
});

test("what is no store of Emmett's is refused, with the message", async (t) => {
  const log = await openLog(t);
  for (const [more, pattern] of [
    [{ data: 'x' }, /^message 1: expected the data to be JSON/],
    [{ data: '7' }, /^message 1: expected the data to be JSON of an object/],
    [{ created: 'noon' }, /^message 1: expected the time of a message/],
    [{ stream: '' }, /^message 1: expected the stream/],
  ]) {
    const database = await emmettDatabase(t, [rowOf(1, more)]);
    await refused(t, log, database, 'INVALID_ARGUMENT', pattern, EMMETT);
  }
  const { Database } = await initSqlJs();
  const empty = new Database();
  t.teardown(() => empty.close());
  await refused(
    t,
    log,
    empty,
    'INVALID_ARGUMENT',
    /^source: expected the tables of Emmett/,
    EMMETT,
  );
  await refused(t, log, 7, 'INVALID_ARGUMENT', /^source: expected the path of a file/, EMMETT);
  const nowhere = /there is no file at nowhere\.db|a path needs Node\.js 22/;
  await refused(t, log, 'nowhere.db', 'INVALID_ARGUMENT', nowhere, EMMETT);
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('an instance of another log is asked for page by page', async (t) => {
  const other = await openLog(t, { autoCreateInstances: true });
  for (let n = 0; n < 2500; n += 500) {
    const events = Array.from({ length: 500 }, (_, index) => ({
      streamId: `s${index % 2}`,
      eventType: 'counted',
      payload: { n: n + index },
    }));
    await other.appendEvents({ instanceId: 'counts', events });
  }
  const log = await openLog(t);
  const options = { format: 'codebolt', instance: 'counts' };
  t.like(await imported(t, log, other, options), { events: 2500 });
  const eventsOf = async (from) => {
    const lines = (await exportText(from)).split('\n').slice(2, -2);
    return lines.map((line) => ({ ...JSON.parse(line), instanceId: 'counts' }));
  };
  t.deepEqual(await eventsOf(log), await eventsOf(other));
  await other.appendEvent({ instanceId: 'counts', eventType: 'more' });
  t.like(await imported(t, log, other, options), { events: 1, skippedEvents: 2500 });
});

for (const [end, code] of [
  ['the signal', 'ABORTED'],
  ['`close`', 'CLOSED'],
]) {
  for (const dryRun of [false, true]) {
    const what = dryRun ? 'a dry run' : 'an import';
    test(`${end} ends ${what} from a log that does not answer`, async (t) => {
      const log = await openLog(t);
      let ask;
      const isAsked = new Promise((resolve) => (ask = resolve));
      let answer;
      const queryEvents = () => {
        ask();
        return new Promise((resolve) => (answer = resolve));
      };
      const controller = new AbortController();
      const options = { format: 'codebolt', instance: 'a', dryRun, signal: controller.signal };
      const running = log.importEvents({ queryEvents }, options);
      await isAsked;
      if (code === 'ABORTED') controller.abort();
      else await log.close();
      t.is((await running).code, code);
      // What comes late is of no consequence, and no more is asked for.
      ask = () => t.fail('it was asked again');
      answer({
        success: true,
        data: { events: [{ timestamp: 0, streamId: 's', eventType: 't' }] },
      });
      await new Promise(setImmediate);
    });
  }
}

test('a dry run compares with what is stored, whatever the program makes of that', async (t) => {
  const never = () => new Promise(() => {});
  const log = await openLog(t, { upcasters: { t: [{ from: 1, to: 2, up: never }] } });
  const event = { id: 'e', streamId: 's', eventType: 't', timestamp: 0, payload: { n: 1 } };
  const options = { format: 'codebolt', instance: 'a' };
  t.like(await imported(t, log, holding([event]), options), { events: 1 });
  const report = await imported(t, log, holding([event]), { ...options, dryRun: true });
  t.like(report, { events: 1, skippedEvents: 1 });
});

test.serial('a file of Emmett that was opened is closed, however its import ends', async (t) => {
  // Of the module that the oldest supported Node.js does not have.
  const open = new Set();
  const rows = [
    { global_position: 1, partition: 'global', stream_id: 's', is_archived: 0, message_kind: 'E' },
    { global_position: 2, partition: 'global', stream_id: '', is_archived: 0, message_kind: 'E' },
  ];
  class DatabaseSync {
    constructor() {
      open.add(this);
    }
    prepare = () => ({
      all: (position) =>
        rows
          .slice(position)
          .map((row) => ({ ...row, message_type: 't', created: '2026-01-31 12:00:00' })),
    });
    close() {
      // As that of Node.js does.
      if (!open.delete(this)) throw new Error('database is not open');
    }
  }
  const { getBuiltinModule } = process;
  process.getBuiltinModule = (name) =>
    name === 'node:sqlite' ? { DatabaseSync } : getBuiltinModule.call(process, name);
  t.teardown(() => (process.getBuiltinModule = getBuiltinModule));
  const log = await openLog(t);
  const path = fileURLToPath(import.meta.url);
  const wrong = /^message 2: expected the stream/;
  for (const dryRun of [true, false]) {
    await refused(t, log, path, 'INVALID_ARGUMENT', wrong, { ...EMMETT, dryRun });
    t.is(open.size, 0);
    const signal = AbortSignal.abort();
    await refused(t, log, path, 'ABORTED', /./, { ...EMMETT, dryRun, signal });
    t.is(open.size, 0);
    const map = { type: 't' };
    await refused(t, log, path, 'INVALID_ARGUMENT', /options\.map/, { ...EMMETT, dryRun, map });
    t.is(open.size, 0);
  }
  rows.pop();
  for (const dryRun of [true, false]) {
    t.like(await imported(t, log, path, { ...EMMETT, dryRun }), { events: 1 });
    t.is(open.size, 0);
  }
  await log.close();
  await refused(t, log, path, 'CLOSED', /./, EMMETT);
  t.is(open.size, 0);
});

/** A client with these events, which gives no more than `most` of them at a time. */
const holding = (events, most = 1000) => ({
  async queryEvents({ limit, offset }) {
    const page = events.slice(offset, offset + Math.min(limit, most));
    return { success: true, data: { events: page } };
  },
});

test('a client that gives fewer events at a time than it is asked for is asked until it has no more', async (t) => {
  const log = await openLog(t);
  const events = Array.from({ length: 25 }, (_, n) => ({
    id: `e${n}`,
    streamId: 's',
    eventType: 't',
    timestamp: n,
    payload: { n },
  }));
  const options = { format: 'codebolt', instance: 'a' };
  t.like(await imported(t, log, holding(events, 10), options), { events: 25 });
  const ever = { queryEvents: async () => ({ success: true, data: { events } }) };
  const again = /^source: expected the events after the first 25, found earlier ones again/;
  await refused(t, log, ever, 'INVALID_ARGUMENT', again, { ...options, instance: 'b' });
});

test('both spellings of keys are known, and what a client fails with is told', async (t) => {
  const log = await openLog(t);
  const options = { format: 'codebolt', instance: 'a' };
  const event = { streamId: 's', eventType: 't', timestamp: 0, payload: { n: 1 } };
  const answering = (answer) => ({ queryEvents: async () => answer });
  t.like(await imported(t, log, holding([event]), options), { events: 1 });
  for (const [client, pattern] of [
    [answering({ success: false, error: 'no such instance' }), /it answered no such instance/],
    [answering({}), /it answered without events/],
    [answering({ data: { events: [{}] } }), /^event 1: expected a timestamp/],
    [answering({ data: { events: [{ timestamp: 0 }] } }), /^event 1: expected the stream/],
    [7, /expected an object with queryEvents/],
  ]) {
    await refused(t, log, client, 'INVALID_ARGUMENT', pattern, { ...options, instance: 'b' });
  }
});
