// The command line. Nothing here needs an installed package, so that `--help` and a misspelt option are
// answered at once.

import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { namesOption, numberOption, readOptions } from '../scripts/command-line.mjs';
import { suites } from './suites/index.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

const options = {
  quick: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  times: { type: 'string' },
  seed: { type: 'string' },
  'write-docs': { type: 'boolean' },
  'as-built': { type: 'boolean' },
  data: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

const names = suites.map(({ name }) => name);
const amounts = suites.map(
  ({ name, title, full, quick, unit }) =>
    `  ${name.padEnd(12)} ${title}: ${full} ${unit}, ${quick} with --quick`,
);

export const help = `Usage: npm run torture -- [options]

Kills, starves and fails codebolt-eventlog, and looks for what it has acknowledged.

  --quick           a short run of everything
  --only <list>     only these suites, separated by commas
  --times <n>       so many times the usual amount
  --seed <n>        the first seed of what is random and can be repeated (default 0)
  --write-docs      update docs/reliability.md after a partial run too
                    (a full run always does, --quick never does without this)
  --as-built        build nothing, and take the addons that are there
  --data <folder>   where files are made (default torture/.data)
  --out <folder>    where the results go (default torture/results, which docs/reliability.md shows;
                    for a run that does not update it, torture/results/partial)
  -h, --help        this text

Suites:
${amounts.join('\n')}
`;

/**
 * @param {string[]} parameters - What the program was given.
 * @returns {object} The options, complete.
 */
export function parseOptions(parameters) {
  const values = readOptions(parameters, options);
  if (values.help) return { help: true };
  const quick = values.quick ?? false;
  const only = namesOption('only', values.only, names);
  const inDocs = values['write-docs'] ?? (!quick && only === undefined);
  const times = numberOption('times', values.times ?? '1', { max: 1000 });
  return {
    quick,
    only,
    suites: suites
      .filter(({ name }) => only === undefined || only.includes(name))
      .map((suite) => ({
        ...suite,
        amount: Math.ceil((quick ? suite.quick : suite.full) * times),
      })),
    seed:
      values.seed === undefined ? 0 : numberOption('seed', values.seed, { max: 2 ** 40, step: 1 }),
    inDocs,
    asBuilt: values['as-built'] ?? false,
    data: resolve(values.data ?? join(folder, '.data')),
    out: resolve(values.out ?? join(folder, inDocs ? 'results' : 'results/partial')),
  };
}
