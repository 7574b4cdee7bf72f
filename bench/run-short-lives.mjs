// What a short life takes: a process that opens a log, appends one event and closes it. `node bench/run-short-lives.mjs --help`

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';

import { bundle } from '../scripts/bundle.mjs';
import { OptionError, numberOption, readOptions } from '../scripts/command-line.mjs';
import { benchFolder, productFolder } from './folders.mjs';
import { systemNamed } from './systems/index.mjs';

const HELP = `What a process takes that opens a log, appends one event and closes it. Every system keeps the log of its first
process, so that each of them finds what those before it have appended. The package is measured as it is published: what
every program loads is one file.

  --rounds N          how many processes of each system, in turns (40)
  --baseline FOLDER   measure the build in this folder as well
  --data FOLDER       where the logs are, in a folder that is removed (bench/.data)
  --help              print this
`;

const life = join(benchFolder, 'short-lives', 'life.mjs');
const PARTS = ['load', 'open', 'append', 'close'];

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

function main(args) {
  const given = readOptions(args, {
    rounds: { type: 'string', default: '40' },
    baseline: { type: 'string' },
    data: { type: 'string', default: join(benchFolder, '.data') },
    help: { type: 'boolean' },
  });
  if (given.help) {
    process.stdout.write(HELP);
    return;
  }
  const rounds = numberOption('rounds', given.rounds, { max: 10_000, step: 1 });
  const names = ['eventlog', 'eventlog-exclusive', 'better-sqlite3'];
  if (given.baseline !== undefined) names.push('baseline');
  mkdirSync(given.data, { recursive: true });
  const data = mkdtempSync(join(resolve(given.data), 'short-lives-'));
  try {
    report(measured(names.map(systemNamed), rounds, data, given.baseline));
  } finally {
    rmSync(data, { recursive: true });
  }
}

/** Of each system: its title, the milliseconds of whole processes, and those of their parts. */
function measured(systems, rounds, data, baseline) {
  const published = publishedIn(join(data, 'product'));
  const all = systems.map(({ name, title, module, variant, isBaseline }) => {
    const folder = join(data, name);
    mkdirSync(folder);
    const product = isBaseline ? resolve(baseline) : published;
    return { name, title, task: { module, variant, product, folder }, whole: [], parts: [] };
  });
  // The first process of each makes the log.
  for (const { task } of all) live(task);
  for (let round = 0; round < rounds; round += 1) {
    for (const { task, whole, parts } of all) {
      const started = performance.now();
      parts.push(live(task));
      whole.push(performance.now() - started);
    }
  }
  return all;
}

/** Makes the package in a folder, as it is published, with the addon that was built here. Returns the folder. */
function publishedIn(folder) {
  const names = ['package.json', 'index.js', 'index.mjs', 'lib'];
  const built = readdirSync(productFolder).filter((name) => name.endsWith('.node'));
  for (const name of [...names, ...built]) {
    cpSync(join(productFolder, name), join(folder, name), { recursive: true });
  }
  bundle(folder);
  return folder;
}

/** Has one process live, and returns how long its parts took. */
function live(task) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [life, JSON.stringify(task)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${task.module}: exit code ${status}\n${stderr}`);
  return JSON.parse(stdout);
}

function report(all) {
  const rival = all.find(({ name }) => name === 'better-sqlite3');
  const rows = all.map(({ title, whole, parts }) => {
    const ratios = whole.map((ms, round) => ms / rival.whole[round]);
    return {
      '': title,
      'process (ms)': few(median(whole)),
      'of better-sqlite3': few(median(ratios)),
      ...Object.fromEntries(
        PARTS.map((part) => [`${part} (ms)`, few(median(parts.map((times) => times[part])))]),
      ),
    };
  });
  console.table(rows);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function few(value) {
  return Number(value.toPrecision(3));
}
