// The command line. Nothing here needs an installed package, so that `--help` and a misspelt option
// are answered at once.

import { join, resolve } from 'node:path';

import {
  OptionError,
  namesOption,
  numberOption,
  readOptions,
  wrapped,
} from '../scripts/command-line.mjs';
import { benchFolder, productFolder } from './folders.mjs';
import { systemNamed, systems } from './systems/index.mjs';
import { groups, workloads } from './workloads/index.mjs';

const options = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  only: { type: 'string', multiple: true },
  systems: { type: 'string', multiple: true },
  seconds: { type: 'string' },
  'growth-rivals': { type: 'boolean' },
  'write-docs': { type: 'boolean' },
  product: { type: 'string' },
  baseline: { type: 'string' },
  data: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

export const help = `Usage: npm run bench -- [options]

Compares codebolt-eventlog with its rivals: the same durable work, in one run.

  --quick              one short round of a selection, under a minute
  --rounds <n>         rounds of each measurement (default 5; 1 with --quick)
  --seconds <s>        timed part of each measurement (default 1.5; 0.35 with --quick)
  --only <list>        only these workloads or groups of workloads, separated by commas
  --systems <list>     only these systems, separated by commas
  --growth-rivals      let the growth of the rivals go to 10,000,000 events as well
  --write-docs         update docs/benchmarks.md after a partial run too
                       (a full run always does, --quick never does without this)
  --product <folder>   measure the build in this folder (index.js and its addon), and build nothing
  --baseline <folder>  measure the build in this folder as well, beside the other
  --data <folder>      where the databases are made (default bench/.data)
  --out <folder>       where the results go (default bench/results, which docs/benchmarks.md shows;
                       for a run that does not update it, bench/results/partial)
  -h, --help           this text

Groups:    ${groups.join(', ')}
Workloads: ${wrapped(workloads.map(({ name }) => name))}
Systems:   ${wrapped(systems.map(({ name }) => name))}
`;

/**
 * @param {string[]} parameters - What the program was given.
 * @returns {object} The options, complete.
 */
export function parseOptions(parameters) {
  const values = readOptions(parameters, options);
  if (values.help) return { help: true };
  const quick = values.quick ?? false;
  const only = namesOption('only', values.only, [...groups, ...workloads.map(({ name }) => name)]);
  const chosen = namesOption(
    'systems',
    values.systems,
    systems.map(({ name }) => name),
  );
  if (chosen?.some((name) => systemNamed(name).isBaseline) && values.baseline === undefined) {
    throw new OptionError('--systems: expected --baseline beside a baseline, found none');
  }
  const cuts = [values.quick, only, chosen, values.product, values.baseline];
  const isWhole = cuts.every((cut) => cut === undefined);
  const inDocs = values['write-docs'] ?? isWhole;
  return {
    quick,
    rounds: numberOption('rounds', values.rounds ?? (quick ? '1' : '5'), { max: 100, step: 1 }),
    seconds: numberOption('seconds', values.seconds ?? (quick ? '0.35' : '1.5'), { max: 60 }),
    only,
    systems: chosen,
    growthRivals: values['growth-rivals'] ?? false,
    isWhole,
    inDocs,
    product: values.product === undefined ? productFolder : resolve(values.product),
    isBuilt: values.product !== undefined,
    baseline: values.baseline === undefined ? undefined : resolve(values.baseline),
    data: resolve(values.data ?? join(benchFolder, '.data')),
    out: resolve(values.out ?? join(benchFolder, inDocs ? 'results' : 'results/partial')),
  };
}
