// Runs the fuzz targets one after the other, each for some time: `npm run fuzz -- --help`.
//
// What a target has learned is kept in fuzz/corpus, and what it has found in fuzz/artifacts.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { namesOption, numberOption, OptionError, readOptions } from '../scripts/command-line.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

/** The targets in Rust, and what each is given. */
const inRust = {
  request: 'calls, as JSON text, of every method',
  query: 'queries over events, with and without summaries of blocks',
  record: 'the bytes of a record',
  journal: 'the headers and frames of a journal',
  sealed: 'the bytes of a sealed block',
  lookup: 'the bytes of look-ups and of summaries of blocks',
  damage: 'the file of a log, with some of its bytes altered',
  pages: 'the same, of which the pages are to be found that are in use',
  kept: 'what an instance keeps of trims and of its tree, and keyrings',
  stringified: 'JSON text, of which it is to be said who has written it',
};

/** Those in JavaScript. */
const inJavaScript = {
  note: 'signed notes, checkpoints, and keys',
  proof: 'proofs of events and of consistency',
  archive: 'archives of trimmed events: the manifest, and compressed lines',
};

const targets = { ...inRust, ...inJavaScript };

/** How long one input may take, in seconds, and how much memory, in MiB. */
const limits = ['-timeout=25', '-rss_limit_mb=4096'];

/** What has the compiler count what an input reaches: options of stable Rust. */
const counting = [
  '--cfg=fuzzing',
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
];

const help = `Usage: npm run fuzz -- [options]

Looks for input that makes codebolt-eventlog panic, hang, or give a wrong answer. Targets in Rust need
Rust and a C++ compiler, and Linux or macOS; those in JavaScript need Node.js, and for archives the addon
(npm run build).

  --target <list>      only these targets, separated by commas
  --seconds <n>        so long each (default 60)
  --address-sanitizer  has targets in Rust look for wrong uses of memory, too
  -h, --help           this text

Targets:
${Object.entries(targets)
  .map(([name, title]) => `  ${name.padEnd(12)} ${title}`)
  .join('\n')}
`;

try {
  const values = readOptions(process.argv.slice(2), {
    target: { type: 'string', multiple: true },
    seconds: { type: 'string' },
    'address-sanitizer': { type: 'boolean' },
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
  const names = namesOption('target', values.target, Object.keys(targets)) ?? Object.keys(targets);
  const seconds = numberOption('seconds', values.seconds ?? '60', { max: 10 ** 7, step: 1 });
  const rust = names.filter((name) => name in inRust);
  const made = rust.length > 0 ? build(rust, values['address-sanitizer'] === true) : folder;
  if (made === undefined) return 1;
  for (const name of names) {
    const status = name in inRust ? fuzzRust(join(made, name), name, seconds) : look(name, seconds);
    if (status !== 0) return status;
  }
  return 0;
}

/**
 * Compiles targets.
 *
 * @returns {string | undefined} The folder that has the programs, unless it failed.
 */
function build(names, withSanitizer) {
  const version = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  const host = /^host: (.*)$/m.exec(version.stdout ?? '')?.[1];
  if (host === undefined) {
    console.error(`rustc: expected to run, found ${version.error?.message ?? version.stderr}`);
    return undefined;
  }
  const output = join(folder, 'target', withSanitizer ? 'address-sanitizer' : 'plain');
  // With a target, what runs while it is built does without the counters.
  const parameters = ['build', '--release', '--target', host, '--target-dir', output];
  const options = withSanitizer ? [...counting, '-Zsanitizer=address'] : counting;
  const status = ran('cargo', [...parameters, ...names.flatMap((name) => ['--bin', name])], {
    CARGO_ENCODED_RUSTFLAGS: options.join('\u001f'),
    // Sanitizers are for nightly compilers, unless a stable one is told otherwise.
    ...(withSanitizer && { RUSTC_BOOTSTRAP: '1' }),
  });
  return status === 0 ? join(output, host, 'release') : undefined;
}

function fuzzRust(program, name, seconds) {
  const [corpus, artifacts] = ['corpus', 'artifacts'].map((kind) => join(folder, kind, name));
  for (const kept of [corpus, artifacts]) mkdirSync(kept, { recursive: true });
  const seeds = join(folder, 'seeds', name);
  const given = existsSync(seeds) ? [seeds] : [];
  const dictionary = given.length > 0 ? [`-dict=${join(folder, 'json.dict')}`] : [];
  const parameters = [`-max_total_time=${seconds}`, '-len_control=0', '-print_final_stats=1'];
  const place = `-artifact_prefix=${artifacts}/`;
  return ran(program, [...parameters, place, ...limits, ...dictionary, corpus, ...given]);
}

/** Runs a target in JavaScript. */
function look(name, seconds) {
  const program = join(folder, 'javascript', 'run.mjs');
  return ran(process.execPath, [program, name, String(seconds)]);
}

/** Runs a program, and returns its exit code. */
function ran(program, parameters, environment = {}) {
  const options = { cwd: folder, stdio: 'inherit', env: { ...process.env, ...environment } };
  const run = spawnSync(program, parameters, options);
  if (run.error) {
    console.error(`${program}: expected to run, found ${run.error.message}`);
    return 1;
  }
  return run.status ?? 1;
}
