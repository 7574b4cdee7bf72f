// What a server of a log holds: many clients at a steady rate, and as many appends as it can, beside the same calls in one
// process and beside a server of `ws` and better-sqlite3. `node bench/run-server.mjs --help`

import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

import { OptionError, numberOption, readOptions } from '../scripts/command-line.mjs';
import { benchFolder } from './folders.mjs';
import { measureSteadily } from './server/steady.mjs';
import { measureThroughputs } from './server/throughput.mjs';

const HELP = `Usage: npm run bench:server [-- options]

What a server of a log holds. Clients and server share this machine.

  --clients N,…    connected clients at a steady rate, in a run for each number (200,1000)
  --rate N         requests of each, a second (50)
  --seconds N      for how long in each run, after 2 seconds of warm-up (30)
  --sockets N      clients that append as fast as they are answered (64)
  --rounds N       rounds of these, of 8 seconds each, in turns with what it is compared with (3)
  --without-sqlite leaves out the server with better-sqlite3, which has to be installed
  --write-docs     puts the results into docs/benchmarks.md
  --data FOLDER    where the logs are made (bench/.data)
  --help           print this
`;

/** Where the results go. */
const SECTION = `
## Over a server

\`npm run bench:server\` measures [the server](server.md): appends over WebSockets beside the same calls in the process of
the log, and beside servers of \`ws\` and better-sqlite3 that keep the same promise; and many clients at a steady rate. Each
load is also put on a server of \`ws\` without a log, which answers as fast as sockets allow on this machine. At the end the
server is killed, and each event that was acknowledged is looked for.

<!-- server:start -->
<!-- server:end -->
`;

const WARM_UP = 2;
const ROUND_SECONDS = 8;

try {
  const given = readOptions(process.argv.slice(2), {
    clients: { type: 'string', default: '200,1000' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '30' },
    sockets: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    'without-sqlite': { type: 'boolean' },
    'write-docs': { type: 'boolean' },
    data: { type: 'string', default: join(benchFolder, '.data') },
    help: { type: 'boolean' },
  });
  if (given.help) process.stdout.write(HELP);
  else await measure(given);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function measure(given) {
  const number = (name, max) => numberOption(name, given[name], { max, step: 1 });
  const steady = {
    rate: number('rate', 10_000),
    seconds: number('seconds', 86_400) + WARM_UP,
    warmUp: WARM_UP,
  };
  const clients = given.clients
    .split(',')
    .map((text) => numberOption('clients', text.trim(), { max: 20_000, step: 1 }));
  const fast = { clients: number('sockets', 10_000), seconds: ROUND_SECONDS, warmUp: WARM_UP };
  const rounds = number('rounds', 100);
  const withSqlite = !given['without-sqlite'];
  if (withSqlite && !isInstalled('better-sqlite3')) {
    const { setUp } = await import('./setup.mjs');
    setUp({ isBuilt: true });
  }
  const data = resolve(given.data);
  mkdirSync(data, { recursive: true });
  const measured = {
    throughputs: await measureThroughputs(data, fast, rounds, withSqlite),
    steady: [],
  };
  for (const count of clients) {
    measured.steady.push(...(await measureSteadily(data, { ...steady, clients: count })));
  }
  await report(measured, { fast, steady, rounds }, given['write-docs'], data);
}

/** Whether a package is there, as this one finds it. */
function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Prints the report, and puts it into the documents where that is asked for. */
async function report(measured, tasks, inDocs, data) {
  const { reportOf } = await import('./server/report.mjs');
  const { formatted, putInDocument } = await import('../scripts/documents.mjs');
  const text = reportOf(measured, tasks, data);
  console.log(await formatted(text, 'markdown'));
  if (inDocs) {
    const page = join(benchFolder, '..', 'docs', 'benchmarks.md');
    if (!readFileSync(page, 'utf8').includes('<!-- server:start -->'))
      appendFileSync(page, SECTION);
    await putInDocument(page, 'server', text);
  }
  if (measured.steady.some(({ lost }) => lost > 0)) process.exitCode = 1;
}
