// Runs each program of `examples/` in an empty folder of its own, which is removed afterwards with
// the log files in it. An example fails when its exit code is not 0, or when it leaves a file but the default log. One in
// TypeScript is compiled before, and fails as well when the compiler finds something.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runNode } from './command.mjs';
import { program } from './typescript.mjs';

const source = join(root, 'examples');
const examples = readdirSync(source).filter((name) => /\.[cm]?[jt]s$/.test(name));
if (examples.length === 0) {
  console.error(`${source}: expected programs, found none`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-examples-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// The default log of an example is the one under its own folder, not the caller's.
const { CODEBOLT_EVENTLOG_PATH: _, ...env } = process.env;

for (const example of examples) {
  console.log(`--- ${example}`);
  const cwd = join(folder, example);
  mkdirSync(cwd);
  const path = example.endsWith('ts') ? compiled(example) : join(source, example);
  // The limit is there for a program that never ends.
  runNode([path], { cwd, env, timeout: 300_000 });
  // So it can be run again, and any other one there. The default log is there to stay.
  const left = readdirSync(cwd).filter((name) => name !== '.codebolt');
  if (left.length > 0) {
    console.error(`${example}: expected it to leave nothing behind, found ${left.join(', ')}`);
    process.exit(1);
  }
}

/**
 * @param {string} example - The name of a TypeScript module.
 * @returns {string} The path of the program that it is, within the repository, where the package finds itself.
 */
function compiled(example) {
  const scratch = join(root, '.scratch');
  mkdirSync(scratch, { recursive: true });
  const outDir = mkdtempSync(join(scratch, 'examples-'));
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
  const options = ['--strict', '--noUncheckedIndexedAccess', '--target', 'es2022'];
  const modules = ['--module', 'nodenext', '--types', 'node', '--ignoreConfig'];
  const folders = ['--rootDir', source, '--outDir', outDir];
  runNode([
    program('typescript', 'tsc'),
    join(source, example),
    ...options,
    ...modules,
    ...folders,
  ]);
  return join(outDir, example.replace(/ts$/, 'js'));
}
