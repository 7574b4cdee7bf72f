// The comparison of queries: sets up what is needed, measures, and reports.
// `node bench/run-queries.mjs --help`

import { realpathSync } from 'node:fs';

import { OptionError, runProgram } from '../scripts/command-line.mjs';
import { help, parseOptions } from './queries/options.mjs';

await runProgram('bench:queries', { help, parseOptions }, compare);

/**
 * @param {object} options - The options of the run.
 * @returns {Promise<number>} The exit code: 1 where a measurement has failed.
 */
async function compare(options) {
  const { setUp } = await import('./setup.mjs');
  setUp(options);
  // What these import is there only now.
  const { Session } = await import('./measure/session.mjs');
  const { describe, expectDisk, versionsOf } = await import('./report/machine.mjs');
  const { Summary } = await import('./report/summary.mjs');
  const { reportFailures } = await import('./report/failures.mjs');
  const { formatted } = await import('../scripts/documents.mjs');
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');
  const { showProgress } = await import('./progress.mjs');
  const { makePlan } = await import('./queries/measure/plan.mjs');
  const { measureAll } = await import('./queries/measure/rounds.mjs');
  const { renderTables } = await import('./queries/report/tables.mjs');
  const { writeResults } = await import('./queries/report/write.mjs');

  const plan = makePlan(options);
  if (plan.total === 0) {
    throw new OptionError('expected something to measure, found no query for these systems');
  }
  const session = new Session(options.data, new URL('queries/measure/task.mjs', import.meta.url));
  const data = realpathSync(options.data);
  const progress = showProgress(plan.total);
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
  const { quick, rounds, seconds, events, isBuilt } = options;
  const run = {
    ...measured,
    systems: plan.systems,
    queries: plan.queries,
    events,
    options: { quick, rounds, seconds, isOtherBuild: isBuilt },
    roundCount: rounds,
    date: new Date(started).toISOString().slice(0, 16).replace('T', ' '),
    minutes: Number(((Date.now() - started) / 60_000).toFixed(1)),
    machine: describeMachine(data),
    versions: versionsOf(plan.systems),
    commit,
    summary: new Summary(measured.rounds),
  };
  const written = await writeResults(run, options.out, options.inDocs);
  console.log(await formatted(`${describe(run)}\n\n${renderTables(run)}\n`, 'markdown'));
  for (const path of written) console.log(`wrote ${path}`);
  return reportFailures(run.rounds);
}
