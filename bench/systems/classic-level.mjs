// classic-level: LevelDB.

import { createRequire } from 'node:module';
import { join } from 'node:path';

import { GroupQueue } from './group-queue.mjs';
import { recordText } from './record.mjs';

const require = createRequire(import.meta.url);

/** Loads the package, without opening anything. */
export function load() {
  return require('classic-level');
}

/** Opens a database in a folder. */
export async function open(folder) {
  const { ClassicLevel } = load();
  const database = new ClassicLevel(join(folder, 'level'), {
    writeBufferSize: 64 * 1024 * 1024,
    cacheSize: 64 * 1024 * 1024,
  });
  await database.open();
  const heads = new Map();

  async function appendBatch(events) {
    const batch = database.batch();
    const stored = [];
    const touched = new Set();
    for (const event of events) {
      const { streamId } = event;
      const head = heads.get(streamId) ?? Number(database.getSync(`head!${streamId}`) ?? 0);
      heads.set(streamId, head + 1);
      touched.add(streamId);
      const value = recordText(event, head + 1);
      batch.put(eventKey(streamId, head + 1), value);
      stored.push(value);
    }
    for (const streamId of touched) {
      batch.put(`head!${streamId}`, `${heads.get(streamId)}`);
    }
    try {
      await batch.write({ sync: true });
    } catch (error) {
      // The numbers were not used: they are read again.
      heads.clear();
      throw error;
    }
    return stored.map((text) => JSON.parse(text));
  }

  const queue = new GroupQueue(appendBatch);
  return {
    append: (event) => queue.add(event),
    appendBatch,
    async readStream(stream, from, limit) {
      const range = { gte: eventKey(stream, from), lt: `event!${stream}!~`, limit };
      const texts = await database.values(range).all();
      return texts.map((text) => JSON.parse(text));
    },
    close: () => database.close(),
  };
}

/** Keys are ordered as text, so numbers have as many digits as the largest. */
function eventKey(stream, sequence) {
  return `event!${stream}!${String(sequence).padStart(12, '0')}`;
}
