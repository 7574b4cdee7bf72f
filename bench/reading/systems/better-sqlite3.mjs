// better-sqlite3: a table in the order of positions, with an index on stream and number.

import { join } from 'node:path';

import Database from 'better-sqlite3';

import { recordText } from '../../systems/record.mjs';
import { batches } from '../events.mjs';

function openDatabase(folder) {
  const database = new Database(join(folder, 'events.sqlite'));
  database.pragma('journal_mode = WAL');
  database.pragma('cache_size = -32768');
  database.pragma('mmap_size = 8589934592');
  return database;
}

export async function load(folder, count) {
  const database = openDatabase(folder);
  database.exec(
    'CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, sequence INTEGER, event TEXT)',
  );
  const insert = database.prepare('INSERT INTO events (stream, sequence, event) VALUES (?, ?, ?)');
  const sequences = new Map();
  const insertAll = database.transaction((events) => {
    for (const event of events) {
      const sequence = (sequences.get(event.streamId) ?? 0) + 1;
      sequences.set(event.streamId, sequence);
      insert.run(event.streamId, sequence, recordText(event, sequence));
    }
  });
  for (const events of batches(count)) insertAll(events);
  database.exec('CREATE UNIQUE INDEX streams ON events (stream, sequence)');
  database.close();
}

export async function open(folder) {
  const database = openDatabase(folder);
  const all = database.prepare('SELECT event FROM events ORDER BY position').pluck();
  const ofStream = database
    .prepare('SELECT event FROM events WHERE stream = ? ORDER BY sequence')
    .pluck();
  return {
    async readAll(visit) {
      for (const text of all.iterate()) visit(JSON.parse(text));
    },
    async readStream(stream, visit) {
      for (const text of ofStream.all(stream)) visit(JSON.parse(text));
    },
    close: async () => database.close(),
  };
}
