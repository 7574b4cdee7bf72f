// What a log of very many events costs beside smaller ones. `node bench/run-sizes.mjs --help`

import { mkdirSync, realpathSync } from 'node:fs';

import { runProgram } from '../scripts/command-line.mjs';
import { help, parseOptions } from './sizes/options.mjs';

await runProgram('bench:sizes', { help, parseOptions }, compare);

/** @param {object} options - The options of the run. */
async function compare(options) {
  const { setUp } = await import('./setup.mjs');
  setUp(options);
  // What these import is there only now.
  const { describe, expectDisk, versionsOf } = await import('./report/machine.mjs');
  const { formatted } = await import('../scripts/documents.mjs');
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');
  const { showProgress } = await import('./progress.mjs');
  const { putInDocs } = await import('./report/files.mjs');
  const { kinds, measureAll } = await import('./sizes/rounds.mjs');
  const { renderTables } = await import('./sizes/tables.mjs');

  mkdirSync(options.data, { recursive: true });
  const data = realpathSync(options.data);
  expectDisk(data);
  const progress = showProgress(options.sizes.length * (1 + options.rounds * kinds.length));
  const started = Date.now();
  const commit = describeCommit();
  let logs;
  try {
    logs = await measureAll({ ...options, data }, progress);
  } finally {
    progress.stop();
  }
  const run = {
    logs,
    options: { isOtherBuild: options.isBuilt },
    roundCount: options.rounds,
    date: new Date(started).toISOString().slice(0, 16).replace('T', ' '),
    minutes: Number(((Date.now() - started) / 60_000).toFixed(1)),
    machine: describeMachine(data),
    versions: versionsOf([]),
    commit,
  };
  const text = `${describe(run)}\n\n${renderTables(run)}`;
  console.log(await formatted(`${text}\n`, 'markdown'));
  if (options.inDocs) console.log(`wrote ${await putInDocs('sizes', text)}`);
}
