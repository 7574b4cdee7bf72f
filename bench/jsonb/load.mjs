// A log in PostgreSQL with all events, and a table of the same events with a jsonb column.

import { setTimeout } from 'node:timers/promises';

import { EventLog } from '../../index.mjs';
import { apiRequests } from '../queries/data/api-requests.mjs';

export const instance = 'bench';

/** How many events a call appends. */
const BATCH = 10_000;

/** How many events a block has, of which the log keeps a summary. */
const BLOCK = 4096;

/** How often it is asked whether all summaries are there, in milliseconds. */
const ASKING = 100;

/**
 * @param {{ path: string, schema: string, events: number }} asked - The path of the log, the schema that has it, and how
 *   many events there are to be.
 * @param {(sql: string) => Promise<object[]>} rows - Runs a statement.
 * @param {(text: string) => void} tell - Hears what is being done.
 * @returns {Promise<{ log: number, blocks: number, jsonb: number }>} The bytes of an event in the table of the log, in that
 *   of its summaries, and in that of SQL, each with its indexes.
 */
export async function load({ path, schema, events }, rows, tell) {
  const log = await EventLog.open(path, { autoCreateInstances: true });
  let some = [];
  for (const event of apiRequests(events)) {
    some.push(event);
    if (some.length < BATCH) continue;
    await log.strict.appendEvents({ instanceId: instance, events: some });
    some = [];
  }
  tell('all events are in the log');
  const blocks = Math.floor(events / BLOCK);
  const made = `SELECT count(*)::int AS count FROM "${schema}".blocks`;
  while ((await rows(made))[0].count < blocks) await setTimeout(ASKING);
  await log.close();
  tell('all summaries are made');
  await rows(`CREATE TABLE events AS SELECT position, id, convert_from(stream, 'UTF8') AS stream_id,
    convert_from(type, 'UTF8') AS event_type, at AS timestamp, sequence AS sequence_number,
    metadata::jsonb, payload::jsonb FROM "${schema}".events`);
  await rows('ALTER TABLE events ADD PRIMARY KEY (position)');
  await rows('VACUUM ANALYZE events');
  for (const table of ['events', 'blocks']) await rows(`VACUUM ANALYZE "${schema}".${table}`);
  tell('the table of SQL is made');
  const [sizes] = await rows(`SELECT pg_total_relation_size('"${schema}".events')::float8 AS log,
    pg_total_relation_size('"${schema}".blocks')::float8 AS blocks,
    pg_total_relation_size('events')::float8 AS jsonb`);
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, size / events]));
}
