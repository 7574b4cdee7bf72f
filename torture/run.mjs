// Sets up what is needed, runs the suites one after the other, and reports.
// `node torture/run.mjs --help`

import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { runProgram } from '../scripts/command-line.mjs';
import { root, runNode } from '../scripts/command.mjs';
import { help, parseOptions } from './options.mjs';

await runProgram('torture', { help, parseOptions }, torture);

/**
 * @param {object} options - The options of the run.
 * @returns {Promise<number>} The exit code: 1 where a suite has found something.
 */
async function torture(options) {
  const given = options.asBuilt ? ['--packages-only'] : [];
  runNode([join(root, 'scripts', 'setup.mjs'), ...given], { stdio: ['ignore', 2, 2] });
  // What these import is there only now.
  const { writeResults } = await import('./report.mjs');
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');

  mkdirSync(options.data, { recursive: true });
  const data = realpathSync(options.data);
  const commit = describeCommit();
  const began = Date.now();
  const results = [];
  for (const suite of options.suites) {
    results.push(await runSuite(suite, { ...options, data }));
  }
  const run = {
    results,
    date: new Date(began).toISOString().slice(0, 16).replace('T', ' '),
    minutes: Number(((Date.now() - began) / 60_000).toFixed(1)),
    quick: options.quick,
    machine: describeMachine(data),
    commit,
  };
  const { text, written } = await writeResults(run, options.out, options.inDocs);
  console.log(text);
  for (const path of written) console.log(`wrote ${path}`);
  return results.every(({ error }) => error === undefined) ? 0 : 1;
}

async function runSuite(suite, { data, seed, asBuilt }) {
  const { name, title, amount, unit } = suite;
  console.error(`${name}: ${title}, ${amount} ${unit}`);
  const began = performance.now();
  const result = { name, title };
  try {
    const tell = progressOf(suite);
    result.figures = await suite.run({ amount, seed, data, tell, asBuilt });
  } catch (error) {
    console.error(error);
    result.error = error.message;
  }
  result.seconds = Math.round((performance.now() - began) / 1000);
  const outcome = result.error === undefined ? 'nothing is lost' : 'FAILED';
  console.error(`${name}: ${outcome}, ${result.seconds} s`);
  return result;
}

/** Says now and then how much is done. */
function progressOf({ name }) {
  let next = performance.now() + 10_000;
  return (done) => {
    if (performance.now() < next) return;
    next = performance.now() + 10_000;
    console.error(`${name}: ${done}`);
  };
}
