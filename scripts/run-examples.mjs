// Runs each program of `examples/` in an empty folder of its own, which is removed afterwards with
// the log files in it. An example fails when its exit code is not 0.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runNode } from './command.mjs';

const source = join(root, 'examples');
const examples = readdirSync(source).filter((name) => /\.[cm]?js$/.test(name));
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
  // The limit is there for a program that never ends.
  runNode([join(source, example)], { cwd, env, timeout: 300_000 });
}
