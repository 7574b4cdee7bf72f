// Logs that are used one after the other, each in a folder of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Uses one new log after the other until so many processes were killed.
 *
 * @param {object} run - How.
 * @param {string} run.name - What the folders are named after.
 * @param {string} [run.folder] - Where they are made.
 * @param {number} run.kills - How many processes are killed at least.
 * @param {object} run.figures - Figures: `kills`, which `use` counts, and `files`, which are counted here.
 * @param {(path: string) => Promise<void>} run.use - Uses the log of that path.
 */
export async function useUntilKilled({ name, folder = tmpdir(), kills, figures, use }) {
  while (figures.kills < kills) {
    const at = mkdtempSync(join(folder, `eventlog-${name}-`));
    try {
      await use(join(at, 'log.redb'));
    } finally {
      rmSync(at, { recursive: true, force: true });
    }
    figures.files += 1;
  }
}
