// Processes and threads end in other ways than by being killed, in the middle of what they do.

import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { Ledger } from '../ledger.mjs';
import { Writer } from '../processes/spawn.mjs';

/** The ways to end, each with what a writer is told, and with which exit code it then ends. */
const ways = {
  'process.exit()': { how: 'exit', expected: { code: 0 } },
  exception: { how: 'throw', expected: { code: 1 } },
  'worker.terminate()': { how: 'terminate', expected: {} },
  SIGTERM: { signal: 'SIGTERM', expected: {} },
  SIGINT: { signal: 'SIGINT', expected: {} },
};

const milliseconds = 150;

/**
 * Ends processes.
 *
 * @param {object} run - How.
 * @param {number} run.ends - How many processes end in each of the ways.
 * @param {string} [run.folder] - Where the files are made.
 * @param {(done: number) => void} [run.tell] - Hears how many have ended by now.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function endWriters({ ends, folder = tmpdir(), tell = () => {} }) {
  const figures = { acknowledged: 0, checks: 0 };
  let done = 0;
  for (const [name, way] of Object.entries(ways)) {
    figures[name] = 0;
    while (figures[name] < ends) {
      const at = mkdtempSync(join(folder, 'eventlog-exits-'));
      try {
        const ledger = new Ledger();
        const path = join(at, 'log.redb');
        // Several in a row end with the same file.
        for (let round = 0; round < 5 && figures[name] < ends; round += 1) {
          await endOne(path, way, `${round}`, ledger);
          figures[name] += 1;
          tell((done += 1));
        }
        await ledger.check(path);
        figures.checks += 1;
        figures.acknowledged += ledger.acknowledged;
      } finally {
        rmSync(at, { recursive: true, force: true });
      }
    }
  }
  return figures;
}

async function endOne(path, { how, signal, expected }, name, ledger) {
  const end = how && { how, milliseconds: 50 + randomInt(milliseconds) };
  const writer = new Writer({ path, name, lanes: 8, threads: 2, end }, ledger);
  try {
    await writer.acknowledged;
    if (signal !== undefined || how === 'terminate') {
      await setTimeout(randomInt(milliseconds));
      writer.kill(signal);
    }
    await writer.end(expected);
  } finally {
    writer.kill();
  }
}
