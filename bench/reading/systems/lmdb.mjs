// lmdb: events by position, and the positions of each stream as values of one key. Of ranges it gives
// out the texts, which are parsed one after the other.

import { join } from 'node:path';

import { open as openEnvironment } from 'lmdb';

import { recordText } from '../../systems/record.mjs';
import { batches } from '../events.mjs';

function openTables(folder) {
  const environment = openEnvironment({ path: join(folder, 'lmdb'), compression: false });
  return {
    environment,
    events: environment.openDB({ name: 'events', keyEncoding: 'uint32', encoding: 'string' }),
    positions: environment.openDB({ name: 'positions', dupSort: true, encoding: 'ordered-binary' }),
  };
}

export async function load(folder, count) {
  const { environment, events, positions } = openTables(folder);
  const sequences = new Map();
  let position = 0;
  for (const batch of batches(count)) {
    environment.transactionSync(() => {
      for (const event of batch) {
        const sequence = (sequences.get(event.streamId) ?? 0) + 1;
        sequences.set(event.streamId, sequence);
        position += 1;
        events.putSync(position, recordText(event, sequence));
        positions.putSync(event.streamId, position);
      }
    });
  }
  await environment.flushed;
  await environment.close();
}

export async function open(folder) {
  const { environment, events, positions } = openTables(folder);
  return {
    async readAll(visit) {
      for (const { value } of events.getRange()) visit(JSON.parse(value));
    },
    async readStream(stream, visit) {
      for (const position of positions.getValues(stream)) visit(JSON.parse(events.get(position)));
    },
    close: () => environment.close(),
  };
}
