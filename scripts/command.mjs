// Running other programs: plain Node.js without dependencies, since the set-up needs it before
// anything is installed, and without a shell, so that it works the same on Windows.

import { spawnSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a program and waits for it. When it fails, this process exits with its exit code: what it
 * printed says what went wrong.
 *
 * @param {string} program - A program on the PATH, or a path.
 * @param {string[]} parameters - What it is given.
 * @param {import('node:child_process').SpawnSyncOptions} [options] - By default it runs in the
 *   repository, with this process's input and output.
 * @returns {string | null} What it wrote to standard output, where the options ask for that.
 */
export function run(program, parameters, options = {}) {
  const result = spawnSync(program, parameters, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: 'inherit',
    ...options,
  });
  if (result.error) {
    console.error(
      `${program} ${parameters.join(' ')}: expected to run, found ${result.error.message}`,
    );
    process.exit(1);
  }
  if (result.status !== 0) {
    const ending = result.signal ?? `exit code ${result.status}`;
    if (result.stdout !== null) process.stderr.write(result.stdout);
    console.error(
      `${basename(program)} ${parameters.join(' ')}: expected success, found ${ending}`,
    );
    process.exit(result.status ?? 1);
  }
  return result.stdout;
}

/**
 * Runs a JavaScript program in the Node.js that runs this one; see {@link run}.
 *
 * @param {string[]} parameters - The path of the program, and what it is given.
 * @param {import('node:child_process').SpawnSyncOptions} [options] - See {@link run}.
 * @returns {string | null} See {@link run}.
 */
export function runNode(parameters, options) {
  return run(process.execPath, parameters, options);
}

/**
 * Runs npm; see {@link run}. npm is started through Node.js, since on Windows it is a batch file,
 * which cannot be started without a shell.
 *
 * @param {string[]} parameters - What npm is given.
 * @param {import('node:child_process').SpawnSyncOptions} [options] - See {@link run}.
 * @returns {string | null} See {@link run}.
 */
export function runNpm(parameters, options) {
  const [program, ...given] = npmCommand(parameters);
  return run(program, given, options);
}

/**
 * How npm is started.
 *
 * @param {string[]} parameters - What npm is given.
 * @returns {string[]} The program, and what it is given.
 */
export function npmCommand(parameters) {
  return [process.execPath, npmProgram(), ...parameters];
}

/**
 * Where npm's JavaScript is: what npm says when it started this process, or else the npm that was
 * installed together with Node.js.
 *
 * @returns {string} A path.
 */
function npmProgram() {
  const started = process.env.npm_execpath;
  if (started !== undefined && basename(started) === 'npm-cli.js') return started;
  const folder = dirname(process.execPath);
  const candidates = [
    join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(folder, '..', 'share', 'nodejs', 'npm', 'bin', 'npm-cli.js'),
  ];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  console.error(
    'npm: expected it beside Node.js, found none; start this through `npm run` instead',
  );
  process.exit(1);
}
