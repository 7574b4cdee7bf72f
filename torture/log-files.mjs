// Logs that are used one after the other, each in a folder of its own, or each in a schema of its own.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The URL of a database of PostgreSQL that has the logs; nothing if they are in files. */
const server = process.env.CODEBOLT_TEST_POSTGRES;

/** Whether the logs are in files. */
export const inFiles = server === undefined;

/**
 * Uses one new log after the other until something was done so many times, such as processes killed.
 *
 * @param {object} run - How.
 * @param {string} run.name - What the folders are named after.
 * @param {string} [run.folder] - Where they are made.
 * @param {string} [run.counted] - The name of the figure that counts it, and of the parameter that says how often.
 * @param {number} [run.kills] - How many processes are killed at least.
 * @param {object} run.figures - Figures: the one of that name, which `use` counts, and `files`, which are counted here.
 * @param {(path: string) => Promise<void>} run.use - Uses the log of that path, or that URL.
 */
export async function useUntil({
  name,
  folder = tmpdir(),
  counted = 'kills',
  figures,
  use,
  ...run
}) {
  while (figures[counted] < run[counted]) {
    const at = mkdtempSync(join(folder, `eventlog-${name}-`));
    try {
      await use(inFiles ? join(at, 'log.redb') : `${server}?schema=${randomUUID()}`);
    } finally {
      rmSync(at, { recursive: true, force: true });
    }
    figures.files += 1;
  }
}
