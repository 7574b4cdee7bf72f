// What the findings share: a package in a temporary folder, programs there, and what was seen compared with what is.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runNpm } from '../scripts/command.mjs';

/** Makes a temporary folder with a package of the registry in its `node_modules`; it is removed at the end. */
export function folderWith(...packages) {
  const folder = mkdtempSync(join(tmpdir(), 'finding-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  runNpm(['install', ...flags, ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return folder;
}

/** Runs a program in a folder, and returns what it wrote to standard output. */
export function output(folder, program, ...parameters) {
  const options = { cwd: folder, encoding: 'utf8', timeout: 120_000 };
  const result = spawnSync(program, parameters, options);
  if (result.error) throw result.error;
  if (result.status !== 0)
    throw new Error(`${program}: exit code ${result.status}\n${result.stderr}`);
  return result.stdout.trim();
}

/** Ends the program with exit code 1 if what is seen is not what was seen. */
export function compare(seenBefore, seen) {
  const [before, now] = [seenBefore, seen].map((value) => JSON.stringify(value, null, 2));
  if (before === now) {
    console.log(`as described: ${before}`);
  } else {
    console.error(`this has changed: expected ${before}, found ${now}`);
    process.exitCode = 1;
  }
}
