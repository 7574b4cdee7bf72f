// The Rust tests: with cargo-nextest where that is installed, which runs them better side by side, and shows which are slow.
//
//     node scripts/test-rust.mjs [--no-run | --postgres]
//
// With `--no-run` it only compiles them. With `--postgres` it runs those that start a server, which are left out otherwise.
// All of the workspace is named each time: a crate is compiled with the features that what is named asks for.

import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

import { run } from './command.mjs';
import { memoryFolder } from './memory-folder.mjs';
import { hasCargoCommand } from './tools.mjs';

/** A test target: in one process, whose tests share a server. cargo-nextest would start one for each. */
const SERVER = 'server';

/** The environment of tests that start servers: where these have their files. */
const ofServers = () => ({ env: { ...process.env, TMPDIR: memoryFolder() ?? tmpdir() } });

const { values } = parseArgs({
  options: {
    'no-run': { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
  },
});

if (!hasCargoCommand('nextest')) {
  const chosen = values.postgres ? ['--package', 'codebolt-eventlog-postgres'] : [];
  run('cargo', ['test', ...chosen, ...(values['no-run'] ? ['--no-run'] : [])]);
} else if (values['no-run']) {
  run('cargo', ['nextest', 'run', '--workspace', '--no-run']);
} else if (values.postgres) {
  run('cargo', ['test', '--workspace', '--test', SERVER], ofServers());
} else {
  run('cargo', ['nextest', 'run', '--workspace', '-E', `not binary(${SERVER})`]);
  // It runs no examples of documentation comments.
  run('cargo', ['test', '--workspace', '--doc']);
}
