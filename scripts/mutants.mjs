// Mutation testing with less for each mutant than cargo-mutants does: it names them, and each is compiled into the library
// alone, as the last one was, and tried with the tests that are chosen.
//
//     node scripts/mutants.mjs --file <glob> --tests <filter> [--shard <k>/<n>] [--out <file>]
//
// `--tests` is a filter of cargo-nextest, such as `test(/^request::idempotency/)`. `--shard 2/7` tries each seventh mutant,
// from the second. What became of each is a line of JSON in the file `--out`. Mutants that are there are not tried again.
// It alters files in place, so run it in a copy of the repository. It needs cargo-mutants, cargo-nextest and `patch`.

import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { root, run } from './command.mjs';

/** A mutant that never ends is caught, after this time. */
const MS_MAX = 900_000;

/** What an exit code of cargo-nextest says of a mutant. */
const OUTCOMES = { 0: 'survived', 100: 'caught', 101: 'does not compile' };

const { values } = parseArgs({
  options: {
    file: { type: 'string', multiple: true },
    tests: { type: 'string' },
    shard: { type: 'string', default: '1/1' },
    out: { type: 'string', default: join(root, 'mutants.jsonl') },
  },
});
if (values.file === undefined || values.tests === undefined) {
  console.error('expected --file and --tests');
  process.exit(1);
}
const [first, step] = values.shard.split('/').map(Number);
const tried = new Set(existsSync(values.out) ? linesOf(values.out).map(({ name }) => name) : []);
const chosen = mutants().filter(
  ({ name }, index) => index % step === first - 1 && !tried.has(name),
);
for (const [index, mutant] of chosen.entries()) {
  const began = performance.now();
  const outcome = outcomeOf(mutant);
  const seconds = Math.round((performance.now() - began) / 1000);
  const { name } = mutant;
  appendFileSync(
    values.out,
    `${JSON.stringify({ name, outcome, tests: values.tests, seconds })}\n`,
  );
  console.log(`${index + 1}/${chosen.length} ${outcome}, ${seconds} s: ${name}`);
}

function linesOf(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** The mutants of the files, in cargo-mutants' order. */
function mutants() {
  const files = values.file.flatMap((file) => ['--file', file]);
  const given = ['mutants', '--no-config', '--list', '--json', '--diff', ...files];
  return JSON.parse(run('cargo', given, { stdio: ['ignore', 'pipe', 'inherit'] }));
}

/** What became of a mutant: the file is as it was afterwards. */
function outcomeOf({ file, diff }) {
  const path = join(root, file);
  const original = readFileSync(path);
  try {
    const patched = spawnSync('patch', ['--quiet', path], { input: diff, encoding: 'utf8' });
    if (patched.status !== 0) throw new Error(`patch: expected success, found ${patched.stderr}`);
    const given = ['nextest', 'run', '--package', 'codebolt-eventlog', '--lib', '-E', values.tests];
    const { status, signal, error } = spawnSync('cargo', given, {
      cwd: root,
      stdio: 'ignore',
      timeout: MS_MAX,
    });
    if (error?.code === 'ETIMEDOUT') return 'timed out';
    const outcome = OUTCOMES[status];
    if (outcome === undefined) {
      const expected = Object.keys(OUTCOMES).join(', ');
      throw new Error(
        `cargo nextest: expected an exit code of ${expected}, found ${status ?? signal}`,
      );
    }
    return outcome;
  } finally {
    writeFileSync(path, original);
  }
}
