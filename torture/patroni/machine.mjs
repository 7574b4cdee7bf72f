// What stands for a machine: a program with all that it starts, which is lost at once.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { nobody } from '../../scripts/postgres-server.mjs';

const program = fileURLToPath(new URL('machine.py', import.meta.url));

/** A machine that runs. However this process ends, it is lost then. */
export class Machine {
  #child;

  /**
   * @param {string} python - The Python that it is run by.
   * @param {string[]} command - What runs on it.
   * @param {{ log: string, env?: object }} options - The file that has what it says, and its environment.
   */
  constructor(python, command, { log, env = process.env }) {
    const output = openSync(log, 'a');
    this.#child = spawn(python, [program, ...command], {
      ...nobody(env),
      stdio: ['pipe', output, output],
    });
    closeSync(output);
  }

  /** Loses it. */
  async lose() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  }
}
