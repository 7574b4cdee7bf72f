// Runs the package in every runtime, with every bundler and with every package manager that can be had here: packed as it
// is published, and installed as from the registry.
//
//     node scripts/check-runtimes/run.mjs [--quick] [words]
//
// With `--quick` it runs those that are run for each change, and with words those whose names have one of them.
// The addon has to be built before. Linux with glibc on x64 is needed.

import { parseArgs } from 'node:util';

import { bundlers } from './bundlers.mjs';
import { managers } from './managers.mjs';
import { Failure, Place } from './place.mjs';
import { runtimes } from './runtimes.mjs';

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const words = positionals.map((word) => word.toLowerCase());
const chosen = [...runtimes, ...bundlers, ...managers].filter(
  ({ name, quick }) =>
    (quick || !values.quick) &&
    (words.length === 0 || words.some((word) => name.toLowerCase().includes(word))),
);
if (chosen.length === 0) {
  console.error(`expected a word that the name of a check has, found ${positionals.join(' ')}`);
  process.exit(1);
}

const place = new Place();
process.on('exit', () => place.end());
await place.start();
let failures = 0;
for (const { name, run } of chosen) {
  const start = performance.now();
  try {
    await run(place);
    console.log(`passed  ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  ${name}\n${error instanceof Failure ? error.message : error.stack}\n`);
  }
}
place.end();
console.log(`\n${chosen.length - failures} passed, ${failures} failed`);
if (failures > 0) process.exitCode = 1;
