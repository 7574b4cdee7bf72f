// A folder for as long as something runs in it.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Runs something in a new folder below `data`, which is removed afterwards. */
export async function inFolder(data, run) {
  const folder = mkdtempSync(join(data, 'server-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
