// Packages of Python for a check or a suite, in a folder of their own.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @param {import('node:child_process').SpawnSyncOptions} [options] - Who is to run it, where that is another user.
 * @returns {string | undefined} The path of a Python that can have packages of its own, if there is one.
 */
export function findPython(options = {}) {
  const program = 'import ensurepip, venv, sys; print(sys.executable)';
  for (const name of ['python3', 'python']) {
    // Which one a name leads to depends on who asks: he may not look into all folders.
    const { status, stdout } = spawnSync(name, ['-c', program], { ...options, encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

const python = findPython();

/** Whether there is a Python that can have packages of its own. */
export const hasPython = python !== undefined;

/**
 * Installs packages, and does what is to be done with them.
 *
 * @param {string[]} packages - The packages, with their versions.
 * @param {(programs: string, folder: string) => Promise<number>} use - Given the folder of the programs of Python, and one for
 *   files. Returns an exit code.
 * @returns {Promise<number>} The exit code of what was run last.
 */
export async function withPython(packages, use) {
  const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-python-'));
  try {
    // What is used of them is compiled when it is, which is a small part.
    const code = await installInto(folder, ['--no-compile', ...packages]);
    return code === 0 ? await use(programsOf(folder), folder) : code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the programs of Python are in a folder that has packages. */
const programsOf = (folder) => join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');

/**
 * Installs packages into a folder that is there, with a Python of its own.
 *
 * @param {string} folder - The folder.
 * @param {string[]} packages - The packages, with their versions.
 * @param {string} [by] - The Python that is there.
 * @returns {Promise<number>} The exit code of what has failed, or 0.
 */
export async function installInto(folder, packages, by = python) {
  for (const [command, ...args] of [
    [by, '-m', 'venv', folder],
    [join(programsOf(folder), 'python'), '-m', 'pip', 'install', '--quiet', ...packages],
  ]) {
    const code = await run(command, args, folder);
    if (code !== 0) return code;
  }
  return 0;
}

/** Runs a program in a folder. @returns {Promise<number>} Its exit code. */
export function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
