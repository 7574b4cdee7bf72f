// The command line. Nothing here needs an installed package, so that `--help` and a misspelt option
// are answered at once.

import { join, resolve } from 'node:path';

import { OptionError, numberOption, readOptions } from '../../scripts/command-line.mjs';
import { benchFolder, productFolder } from '../folders.mjs';

const options = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  small: { type: 'string' },
  middle: { type: 'string' },
  large: { type: 'string' },
  'write-docs': { type: 'boolean' },
  product: { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

export const help = `Usage: npm run bench:sizes [-- options]

Measures what a log of very many events costs beside smaller ones of the same events: opening it, appends,
look-ups by a value, the newest events of a stream, and memory.

  --quick            one round of 100,000, 200,000 and 300,000 events, under a minute
  --rounds <n>       rounds of each measurement (default 5; 1 with --quick)
  --small <n>        events of the smallest log, a multiple of 100,000 (default 1,000,000)
  --middle <n>       events of the log in between, a multiple of 100,000 (default 10,000,000; without it, there
                     is none where the two others have fewer, or more)
  --large <n>        events of the largest log, a multiple of 100,000 (default 100,000,000: some ten minutes
                     and 3.5 GB)
  --write-docs       update docs/benchmarks.md after a run with other sizes or another build too
                     (a full run always does, --quick never does without this)
  --product <folder> measure the build in this folder (index.js and its addon), and build nothing
  --data <folder>    where the logs are made (default bench/.data)
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
  const size = (name, whole, short) =>
    numberOption(name, values[name] ?? (quick ? short : whole), {
      max: 1_000_000_000,
      step: 100_000,
    });
  const [small, large] = [size('small', '1000000', '100000'), size('large', '100000000', '300000')];
  if (small >= large) {
    throw new OptionError(
      `--small: expected less than ${large}, the largest log's, found ${small}`,
    );
  }
  const middle = size('middle', '10000000', '200000');
  const isBetween = small < middle && middle < large;
  if (values.middle !== undefined && !isBetween) {
    throw new OptionError(`--middle: expected between ${small} and ${large}, found ${middle}`);
  }
  const cuts = ['quick', 'small', 'middle', 'large', 'product'];
  return {
    quick,
    rounds: numberOption('rounds', values.rounds ?? (quick ? '1' : '5'), { max: 100, step: 1 }),
    sizes: isBetween ? [small, middle, large] : [small, large],
    inDocs: values['write-docs'] ?? cuts.every((cut) => values[cut] === undefined),
    product: values.product === undefined ? productFolder : resolve(values.product),
    isBuilt: values.product !== undefined,
    data: resolve(values.data ?? join(benchFolder, '.data')),
  };
}
