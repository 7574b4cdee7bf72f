// Processes are killed at any moment, and what they have acknowledged is looked for.

import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { Ledger } from '../ledger.mjs';
import { useUntil } from '../log-files.mjs';
import { Writer } from '../processes/spawn.mjs';

/** After so many rounds a new file is begun, so that looking through it stays quick. */
const roundsPerFile = 12;

/** Who writes: how many processes, with how many threads beside each, and how they open the file. */
const casts = [
  { processes: 1, threads: 0, lanes: 1 },
  { processes: 1, threads: 2, lanes: 8 },
  { processes: 1, threads: 1, lanes: 8, options: { exclusive: true } },
  { processes: 4, threads: 0, lanes: 4 },
  { processes: 4, threads: 1, lanes: 4 },
];

/** When they are killed, in milliseconds after the moment that is awaited first. */
const moments = {
  opening: { after: 120, wait: async () => {} },
  appending: { after: 150, wait: acknowledged },
  closing: {
    after: 12,
    async wait(writers) {
      await acknowledged(writers);
      for (const writer of writers) writer.close();
    },
  },
};

async function acknowledged(writers) {
  await Promise.all(writers.map((writer) => writer.acknowledged));
}

/**
 * Kills processes.
 *
 * @param {object} run - How.
 * @param {number} run.kills - How many processes are killed at least.
 * @param {string} [run.folder] - Where the files are made.
 * @param {(done: number) => void} [run.tell] - Hears how many were killed by now.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function killWriters({ kills, folder, tell = () => {} }) {
  const figures = { rounds: 0, kills: 0, files: 0, acknowledged: 0, checks: 0, slowestOpenMs: 0 };
  for (const moment of Object.keys(moments)) figures[moment] = 0;
  const use = (path) => useFile(path, { kills, figures, tell });
  await useUntil({ name: 'kills', folder, kills, figures, use });
  return figures;
}

async function useFile(path, { kills, figures, tell }) {
  const ledger = new Ledger();
  for (let round = 0; round < roundsPerFile && figures.kills < kills; round += 1) {
    const cast = casts[figures.rounds % casts.length];
    const names = Object.keys(moments);
    const moment = names[randomInt(names.length)];
    await killAll(path, { cast, moment, round: figures.rounds, ledger });
    figures.rounds += 1;
    figures.kills += cast.processes;
    figures[moment] += cast.processes;
    tell(figures.kills);
    // Now and then the next ones find what was left, and are killed in turn.
    if (randomInt(4) === 0) continue;
    await look(path, { cast, ledger, figures });
  }
  await look(path, { cast: {}, ledger, figures });
  figures.acknowledged += ledger.acknowledged;
}

async function look(path, { cast, ledger, figures }) {
  const { openMilliseconds } = await ledger.check(path, cast.options);
  figures.checks += 1;
  figures.slowestOpenMs = Math.max(figures.slowestOpenMs, openMilliseconds);
}

async function killAll(path, { cast, moment, round, ledger }) {
  const { after, wait } = moments[moment];
  const writers = Array.from({ length: cast.processes }, (_, number) => {
    const name = `${round}.${number}`;
    return new Writer({ path, name, ...cast }, ledger);
  });
  try {
    await wait(writers);
    for (const writer of writers) {
      // One after the other, so that some go on while others are gone.
      await setTimeout(randomInt(after) / writers.length);
      writer.kill();
    }
    // One that was closing may have come to its end before it was killed.
    const expected = moment === 'closing' ? { code: 0 } : {};
    await Promise.all(writers.map((writer) => writer.end(expected)));
  } finally {
    for (const writer of writers) writer.kill();
  }
}
