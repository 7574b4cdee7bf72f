// What a step costs where there is much of something, at two sizes; and costs that once grew wrongly, before and
// after. `node bench/run-counts.mjs --help`

import { mkdirSync, realpathSync } from 'node:fs';

import { runProgram } from '../scripts/command-line.mjs';
import { help, parseOptions } from './counts/options.mjs';

await runProgram('bench:counts', { help, parseOptions }, compare);

/**
 * @param {object} options - The options of the run.
 * @returns {Promise<number>} The exit code: 1 where a measurement of this build has failed.
 */
async function compare(options) {
  const { buildProduct } = await import('./setup.mjs');
  buildProduct(options);
  // What these import is there only now.
  const { describe, expectDisk, versionsOf } = await import('./report/machine.mjs');
  const { formatted } = await import('../scripts/documents.mjs');
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');
  const { measureAll } = await import('./counts/rounds.mjs');
  const { renderTables } = await import('./counts/tables.mjs');
  const { writeResults } = await import('./counts/write.mjs');

  mkdirSync(options.data, { recursive: true });
  const data = realpathSync(options.data);
  expectDisk(data);
  const started = Date.now();
  const commit = describeCommit();
  const figures = await measureAll({ ...options, data });
  const run = {
    figures,
    options: { quick: options.quick, isOtherBuild: options.isBuilt },
    hasBefore: options.before !== undefined,
    roundCount: options.rounds,
    date: new Date(started).toISOString().slice(0, 16).replace('T', ' '),
    minutes: Number(((Date.now() - started) / 60_000).toFixed(1)),
    machine: describeMachine(data),
    versions: versionsOf([]),
    commit,
  };
  const written = await writeResults(run, options.out, options.inDocs);
  console.log(await formatted(`${describe(run)}\n\n${renderTables(run)}\n`, 'markdown'));
  for (const path of written) console.log(`wrote ${path}`);
  return figures.some(({ build, error }) => build === 'now' && error !== undefined) ? 1 : 0;
}
