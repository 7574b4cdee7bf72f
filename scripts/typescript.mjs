// The TypeScript compilers that the types of the package have to please: the oldest that is supported, the
// newest, and one of each major version in between. Each is a development dependency of its own.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './command.mjs';

/**
 * @param {string} name - A development dependency.
 * @param {string} command - One of its commands.
 * @returns {string} The path of the command's program.
 */
export function program(name, command) {
  const path = join(root, 'node_modules', name, 'package.json');
  const { bin } = JSON.parse(readFileSync(path, 'utf8'));
  return join(dirname(path), typeof bin === 'string' ? bin : bin[command]);
}

/** @returns {{ version: string, path: string }[]} The compilers, each by its version and its program. */
export function compilers() {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(devDependencies).filter((name) => /^typescript(-|$)/.test(name));
  return names.map((name) => {
    const manifest = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
    return { version: JSON.parse(manifest).version, path: program(name, 'tsc') };
  });
}
