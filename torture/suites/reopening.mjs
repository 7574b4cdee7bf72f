// A process is killed while it appends to a large log, and the next one opens that log.

import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = (name) => fileURLToPath(new URL(`../processes/${name}.mjs`, import.meta.url));

const modes = { shared: {}, exclusive: { exclusive: true } };

/** A process is killed before it has appended more events than that beyond the size. */
const eventsMax = 20_000;

/** How many times a log of each size is opened after a kill. */
const openings = 5;

/**
 * Opens large logs after kills.
 *
 * @param {object} run - How.
 * @param {number[]} run.sizes - How large the logs are, in bytes, from small to large.
 * @param {string} [run.folder] - Where the files are made.
 * @param {(done: number) => void} [run.tell] - Hears how many were opened by now.
 * @returns {Promise<object>} How many times a log was opened, and of each size and mode how long that
 *   took, in milliseconds.
 */
export async function reopen({ sizes, folder = tmpdir(), tell = () => {} }) {
  const figures = { openings: 0, rows: [] };
  for (const [mode, options] of Object.entries(modes)) {
    const at = mkdtempSync(join(folder, 'eventlog-reopening-'));
    try {
      const path = join(at, 'log.redb');
      for (const size of sizes) {
        const times = [];
        for (let n = 0; n < openings; n += 1) {
          times.push(await killAndOpen(path, size, JSON.stringify(options)));
          tell((figures.openings += 1));
        }
        figures.rows.push({ mode, bytes: statSync(path).size, ...summary(times) });
      }
    } finally {
      rmSync(at, { recursive: true, force: true });
    }
  }
  return figures;
}

async function killAndOpen(path, size, options) {
  const acknowledged = await growAndKill(path, size, options);
  const opener = fork(program('opener'), [path, options], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const { eventCount, ...times } = await heard(opener, ({ openMs }) => openMs !== undefined);
  await ended(opener);
  // One more than was acknowledged is the opener's own. A batch may have been stored and not told of.
  if (eventCount <= acknowledged) {
    throw new Error(`${acknowledged} events were acknowledged, ${eventCount - 1} are there`);
  }
  return times;
}

/** Returns how many events were acknowledged. */
async function growAndKill(path, size, options) {
  const grower = fork(program('grower'), [path, size, options], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let acknowledged = 0;
  grower.on('message', (message) => ({ acknowledged } = message));
  const { acknowledged: before } = await heard(grower, ({ grown }) => grown);
  const target = before + randomInt(eventsMax);
  await heard(grower, (message) => message.acknowledged > target);
  grower.kill('SIGKILL');
  await once(grower, 'close');
  return acknowledged;
}

/** The first message that is awaited; an error where the process ends before. */
async function heard(child, isAwaited) {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const closed = new AbortController();
  child.once('close', () => closed.abort());
  for (;;) {
    const [message] = await once(child, 'message', { signal: closed.signal }).catch(() => {
      throw new Error(`a process has ended before its time: ${stderr}`);
    });
    if (isAwaited(message)) return message;
  }
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`a process has ended with ${child.exitCode}`);
}

function summary(times) {
  const sorted = (key) => times.map((time) => time[key]).toSorted((a, b) => a - b);
  const [open, append] = [sorted('openMs'), sorted('appendMs')];
  const middle = Math.floor(times.length / 2);
  return {
    openMs: open[middle],
    openMaxMs: open.at(-1),
    appendMs: append[middle],
    appendMaxMs: append.at(-1),
  };
}
