// The disk is full, and then it is not: nothing is lost, and nothing has to be started again.

import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const filler = fileURLToPath(new URL('../processes/filler.mjs', import.meta.url));
const execute = promisify(execFile);

const mebibyte = 2 ** 20;

/** The journal comes into the tables before a log goes on, for which this is enough. */
const ballastBytes = 80 * mebibyte;

/** What the file system takes for itself. */
const ext4Bytes = 32 * mebibyte;

/**
 * Where there is only so much room.
 *
 * - `begin` makes a folder with so many bytes of room, and gives it with what takes it away again.
 * - `limit` is told the process once it runs, and `free` makes room for it.
 */
export const disks = {
  /** A file of a process may be only so long: Linux has this everywhere. */
  'file size limit': {
    begin: async (folder) => ({ folder, end: async () => {} }),
    limit: (child, bytes) => limitFiles(child, String(bytes)),
    free: (child) => limitFiles(child, 'unlimited'),
  },
  tmpfs: mounted(async (at, bytes) => {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', at]);
  }),
  ext4: mounted(async (at, bytes, image) => {
    writeFileSync(image, '');
    truncateSync(image, bytes + ext4Bytes);
    await execute('mkfs.ext4', ['-q', '-m', '0', image]);
    await execute('mount', ['-o', 'loop', image, at]);
  }),
};

/** A file system of its own, whose room something else takes until it is wanted. */
function mounted(mount) {
  let ballast;
  return {
    async begin(folder, bytes) {
      const at = join(folder, 'disk');
      mkdirSync(at);
      await mount(at, bytes + ballastBytes, join(folder, 'image'));
      const end = () => execute('umount', [at]);
      try {
        const { bavail, bsize } = statfsSync(at);
        ballast = join(at, 'ballast');
        writeFileSync(ballast, Buffer.alloc(bavail * bsize - bytes));
      } catch (error) {
        await end();
        throw error;
      }
      return { folder: at, end };
    },
    limit: async () => {},
    free: async () => rmSync(ballast),
  };
}

function limitFiles({ pid }, soft) {
  return execute('prlimit', ['--pid', String(pid), `--fsize=${soft}:unlimited`]);
}

/** How much room a disk has that is filled, if nothing else is said: three times what the journal takes. */
const roomBytes = 100 * mebibyte;

/** What a process does, and when there is room. A disk that is to be full from the start has `bytes` of it. */
const stories = {
  appends: {
    steps: ['open', 'make', 'fill', 'hold', 'free', 'goOn', 'close', 'open', 'compare', 'close'],
  },
  closing: {
    steps: ['open', 'make', 'fill', 'closeFull', 'free', 'open', 'goOn', 'close'],
  },
  opening: {
    bytes: 16 * 1024,
    steps: ['openFull', 'openFull', 'free', 'open', 'make', 'goOn', 'close'],
  },
};

/**
 * Fills disks.
 *
 * @param {object} run - How.
 * @param {number} [run.rounds] - How many times each disk is filled.
 * @param {string[]} run.names - Which disks.
 * @param {number} [run.room] - How many bytes of room a disk has that is filled: more than the journal takes, which is 32 MiB.
 * @param {string} [run.folder] - Where they are made.
 * @param {(done: number) => void} [run.tell] - Hears how many stories have come to their end.
 * @returns {Promise<object>} What was done, in figures; `leftOut` has what could not be done, and why.
 */
export async function fillDisks({
  rounds = 1,
  names,
  room = roomBytes,
  folder = tmpdir(),
  tell = () => {},
}) {
  const figures = { stories: 0, acknowledged: 0, leftOut: [] };
  for (const name of names) {
    for (let round = 0; round < rounds; round += 1) {
      for (const story of Object.keys(stories)) {
        for (const options of [{}, { exclusive: true }]) {
          const at = mkdtempSync(join(folder, 'eventlog-full-'));
          try {
            figures.acknowledged += await fillOne(at, { name, story, room, options });
            figures.stories += 1;
          } catch (error) {
            if (!isOfSystem(error)) throw error;
            figures.leftOut.push(`${name}: ${error.message.split('\n')[0]}`);
          } finally {
            rmSync(at, { recursive: true, force: true });
          }
          tell(figures.stories);
        }
      }
    }
  }
  return figures;
}

/** Whether the disk could not be made: that takes rights, or programs that are not everywhere. */
function isOfSystem({ syscall, cmd }) {
  return syscall !== undefined || cmd !== undefined;
}

/** Returns how many events were acknowledged. */
async function fillOne(at, { name, story, room, options }) {
  const { bytes = room, steps } = stories[story];
  const place = await disks[name].begin(at, bytes);
  try {
    return await tellStory(disks[name], place.folder, bytes, steps, options);
  } catch (error) {
    const where = `${name}, ${story}, ${JSON.stringify(options)}`;
    throw new Error(`${where}: ${error.message}`, { cause: error });
  } finally {
    await place.end();
  }
}

/** Returns how many events were acknowledged. */
async function tellStory(disk, folder, bytes, steps, options) {
  const path = join(folder, 'log.redb');
  const child = fork(filler, [path, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const closed = once(child, 'close');
  let acknowledged = 0;
  try {
    await disk.limit(child, bytes);
    for (const step of steps) {
      if (step === 'free') {
        await disk.free(child);
        continue;
      }
      child.send(step);
      const answer = await Promise.race([once(child, 'message'), closed.then(() => [])]);
      const [{ failed, ...done }] =
        answer.length === 1 ? [{ failed: `it has ended: ${stderr}` }] : answer;
      if (failed !== undefined) throw new Error(failed);
      acknowledged = done.acknowledged;
    }
    child.send('end');
    await closed;
    return acknowledged;
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}
