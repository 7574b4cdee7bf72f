// Has Emmett write a file with its event store in SQLite, and imports that: every event has to be there, with its stream, type,
// id, data and time, and nothing else. It installs Emmett and its driver into a temporary folder, which takes minutes where the
// driver has to be compiled: so it is no part of `npm test`. A folder that has them already is an argument:
//
//     npm run check:emmett [-- FOLDER]

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import initSqlJs from 'sql.js';

const VERSION = '0.38.5';
const PACKAGES = [
  `@event-driven-io/emmett@${VERSION}`,
  `@event-driven-io/emmett-sqlite@${VERSION}`,
  'sqlite3@5.1.7',
];

/** What Emmett does: it appends to three streams, archives one of them as its column says, and prints what it reads. */
const PROGRAM = `
import { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';
import sqlite3 from 'sqlite3';

const store = getSQLiteEventStore({ fileName: 'shop.db' });
const item = (n) => ({ type: 'ItemAdded', data: { n, text: 'ö 😀 "x"' }, metadata: { by: 'ann' } });
await store.appendToStream('cart-1', [item(1), item(2)]);
await store.appendToStream('cart-2', [item(3)]);
await store.appendToStream('cart-1', [{ type: 'CheckedOut', data: {} }]);
await store.appendToStream('cart-3', [item(4)]);
const { events } = await store.readStream('cart-1');
const database = new sqlite3.Database('shop.db');
await new Promise((resolve, reject) =>
  database.run("UPDATE emt_messages SET is_archived = TRUE WHERE stream_id = 'cart-3'", (error) =>
    error ? reject(error) : database.close(resolve),
  ),
);
console.log(JSON.stringify(events.map(({ type, metadata }) => [type, metadata.messageId])));
`;

const [given] = process.argv.slice(2);
const folder = given ?? mkdtempSync(join(tmpdir(), 'codebolt-eventlog-emmett-'));
const file = join(folder, 'shop.db');
try {
  if (given === undefined) {
    run('npm', ['install', '--no-audit', '--no-fund', '--silent', ...PACKAGES]);
  }
  rmSync(file, { force: true });
  writeFileSync(join(folder, 'write.mjs'), PROGRAM);
  await check(JSON.parse(run('node', ['write.mjs'])));
  console.log(`the file of Emmett ${VERSION} is imported, event by event`);
} finally {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
}

/** Runs a program in the folder, and returns what it prints. */
function run(command, args) {
  const shell = process.platform === 'win32';
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    shell,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

async function check(read) {
  const { Database } = await initSqlJs();
  const log = await EventLog.open(':memory:');
  const options = { format: 'emmett', instance: 'shop' };
  const response = await log.importEvents(openedWith(new Database(readFileSync(file))), options);
  strictEqual(response.error, undefined);
  deepStrictEqual(response.data.events, 4);
  strictEqual(response.message, 'messages were left out: 1 of archived streams');
  const { data } = await log.queryEvents({ from: { instance: 'shop' } });
  const { events } = data.result;
  deepStrictEqual(
    events.map((event) => [event.stream_id, event.sequence_number, event.event_type]),
    [
      ['cart-1', 1, 'ItemAdded'],
      ['cart-1', 2, 'ItemAdded'],
      ['cart-2', 1, 'ItemAdded'],
      ['cart-1', 3, 'CheckedOut'],
    ],
  );
  const ofCart = events.filter((event) => event.stream_id === 'cart-1');
  deepStrictEqual(
    ofCart.map((event) => [event.event_type, event.id]),
    read,
  );
  deepStrictEqual(events[0].payload, { n: 1, text: 'ö 😀 "x"' });
  strictEqual(events[0].metadata.by, 'ann');
  for (const { timestamp } of events) match(timestamp, /^20\d\d-/);
  await log.close();
}

/** A database of sql.js with the members that an import asks for, which are those of better-sqlite3. */
function openedWith(database) {
  const all = (sql, parameters) => {
    const statement = database.prepare(sql);
    statement.bind(parameters);
    const rows = [];
    while (statement.step()) rows.push(statement.getAsObject());
    statement.free();
    return rows;
  };
  return { prepare: (sql) => ({ all: (...parameters) => all(sql, parameters) }) };
}
