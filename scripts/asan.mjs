// Runs tests through Node.js with AddressSanitizer in the addon: `node scripts/asan.mjs [<spec> …]`, by default those
// of worker threads, of processes, and of what else reaches the `unsafe` of addon/src/keep_alive.rs.
//
// Linux with glibc on x64, and a C compiler whose libasan is there. The Rust compiler need not be a nightly one.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, run, runNode } from './command.mjs';

const target = 'x86_64-unknown-linux-gnu';
const folder = join('.scratch', 'asan');
const specs = ['10', '12', '60', '61', '62', '63', '64', '65', '82'];

const given = process.argv.slice(2);
const parameters = given.length > 0 ? given : specs.map((number) => `__test__/${number}.*`);

// With a target, build scripts and macros are compiled without it.
runNode(
  [
    join(root, 'scripts', 'build.mjs'),
    ...['--debug', '--target', target, '--target-dir', join('target', 'asan')],
    ...['--output-dir', folder],
  ],
  {
    env: {
      ...process.env,
      RUSTC_BOOTSTRAP: '1',
      RUSTFLAGS: '-Zsanitizer=address -Cforce-frame-pointers=yes',
    },
  },
);

const runtime = run('cc', ['-print-file-name=libasan.so'], { stdio: 'pipe' }).trim();
const ava = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
const result = spawnSync(process.execPath, [ava, '--serial', '--timeout=5m', ...parameters], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    LD_PRELOAD: runtime,
    // What Node.js itself keeps until it ends is no leak of the addon.
    ASAN_OPTIONS: 'detect_leaks=0:detect_odr_violation=0',
    CODEBOLT_EVENTLOG_ADDON: join(root, folder, 'codebolt-eventlog.linux-x64-gnu.node'),
  },
});
process.exitCode = result.status ?? 1;
