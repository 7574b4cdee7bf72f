// Where tests can have files in memory: those of servers, which sync all the time, and of which nothing is to stay.

import { accessSync, constants, existsSync, statfsSync } from 'node:fs';

/** What Linux keeps in memory. */
const MEMORY = '/dev/shm';

/** How many bytes have to be free there: some times what the tests take. Containers often have less. */
const ROOM = 4 * 2 ** 30;

/** @returns {string | undefined} A folder in memory, if there is one with room. */
export function memoryFolder() {
  if (process.platform !== 'linux' || !existsSync(MEMORY)) return undefined;
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize < ROOM) return undefined;
  try {
    accessSync(MEMORY, constants.W_OK);
  } catch {
    // It is not for this user.
    return undefined;
  }
  return MEMORY;
}
