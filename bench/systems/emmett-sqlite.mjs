// @event-driven-io/emmett-sqlite.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import {
  appendToStream,
  createEventStoreSchema,
  readStream,
  sqliteConnection,
} from '@event-driven-io/emmett-sqlite';

import { GroupQueue } from './group-queue.mjs';

/** The import above has loaded it. */
export function load() {}

/** Opens a database in a folder. */
export async function open(folder) {
  const connection = sqliteConnection({ fileName: join(folder, 'emmett.sqlite') });
  for (const setting of ['busy_timeout = 60000', 'synchronous = FULL', 'cache_size = -65536']) {
    await connection.query(`PRAGMA ${setting}`);
  }
  await createEventStoreSchema(connection);

  /** Calls that overlap on one connection would answer before the commit, so these do not. */
  function appendBatch(events) {
    return connection.withTransaction(async () => {
      const stored = [];
      for (const event of events) stored.push(await appendOne(connection, event));
      return stored;
    });
  }

  const queue = new GroupQueue(appendBatch);
  return {
    append: (event) => queue.add(event),
    appendBatch,
    async readStream(stream, from, limit) {
      const range = { from: BigInt(from), to: BigInt(from + limit - 1) };
      const { events } = await readStream(connection, stream, range);
      return events.map(({ type, data, metadata }) => ({
        id: metadata.id,
        stream_id: stream,
        event_type: type,
        payload: data,
        metadata: metadata.given,
        timestamp: metadata.timestamp,
        sequence_number: Number(metadata.streamPosition),
      }));
    },
    close: () => connection.close(),
  };
}

async function appendOne(connection, { streamId, eventType, payload, metadata }) {
  const id = randomUUID();
  const timestamp = new Date().toISOString();
  const message = { type: eventType, data: payload, metadata: { id, timestamp, given: metadata } };
  const result = await appendToStream(connection, streamId, 'bench', [message]);
  if (!result.success) throw new Error(`${streamId}: expected an append, found a conflict`);
  return {
    id,
    stream_id: streamId,
    event_type: eventType,
    // What is stored is the JSON of it, and what the caller gets is not the caller's own object.
    payload: JSON.parse(JSON.stringify(payload)),
    metadata: JSON.parse(JSON.stringify(metadata)),
    timestamp,
    sequence_number: Number(result.nextStreamPosition),
  };
}
