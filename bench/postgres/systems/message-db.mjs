// message-db: functions in the database, from the SQL of its package, called by node-postgres.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import pg from 'pg';

import { clientUrl } from '../server.mjs';

const manifest = createRequire(import.meta.url).resolve('@eventide/message-db/package.json');

/** What its script for installing runs, but for the roles, the views, and pgcrypto, which it has no use for since PostgreSQL 13. */
const FILES = [
  'schema/message-store',
  'tables/messages',
  'types/message',
  ...[
    'message-store-version',
    'hash-64',
    'acquire-lock',
    'category',
    'is-category',
    'id',
    'cardinal-id',
    'stream-version',
    'write-message',
    'get-stream-messages',
    'get-category-messages',
    'get-last-stream-message',
  ].map((name) => `functions/${name}`),
  'indexes/messages-id',
  'indexes/messages-stream',
  'indexes/messages-category',
];

const WRITE = {
  name: 'write',
  text: 'SELECT message_store.write_message($1, $2, $3, $4, $5)',
};

/** Opens a store in a database, which is made ready if it is empty. */
export async function open({ server, database }) {
  const pool = new pg.Pool({
    connectionString: clientUrl(server, database),
    options: '-c search_path=message_store,public',
    max: 16,
  });
  const { rows } = await pool.query("SELECT to_regclass('message_store.messages') AS found");
  if (rows[0].found === null) {
    for (const name of FILES) {
      await pool.query(readFileSync(join(dirname(manifest), 'database', `${name}.sql`), 'utf8'));
    }
  }
  return {
    append: ({ streamId, eventType, payload, metadata }) =>
      pool.query({ ...WRITE, values: [randomUUID(), streamId, eventType, payload, metadata] }),
    close: () => pool.end(),
  };
}
