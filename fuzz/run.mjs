// Runs the fuzz targets one after the other, each for some time: `npm run fuzz -- --help`.
//
// What a target has learned is kept in fuzz/corpus, and what it has found in fuzz/artifacts.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { namesOption, numberOption, OptionError, readOptions } from '../scripts/command-line.mjs';
import { root } from '../scripts/command.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

/** What each target is given. */
const targets = {
  request: 'calls, as JSON text, of every method',
  query: 'queries over events, with and without summaries of blocks',
  record: 'the bytes of a record',
  journal: 'the headers and frames of a journal',
  sealed: 'the bytes of a sealed block',
  damage: 'the file of a log, with some of its bytes altered',
};

/** How long one input may take, in seconds, and how much memory, in MiB. */
const limits = ['-timeout=25', '-rss_limit_mb=4096'];

const help = `Usage: npm run fuzz -- [options]

Looks for input that makes codebolt-eventlog panic, hang, or give a wrong answer. Needs cargo-fuzz
(cargo install cargo-fuzz), and Linux or macOS.

  --target <list>   only these targets, separated by commas
  --seconds <n>     so long each (default 60)
  -h, --help        this text

Targets:
${Object.entries(targets)
  .map(([name, title]) => `  ${name.padEnd(10)} ${title}`)
  .join('\n')}
`;

try {
  const values = readOptions(process.argv.slice(2), {
    target: { type: 'string', multiple: true },
    seconds: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) process.stdout.write(help);
  else process.exitCode = fuzz(values);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(`${error.message}\nnpm run fuzz -- --help lists the options.`);
  process.exitCode = 2;
}

/**
 * @param {object} values - The options that were given.
 * @returns {number} The exit code: that of the first target that has found something.
 */
function fuzz(values) {
  const names = namesOption('target', values.target, Object.keys(targets));
  const seconds = numberOption('seconds', values.seconds ?? '60', { max: 10 ** 7, step: 1 });
  for (const name of names ?? Object.keys(targets)) {
    const corpus = join(folder, 'corpus', name);
    mkdirSync(corpus, { recursive: true });
    const seeds = join(folder, 'seeds', name);
    const given = existsSync(seeds) ? [seeds] : [];
    const dictionary = given.length > 0 ? [`-dict=${join(folder, 'json.dict')}`] : [];
    const parameters = [`-max_total_time=${seconds}`, '-len_control=0', '-print_final_stats=1'];
    const status = cargoFuzz(name, [corpus, ...given], [...parameters, ...limits, ...dictionary]);
    if (status !== 0) return status;
  }
  return 0;
}

function cargoFuzz(name, corpora, parameters) {
  const run = spawnSync('cargo', ['fuzz', 'run', name, ...corpora, '--', ...parameters], {
    cwd: root,
    stdio: 'inherit',
    // cargo-fuzz asks for what only a nightly compiler allows, unless it is told so.
    env: { ...process.env, RUSTC_BOOTSTRAP: '1' },
  });
  if (run.error) {
    console.error(`cargo fuzz: expected to run, found ${run.error.message}`);
    return 1;
  }
  return run.status ?? 1;
}
