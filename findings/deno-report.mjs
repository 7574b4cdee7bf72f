// Deno 2.9.6 (npm: @deno/linux-x64-glibc@2.9.6)
//
// Expected: process.report.getReport(), which programs call to learn whether the C library is glibc or musl, says that
// without any permission: it is known when Deno is built. process.version and process.versions are there without one.
// Instead: it throws, since a report also counts the processors, for which `--allow-sys` is needed.
// Seen: "NotCapable: Requires sys access to "cpus", run again with the --allow-sys flag".
// Here: lib/addon/platform.js reads the head of the program first, and takes glibc where neither can be read.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { compare, folderWith, output } from './observe.mjs';

const folder = folderWith('@deno/linux-x64-glibc@2.9.6');
const deno = join(folder, 'node_modules/@deno/linux-x64-glibc/deno');
const program = `
  const has = (name) => Boolean(process.versions[name]);
  try {
    console.log(has('deno'), typeof process.report.getReport().header.glibcVersionRuntime);
  } catch (error) {
    console.log(has('deno'), error.name + ': ' + error.message);
  }
`;
writeFileSync(join(folder, 'program.cjs'), program);
const run = (...flags) => output(folder, deno, 'run', '--no-prompt', ...flags, 'program.cjs');

compare(
  {
    without: 'true NotCapable: Requires sys access to "cpus", run again with the --allow-sys flag',
    withSys: 'true string',
  },
  { without: run(), withSys: run('--allow-sys') },
);
