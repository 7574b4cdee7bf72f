// better-sqlite3, with the table and the indexes that its user would make.

import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { GroupQueue } from './group-queue.mjs';

const require = createRequire(import.meta.url);

const settings = [
  'journal_mode = WAL',
  // In WAL mode FULL is what syncs at each commit; NORMAL would lose what was answered.
  'synchronous = FULL',
  'cache_size = -65536',
  'mmap_size = 1073741824',
  // The default of 1000 pages copies a page that is written often back too often.
  'wal_autocheckpoint = 4000',
  'temp_store = MEMORY',
];

const schema = `
  CREATE TABLE IF NOT EXISTS streams (
    stream INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  );
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    stream INTEGER NOT NULL,
    sequence_number INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    payload TEXT NOT NULL,
    metadata TEXT NOT NULL,
    timestamp INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS events_by_stream ON events (stream, sequence_number);
  CREATE INDEX IF NOT EXISTS events_by_type ON events (event_type);
  CREATE INDEX IF NOT EXISTS events_by_timestamp ON events (timestamp);
`;

/** Loads the package, without opening anything. */
export function load() {
  return require('better-sqlite3');
}

/** Opens a database in a folder. */
export function open(folder, { variant }) {
  const Database = load();
  const database = new Database(join(folder, 'events.sqlite'), { timeout: 60_000 });
  for (const setting of settings) database.pragma(setting);
  database.exec(schema);
  const streams = new Streams(database);
  const appendOne = appender(database, streams);
  const transaction = database.transaction((events) => events.map(appendOne));
  // Of the kind that locks at once: a reader that becomes a writer would fail beside other writers.
  const appendBatch = (events) => streams.orForget(() => transaction.immediate(events));
  const single = database.transaction(appendOne);
  const appendCall = (event) => streams.orForget(() => single.immediate(event));
  const queue = new GroupQueue(appendBatch);
  const select = database.prepare(
    'SELECT * FROM events WHERE stream = ? AND sequence_number >= ? ORDER BY sequence_number LIMIT ?',
  );
  return {
    append: variant === 'queue' ? (event) => queue.add(event) : appendCall,
    appendBatch,
    readStream(stream, from, limit) {
      const rows = select.all(streams.numberOf(stream), from, limit);
      return rows.map((row) => fromRow({ ...row, stream_id: stream }));
    },
    close: () => database.close(),
  };
}

/** The numbers of streams, which are shorter in the index than their names, and are kept. */
class Streams {
  #numbers = new Map();
  #select;
  #insert;

  constructor(database) {
    this.#select = database.prepare('SELECT stream FROM streams WHERE name = ?').pluck();
    this.#insert = database.prepare('INSERT INTO streams (name) VALUES (?)');
  }

  numberOf(name) {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#select.get(name) ?? this.#insert.run(name).lastInsertRowid;
    this.#numbers.set(name, number);
    return number;
  }

  /** A transaction that fails takes the numbers with it that were made in it. */
  orForget(transaction) {
    try {
      return transaction();
    } catch (error) {
      this.#numbers.clear();
      throw error;
    }
  }
}

/** A function that stores one event within a transaction. */
function appender(database, streams) {
  const last = database.prepare('SELECT max(sequence_number) FROM events WHERE stream = ?').pluck();
  const insert = database.prepare(
    'INSERT INTO events (id, stream, sequence_number, event_type, payload, metadata, timestamp) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  return ({ streamId, eventType, payload, metadata }) => {
    const stream = streams.numberOf(streamId);
    const row = {
      id: randomUUID(),
      stream_id: streamId,
      sequence_number: (last.get(stream) ?? 0) + 1,
      event_type: eventType,
      payload: JSON.stringify(payload),
      metadata: JSON.stringify(metadata),
      timestamp: Date.now(),
    };
    insert.run(
      row.id,
      stream,
      row.sequence_number,
      row.event_type,
      row.payload,
      row.metadata,
      row.timestamp,
    );
    return fromRow(row);
  };
}

function fromRow(row) {
  return {
    id: row.id,
    stream_id: row.stream_id,
    event_type: row.event_type,
    payload: JSON.parse(row.payload),
    metadata: JSON.parse(row.metadata),
    timestamp: new Date(row.timestamp).toISOString(),
    sequence_number: row.sequence_number,
  };
}
