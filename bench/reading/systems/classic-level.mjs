// classic-level: a key for each event, by stream and number, and one by position that leads to it. Values
// are read many at a time.

import { join } from 'node:path';

import { ClassicLevel } from 'classic-level';

import { recordText } from '../../systems/record.mjs';
import { batches } from '../events.mjs';

const digits = (number) => String(number).padStart(12, '0');

const openDatabase = async (folder) => {
  const database = new ClassicLevel(join(folder, 'level'), { cacheSize: 32 << 20 });
  await database.open();
  return database;
};

/** How many values are asked for at once. */
const together = 1000;

export async function load(folder, count) {
  const database = await openDatabase(folder);
  const sequences = new Map();
  let position = 0;
  for (const batch of batches(count)) {
    const operations = batch.flatMap((event) => {
      const sequence = (sequences.get(event.streamId) ?? 0) + 1;
      sequences.set(event.streamId, sequence);
      position += 1;
      const key = `s ${event.streamId} ${digits(sequence)}`;
      const value = recordText(event, sequence);
      return [
        { type: 'put', key: `p ${digits(position)}`, value },
        { type: 'put', key, value: `p ${digits(position)}` },
      ];
    });
    await database.batch(operations);
  }
  await database.close();
}

export async function open(folder) {
  const database = await openDatabase(folder);
  async function eachValue(range, visit) {
    const values = database.values(range);
    for (;;) {
      const found = await values.nextv(together);
      if (found.length === 0) break;
      await visit(found);
    }
    await values.close();
  }
  return {
    readAll: (visit) =>
      eachValue({ gte: 'p ', lt: 'p!' }, (texts) => {
        for (const text of texts) visit(JSON.parse(text));
      }),
    readStream: (stream, visit) =>
      eachValue({ gte: `s ${stream} `, lt: `s ${stream}!` }, async (keys) => {
        for (const text of await database.getMany(keys)) visit(JSON.parse(text));
      }),
    close: () => database.close(),
  };
}
