// What is measured, and in which order: all logs are filled, and then asked and added to in turns.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runForked } from '../measure/forked.mjs';

const program = fileURLToPath(new URL('./task.mjs', import.meta.url));

/** The kinds of measurements of a round. Appends come last: looking for something finds the log as it was filled. */
export const kinds = ['ask', 'append'];

/**
 * @param {object} options - The options of the run.
 * @param {object} progress - Is told how far it is.
 * @returns {Promise<object[]>} For each size, the smallest one first: `events`, `filled`, and the figures of each round.
 */
export async function measureAll({ sizes, rounds, data, product }, progress) {
  const folder = mkdtempSync(join(data, 'sizes-'));
  try {
    const logs = sizes.map((events) => ({
      task: { events, product, folder: join(folder, String(events)) },
      found: { events, filled: undefined, rounds: [] },
    }));
    for (const { task, found } of logs) {
      mkdirSync(task.folder);
      progress.begin(`filling a log with ${task.events}`);
      found.filled = await runForked(program, { ...task, kind: 'fill' });
      progress.end(JSON.stringify(found.filled));
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { found } of logs) found.rounds.push({});
      for (const kind of kinds) {
        // Which one is first changes, so that none has the better of it.
        for (const { task, found } of round % 2 === 0 ? logs : logs.toReversed()) {
          progress.begin(`${kind} ${task.events}`);
          const figures = await runForked(program, { ...task, kind, round });
          Object.assign(found.rounds.at(-1), figures);
          progress.end(JSON.stringify(figures).slice(0, 90));
        }
      }
    }
    return logs.map(({ found }) => found);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
