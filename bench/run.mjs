// The comparison: sets up what is needed, measures, and reports. `node bench/run.mjs --help`

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { OptionError, runProgram } from '../scripts/command-line.mjs';
import { help, parseOptions } from './options.mjs';

await runProgram('bench', { help, parseOptions }, compare);

/**
 * @param {object} options - The options of the run.
 * @returns {Promise<number>} The exit code: 1 where a measurement has failed.
 */
async function compare(options) {
  const { setUp } = await import('./setup.mjs');
  setUp(options);
  // What these import is there only now.
  const { makePlan } = await import('./measure/plan.mjs');
  const { measureAll } = await import('./measure/rounds.mjs');
  const { Session } = await import('./measure/session.mjs');
  const { describe, expectDisk, versionsOf } = await import('./report/machine.mjs');
  const { Summary } = await import('./report/summary.mjs');
  const { reportFailures } = await import('./report/failures.mjs');
  const { formatted } = await import('../scripts/documents.mjs');
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');
  const { writeResults } = await import('./report/write.mjs');
  const { renderTables } = await import('./report/tables.mjs');
  const { showProgress } = await import('./progress.mjs');

  const plan = makePlan(options);
  const total = plan.blocks.reduce((sum, { pairs }) => sum + pairs.length * options.rounds, 0);
  if (total === 0) {
    throw new OptionError('expected something to measure, found no workload for these systems');
  }
  const session = new Session(options.data);
  const data = realpathSync(options.data);
  const progress = showProgress(total);
  const started = Date.now();
  const commit = describeCommit();
  session.endOnSignal(progress);
  let measured;
  try {
    expectDisk(data);
    measured = await measureAll(plan, options, session, progress);
  } finally {
    progress.stop();
    await session.end();
  }
  const { systems, without } = plan;
  const run = {
    ...measured,
    systems,
    without,
    options: {
      quick: options.quick,
      rounds: options.rounds,
      seconds: options.seconds,
      isOtherBuild: options.isBuilt,
    },
    roundCount: options.rounds,
    date: new Date(started).toISOString().slice(0, 16).replace('T', ' '),
    minutes: Number(((Date.now() - started) / 60_000).toFixed(1)),
    machine: describeMachine(data),
    versions: versionsOf(systems),
    commit,
    summary: new Summary(measured.rounds),
  };
  const written = await writeResults(run, options.out, options.inDocs);
  console.log(await formatted(`${describe(run)}\n\n${renderTables(run)}\n`, 'markdown'));
  for (const path of written) console.log(`wrote ${path}`);
  if (options.isWhole) await countAlso(options);
  return reportFailures(run.rounds);
}

/** Measures the counts too, which are a run of their own. */
async function countAlso({ product, data }) {
  const { runNode } = await import('../scripts/command.mjs');
  const program = fileURLToPath(new URL('./run-counts.mjs', import.meta.url));
  runNode([program, '--product', product, '--data', data]);
}
