// What is measured, and in which order: each measurement in a process of its own, all of them in turns.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runForked } from '../measure/forked.mjs';
import { systems } from './systems/index.mjs';

const program = fileURLToPath(new URL('./task.mjs', import.meta.url));

/**
 * @param {object} options - The options of a run.
 * @returns {object[]} What is measured in each round: a name, and the task.
 */
export function measurementsOf({ only, quick, events }) {
  const measurements = {
    read: [
      ...['readAll', 'readStreams'].flatMap((kind) =>
        systems.map(({ name }) => ({
          name: `${kind} ${name}`,
          task: { kind, system: name, events },
        })),
      ),
      { name: 'readLines eventlog', task: { kind: 'readLines', system: 'eventlog', events } },
    ],
    follow: [
      { name: 'follow here', task: { kind: 'follow', count: quick ? 50 : 500 } },
      { name: 'follow elsewhere', task: { kind: 'follow', count: quick ? 50 : 500, other: true } },
      { name: 'idle', task: { kind: 'idle', seconds: quick ? 1 : 10 } },
    ],
    guard: [1, 1024].map((inFlight) => ({
      name: `guard ${inFlight}`,
      task: { kind: 'guard', inFlight, seconds: quick ? 0.1 : 0.5, windows: quick ? 2 : 8 },
    })),
  };
  return only.flatMap((part) => measurements[part]);
}

/** @returns {Promise<object[]>} The figures of each round, by the names of the measurements. */
export async function measureAll(measurements, { rounds, data, product, events }, progress) {
  const folder = mkdtempSync(join(data, 'reading-'));
  const folderOf = (system) => join(folder, system ?? 'followed');
  try {
    for (const system of new Set(measurements.map(({ task }) => task.system))) {
      mkdirSync(folderOf(system));
      if (system === undefined) continue;
      progress.tell(`loading ${system}`);
      await runForked(program, { kind: 'load', system, events, product, folder: folderOf(system) });
    }
    const figures = [];
    for (let round = 0; round < rounds; round += 1) {
      const found = {};
      for (let i = 0; i < measurements.length; i += 1) {
        const { name, task } = measurements[(i + round) % measurements.length];
        progress.begin(name);
        found[name] = await runForked(program, { ...task, product, folder: folderOf(task.system) });
        progress.end(JSON.stringify(found[name]).slice(0, 90));
      }
      figures.push(found);
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
