// What the Rust tests do on disks and processes in memory, from many seeds.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { root } from '../../scripts/command.mjs';

/** A line by which a test says in figures what it has done. */
const figuresLine = /(?:^|\s)([A-Z]+) (\{.*\})$/;

/**
 * Runs Rust tests, optimised.
 *
 * @param {object} run - How.
 * @param {string[]} run.filters - Parts of the names of the tests.
 * @param {Record<string, string>} [run.variables] - What they are told by the environment.
 * @param {(figures: object) => void} [run.tell] - Hears what each of them has done.
 * @returns {Promise<{ kind: string, figures: object }[]>} What they have done, in figures, each under the
 *   word that its line begins with.
 */
export async function runCargo({ filters, variables = {}, tell = () => {} }) {
  const parameters = ['test', '--release', '--quiet', '--lib', '--', '--nocapture', ...filters];
  const cargo = spawn('cargo', parameters, {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const found = [];
  const last = [];
  const read = async (stream) => {
    for await (const line of createInterface({ input: stream })) {
      last.push(line);
      if (last.length > 60) last.shift();
      const [, kind, json] = figuresLine.exec(line) ?? [];
      if (json === undefined) continue;
      found.push({ kind, figures: JSON.parse(json) });
      tell(found.at(-1));
    }
  };
  const status = new Promise((resolve, reject) => {
    cargo.on('error', reject).on('close', (code, signal) => resolve(signal ?? code));
  });
  await Promise.all([status, read(cargo.stdout), read(cargo.stderr)]);
  if ((await status) === 0) return found;
  throw new Error(
    `cargo ${parameters.join(' ')} has ended with ${await status}:\n${last.join('\n')}`,
  );
}
