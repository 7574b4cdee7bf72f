// Packages of Python for a check, in a folder that goes away again.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-m', 'venv', '--help'], { stdio: 'ignore' }).status === 0,
);

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
    const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
    for (const [command, ...args] of [
      [python, '-m', 'venv', folder],
      [join(programs, 'python'), '-m', 'pip', 'install', '--quiet', ...packages],
    ]) {
      const code = await run(command, args, folder);
      if (code !== 0) return code;
    }
    return await use(programs, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program in a folder. @returns {Promise<number>} Its exit code. */
export function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
