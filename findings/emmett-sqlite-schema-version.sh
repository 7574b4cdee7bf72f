#!/usr/bin/env bash
# @event-driven-io/emmett-sqlite 0.38.5, with sqlite3 5.1.7, which is compiled where there is no program for the platform
#
# Expected: the column message_schema_version of a stored message is the version of the message's schema, and stream_position is where the
# message stands in its stream, as its metadata says.
# Instead: message_schema_version is the version that the stream had before the append, whatever the schema of the message is.
# Seen: after appends of two messages and of one, the third row has the schema version 2, and both before it have 0.
# Here: the import of such a file does not take the column, so that an upcaster meets no version that nobody has given.
. "$(dirname "$0")/seen.sh"

echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --loglevel=error @event-driven-io/emmett@0.38.5 @event-driven-io/emmett-sqlite@0.38.5 sqlite3@5.1.7 > /dev/null
cat > write.mjs << 'END_OF_PROGRAM'
import { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';
import sqlite3 from 'sqlite3';

const store = getSQLiteEventStore({ fileName: 'shop.db' });
const added = (n) => ({ type: 'ItemAdded', data: { n } });
await store.appendToStream('cart-1', [added(1), added(2)]);
await store.appendToStream('cart-1', [added(3)]);
const database = new sqlite3.Database('shop.db');
const columns = 'stream_position AS position, message_schema_version AS version';
database.all(`SELECT ${columns} FROM emt_messages ORDER BY global_position`, (error, rows) => {
  if (error) throw error;
  for (const { position, version } of rows) console.log(`position ${position}, schema version ${version}`);
  database.close();
});
END_OF_PROGRAM
compare 'position 1, schema version 0
position 2, schema version 0
position 3, schema version 2' "$(node write.mjs)"
