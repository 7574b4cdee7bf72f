// The command line. Nothing here needs an installed package, so that `--help` and a misspelt option
// are answered at once.

import { join, resolve } from 'node:path';

import { namesOption, numberOption, readOptions } from '../../scripts/command-line.mjs';
import { benchFolder, productFolder } from '../folders.mjs';

const options = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  events: { type: 'string' },
  only: { type: 'string', multiple: true },
  'write-docs': { type: 'boolean' },
  product: { type: 'string' },
  data: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

/** What can be measured. */
export const parts = ['read', 'follow', 'guard'];

export const help = `Usage: npm run bench:reading [-- options]

Measures how fast events are read in a row, beside other stores; how soon followers get them; and what guards
cost an append.

  --quick            one round on fewer events, under a minute
  --rounds <n>       rounds of each measurement (default 5; 1 with --quick)
  --events <n>       events that are read, a multiple of 1,000 (default 1,000,000; 20,000 with --quick)
  --only <list>      only these parts, separated by commas: ${parts.join(', ')}
  --write-docs       update docs/benchmarks.md after a partial run too
                     (a full run always does, --quick never does without this)
  --product <folder> measure the build in this folder (index.js and its addon), and build nothing
  --data <folder>    where the databases are made (default bench/.data)
  --out <folder>     where the results go (default bench/results, which docs/benchmarks.md shows;
                     for a run that does not update it, bench/results/partial)
  -h, --help         this text
`;

/**
 * @param {string[]} parameters - What the program was given.
 * @returns {object} The options, complete.
 */
export function parseOptions(parameters) {
  const values = readOptions(parameters, options);
  if (values.help) return { help: true };
  const quick = values.quick ?? false;
  const cuts = ['quick', 'events', 'only', 'product'];
  const inDocs = values['write-docs'] ?? cuts.every((cut) => values[cut] === undefined);
  const events = values.events ?? (quick ? '20000' : '1000000');
  return {
    quick,
    rounds: numberOption('rounds', values.rounds ?? (quick ? '1' : '5'), { max: 100, step: 1 }),
    events: numberOption('events', events, { max: 100_000_000, step: 1000 }),
    only: namesOption('only', values.only, parts) ?? parts,
    inDocs,
    product: values.product === undefined ? productFolder : resolve(values.product),
    isBuilt: values.product !== undefined,
    data: resolve(values.data ?? join(benchFolder, '.data')),
    out: resolve(values.out ?? join(benchFolder, inDocs ? 'results' : 'results/partial')),
  };
}
