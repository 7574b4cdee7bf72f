// Processes that are stopped while they hold a lock of a log. Which locks a process holds is read from
// `/proc`, so this is for Linux.

import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import { addon, start } from './child.mjs';
import { appended, created } from './response.mjs';
import { openAt } from './temporary.mjs';

/** Whether there is a way to know what a stopped process holds. */
export const CAN_STOP = process.platform === 'linux';

/** The byte that is locked by whoever adds to the journal, or makes a file a log. */
const JOURNAL = (1n << 62n) - 1n;

/** The byte that is locked by whoever writes to the tables. */
const TABLES = 1n << 62n;

export const LOCKS = { JOURNAL, TABLES };

/** Appends for ever. */
export const APPENDER = `
  import { EventLog } from '${addon}';
  const log = await EventLog.open(process.argv[1]);
  const lane = async () => {
    const payload = { text: 'x'.repeat(1000) };
    for (;;) await log.appendEvent({ instanceId: 'orders', streamId: 'theirs', eventType: 'made', payload });
  };
  for (let n = 0; n < 8; n += 1) lane();
  process.send('appending');
`;

/** A log with the instance `orders` and an event of it. */
export async function logAt(t, path, options) {
  const log = await openAt(t, path, options);
  await created(t, log, 'orders');
  await appended(t, log, { instanceId: 'orders', streamId: 'ours', eventType: 'made' });
  return log;
}

/** The files on which a process holds an exclusive lock of that byte. */
function filesLockedBy(pid, byte) {
  const files = [];
  for (const opening of readdirSync(`/proc/${pid}/fd`)) {
    let text;
    try {
      text = readFileSync(`/proc/${pid}/fdinfo/${opening}`, 'utf8');
    } catch {
      continue;
    }
    const locks = text.matchAll(/^lock:\s+\d+: OFDLCK\s+\S+\s+WRITE\s+\S+\s+\S+ (\d+) (\d+)$/gm);
    for (const [, first, last] of locks) {
      if (BigInt(first) <= byte && byte <= BigInt(last)) {
        files.push(readlinkSync(`/proc/${pid}/fd/${opening}`));
      }
    }
  }
  return files;
}

function isStopped(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

/** Stops a child at a moment at which `holds()` is true of it. */
async function stopWhile(child, holds) {
  for (;;) {
    child.kill('SIGSTOP');
    while (!isStopped(child.pid)) await setImmediate();
    if (holds()) return;
    child.kill('SIGCONT');
    await setImmediate();
  }
}

/**
 * Starts a process that runs `source`, and stops it while it holds the lock of `byte` on the file at the
 * path that is its first argument. `go()` lets it go on.
 */
export async function stoppedHolder(t, source, path, byte = JOURNAL) {
  const holder = start(t, source, { args: [path] });
  await holder.message();
  const { ino } = statSync(path);
  const holds = () =>
    filesLockedBy(holder.child.pid, byte).some((file) => statSync(file).ino === ino);
  await stopWhile(holder.child, holds);
  return { ...holder, go: () => holder.child.kill('SIGCONT') };
}
