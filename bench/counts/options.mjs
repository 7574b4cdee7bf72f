// The command line. Nothing here needs an installed package, so that `--help` and a misspelt option
// are answered at once.

import { join, resolve } from 'node:path';

import { namesOption, numberOption, readOptions, wrapped } from '../../scripts/command-line.mjs';
import { benchFolder, productFolder } from '../folders.mjs';
import { measurements } from './measurements.mjs';

const options = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  only: { type: 'string', multiple: true },
  'seconds-max': { type: 'string' },
  'write-docs': { type: 'boolean' },
  product: { type: 'string' },
  before: { type: 'string' },
  data: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

const groups = ['costs', 'steps'];
const names = measurements.map(({ name }) => name);

export const help = `Usage: npm run bench:counts [-- options]

Measures what a step costs where a log has much of something, at two sizes; and the costs that once grew wrongly.

  --quick            one round of less, some minutes
  --rounds <n>       rounds of each measurement (default 3; 1 with --quick)
  --only <list>      only these measurements or groups of them, separated by commas
  --seconds-max <s>  how long one measurement may take before it is given up (default 240)
  --write-docs       update docs/benchmarks.md after a partial run too
                     (a full run with --before always does, --quick never does without this)
  --product <folder> measure the build in this folder (index.js and its addon), and build nothing
  --before <folder>  measure the build in this folder as well, as what was there before
  --data <folder>    where the logs are made (default bench/.data)
  --out <folder>     where the results go (default bench/results, which docs/benchmarks.md shows;
                     for a run that does not update it, bench/results/partial)
  -h, --help         this text

Groups:       ${groups.join(', ')}
Measurements: ${wrapped(names)}
`;

/**
 * @param {string[]} parameters - What the program was given.
 * @returns {object} The options, complete.
 */
export function parseOptions(parameters) {
  const values = readOptions(parameters, options);
  if (values.help) return { help: true };
  const quick = values.quick ?? false;
  const isWhole = ['quick', 'only', 'product'].every((cut) => values[cut] === undefined);
  const inDocs = values['write-docs'] ?? (isWhole && values.before !== undefined);
  const only = namesOption('only', values.only, [...groups, ...names]) ?? groups;
  return {
    quick,
    rounds: numberOption('rounds', values.rounds ?? (quick ? '1' : '3'), { max: 100, step: 1 }),
    secondsMax: numberOption('seconds-max', values['seconds-max'] ?? '240', { max: 86_400 }),
    measurements: measurements.filter(({ name, group }) =>
      [name, group].some((one) => only.includes(one)),
    ),
    inDocs,
    product: values.product === undefined ? productFolder : resolve(values.product),
    isBuilt: values.product !== undefined,
    before: values.before === undefined ? undefined : resolve(values.before),
    data: resolve(values.data ?? join(benchFolder, '.data')),
    out: resolve(values.out ?? join(benchFolder, inDocs ? 'results' : 'results/partial')),
  };
}
