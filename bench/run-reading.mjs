// How fast events are read in a row, how soon followers get them, and what guards cost an append.
// `node bench/run-reading.mjs --help`

import { mkdirSync, realpathSync } from 'node:fs';

import { runProgram } from '../scripts/command-line.mjs';
import { help, parseOptions } from './reading/options.mjs';

await runProgram('bench:reading', { help, parseOptions }, compare);

/** @param {object} options - The options of the run. */
async function compare(options) {
  const { setUp } = await import('./setup.mjs');
  setUp(options);
  // What these import is there only now.
  const { describe, expectDisk, versionsOf } = await import('./report/machine.mjs');
  const { formatted } = await import('../scripts/documents.mjs');
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');
  const { showProgress } = await import('./progress.mjs');
  const { measureAll, measurementsOf } = await import('./reading/rounds.mjs');
  const { renderTables } = await import('./reading/tables.mjs');
  const { writeResults } = await import('./reading/write.mjs');
  const { systems } = await import('./reading/systems/index.mjs');

  mkdirSync(options.data, { recursive: true });
  const data = realpathSync(options.data);
  expectDisk(data);
  const measurements = measurementsOf(options);
  const progress = showProgress(measurements.length * options.rounds);
  const started = Date.now();
  const commit = describeCommit();
  let rounds;
  try {
    rounds = await measureAll(measurements, { ...options, data }, progress);
  } finally {
    progress.stop();
  }
  const run = {
    rounds,
    measurements,
    events: options.events,
    options: { quick: options.quick, isOtherBuild: options.isBuilt },
    roundCount: options.rounds,
    date: new Date(started).toISOString().slice(0, 16).replace('T', ' '),
    minutes: Number(((Date.now() - started) / 60_000).toFixed(1)),
    machine: describeMachine(data),
    versions: versionsOf(systems),
    commit,
  };
  const written = await writeResults(run, options.out, options.inDocs);
  console.log(await formatted(`${describe(run)}\n\n${renderTables(run)}\n`, 'markdown'));
  for (const path of written) console.log(`wrote ${path}`);
}
