// Processes are stopped at any moment, and go on later or are killed. While one is stopped, the others are
// answered in time, reading goes on, and who wants to end ends.

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { EventLog } from '../../index.mjs';
import { Ledger } from '../ledger.mjs';
import { useUntil } from '../log-files.mjs';
import { instance } from '../processes/payload.mjs';
import { Writer } from '../processes/spawn.mjs';

const ender = fileURLToPath(new URL('../processes/ender.mjs', import.meta.url));

/** After so many pauses a new file is begun, so that looking through it stays quick. */
const pausesPerFile = 20;

/** How many write, with how many lanes. */
const cast = { processes: 3, lanes: 4 };

/** How long a call waits for one that is stopped. */
const lockWaitMs = 100;

/** Within how long a time everything has to be done that a stopped process must not hold up, beside the wait. */
const defaultBoundMs = 10_000;

/** One of so many that are stopped is killed, and another one takes its place. */
const oneKilledOf = 4;

/**
 * Stops processes.
 *
 * @param {object} run - How.
 * @param {number} run.pauses - How often one is stopped.
 * @param {string} [run.folder] - Where the files are made.
 * @param {number} [run.boundMs] - Within how many milliseconds the others have to have gone on.
 * @param {(done: number) => void} [run.tell] - Hears how often one was stopped by now.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function pauseWriters({ pauses, folder, boundMs = defaultBoundMs, tell = () => {} }) {
  const figures = {
    pauses: 0,
    kills: 0,
    files: 0,
    acknowledged: 0,
    locked: 0,
    unread: 0,
    ends: 0,
    slowestMs: 0,
  };
  const use = (path) => useFile(path, { pauses, figures, boundMs, tell });
  await useUntil({ name: 'pauses', folder, counted: 'pauses', pauses, figures, use });
  return figures;
}

async function useFile(path, { pauses, figures, boundMs, tell }) {
  const ledger = new Ledger();
  const options = { lockWaitMs };
  let begun = 0;
  const begin = () => {
    begun += 1;
    return new Writer(
      { path, name: `${begun}`, lanes: cast.lanes, options, patient: true },
      ledger,
    );
  };
  const writers = Array.from({ length: cast.processes }, begin);
  let reader;
  try {
    await Promise.all(writers.map((writer) => writer.acknowledged));
    reader = await EventLog.open(path, { readOnly: true, lockWaitMs });
    for (let round = 0; round < pausesPerFile && figures.pauses < pauses; round += 1) {
      await setTimeout(randomInt(60));
      const at = randomInt(writers.length);
      writers[at].pause();
      const others = writers.filter((_, other) => other !== at);
      const began = performance.now();
      await within(boundMs, [
        ...others.map((writer) => writer.answered()),
        readsOn(reader, path).catch((error) => {
          if (error.code !== 'LOCKED') throw error;
          figures.unread += 1;
        }),
        ends(path, options),
      ]);
      figures.slowestMs = Math.max(figures.slowestMs, performance.now() - began);
      figures.ends += 1;
      if (randomInt(oneKilledOf) === 0) {
        writers[at].kill();
        await writers[at].end();
        writers[at] = begin();
        figures.kills += 1;
      } else {
        writers[at].resume();
      }
      await writers[at].acknowledged;
      tell((figures.pauses += 1));
    }
    for (const writer of writers) writer.close();
    await Promise.all(writers.map((writer) => writer.end({ code: 0 })));
  } finally {
    for (const writer of writers) writer.kill();
    await reader?.close();
  }
  await ledger.check(path);
  figures.acknowledged += ledger.acknowledged;
  figures.locked += ledger.refused;
}

/**
 * Reads in the ways that wait for no writer. They are `LOCKED` where one was stopped in the microseconds in which it
 * looks at the start of the tables.
 */
async function readsOn(reader, path) {
  for await (const event of reader.subscribe({ instance })) {
    if (event.position !== 1) throw new Error(`event ${event.position} comes first`);
    break;
  }
  const { intact, problems } = succeeded(await reader.verify());
  if (!intact) throw new Error(`a check beside a stopped process: ${problems[0].what}`);
  const another = await EventLog.open(path, { readOnly: true, lockWaitMs });
  succeeded(await another.getInstanceStats(instance));
  await another.close();
}

function succeeded({ success, code, error, data }) {
  if (!success) throw Object.assign(new Error(`${code}: ${error}`), { code });
  return data;
}

/** Has a process open the log, and end. */
async function ends(path, options) {
  const end = ['close', 'exit', 'natural'][randomInt(3)];
  const parameters = JSON.stringify({ path, options, end });
  const child = spawn(process.execPath, [ender, parameters], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const [code, signal] = await once(child, 'close');
    if (code !== 0)
      throw new Error(`a process that ends by ${end} has ended with ${signal ?? code}`);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Waits for all, for so long at the most. */
async function within(boundMs, promises) {
  const guard = new AbortController();
  const late = setTimeout(lockWaitMs + boundMs, undefined, { signal: guard.signal }).then(() => {
    throw new Error(`a stopped process holds up others for more than ${lockWaitMs + boundMs} ms`);
  });
  late.catch(() => {});
  try {
    await Promise.race([late, Promise.all(promises)]);
  } finally {
    guard.abort();
  }
}
