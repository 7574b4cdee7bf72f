// The command line. Nothing here needs an installed package, so that `--help` and a misspelt option
// are answered at once.

import { join, resolve } from 'node:path';

import {
  OptionError,
  namesOption,
  numberOption,
  readOptions,
  wrapped,
} from '../../scripts/command-line.mjs';
import { benchFolder, productFolder } from '../folders.mjs';
import { datasets } from './data/index.mjs';
import { systemNamed, systems } from './systems/index.mjs';
import { queriesAbout, quickEvents, usualEvents } from './workloads/index.mjs';

const options = {
  quick: { type: 'boolean' },
  large: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  events: { type: 'string' },
  'webhook-events': { type: 'string' },
  'large-events': { type: 'string' },
  only: { type: 'string', multiple: true },
  systems: { type: 'string', multiple: true },
  keep: { type: 'boolean' },
  'write-docs': { type: 'boolean' },
  product: { type: 'string' },
  baseline: { type: 'string' },
  data: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

const datasetNames = datasets.map(({ name }) => name);
const queryNames = queriesAbout(usualEvents).map(({ name }) => name);

export const help = `Usage: npm run bench:queries -- [options]

Compares what codebolt-eventlog and databases take for the same queries on the same events.

  --quick              one short round of a selection, on fewer events, under a minute
  --large              ask codebolt-eventlog about 10,000,000 small events as well
  --rounds <n>         rounds of each measurement (default 3; 1 with --quick)
  --seconds <s>        timed part of each measurement (default 0.4; 0.1 with --quick)
  --events <n>         API requests, and events of two fields, a multiple of 100,000 (default 1,000,000;
                       100,000 with --quick)
  --webhook-events <n> webhooks of each kind (default 100,000, and 50,000 of which no two are alike;
                       5,000 with --quick)
  --large-events <n>   small events for --large (default 10,000,000; 200,000 with --quick)
  --only <list>        only these queries or sets of events, separated by commas
  --systems <list>     only these systems, separated by commas
  --keep               keep what was loaded, and use what an earlier run has kept, where neither the
                       events nor the system that has them differ
  --write-docs         update docs/benchmarks.md after a partial run too
                       (a full run always does, --quick never does without this)
  --product <folder>   measure the build in this folder (index.js and its addon), and build nothing
  --baseline <folder>  measure the build in this folder as well, beside the other
  --data <folder>      where the databases are made (default bench/.data)
  --out <folder>       where the results go (default bench/results, which docs/benchmarks.md shows;
                       for a run that does not update it, bench/results/partial)
  -h, --help           this text

Events:    ${datasetNames.join(', ')}
Queries:   ${wrapped(queryNames)}
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
  const only = namesOption('only', values.only, [...datasetNames, ...queryNames]);
  const chosen = namesOption(
    'systems',
    values.systems,
    systems.map(({ name }) => name),
  );
  if (chosen?.some((name) => systemNamed(name).isBaseline) && values.baseline === undefined) {
    throw new OptionError('--systems: expected --baseline beside a baseline, found none');
  }
  const cuts = ['quick', 'events', 'webhook-events', 'only', 'systems', 'product', 'baseline'];
  const inDocs = values['write-docs'] ?? cuts.every((cut) => values[cut] === undefined);
  return {
    quick,
    rounds: numberOption('rounds', values.rounds ?? (quick ? '1' : '3'), { max: 100, step: 1 }),
    seconds: numberOption('seconds', values.seconds ?? (quick ? '0.1' : '0.4'), { max: 60 }),
    events: eventsOf(values, quick),
    large: values.large ?? false,
    only,
    systems: chosen,
    keep: values.keep ?? false,
    inDocs,
    product: values.product === undefined ? productFolder : resolve(values.product),
    isBuilt: values.product !== undefined,
    baseline: values.baseline === undefined ? undefined : resolve(values.baseline),
    data: resolve(values.data ?? join(benchFolder, '.data')),
    out: resolve(values.out ?? join(benchFolder, inDocs ? 'results' : 'results/partial')),
  };
}

function eventsOf(values, quick) {
  const usual = quick ? quickEvents : usualEvents;
  const events = (option, name, step) =>
    numberOption(option, values[option] ?? String(usual[name]), { max: 100_000_000, step });
  return {
    'api-requests': events('events', 'api-requests', 100_000),
    webhooks: events('webhook-events', 'webhooks', 1),
    'varied-webhooks': events('webhook-events', 'varied-webhooks', 1),
    'small-events': events('events', 'small-events', 100_000),
    readings: events('large-events', 'readings', 1),
  };
}
