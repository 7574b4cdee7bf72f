// Runs the findings, or those whose names have one of the given words: `node findings/run.mjs [words]`.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const names = readdirSync(here).filter(
  (name) =>
    name.endsWith('.mjs') &&
    !['observe.mjs', 'run.mjs'].includes(name) &&
    (words.length === 0 || words.some((word) => name.includes(word))),
);
if (names.length === 0) {
  console.error(`expected a word of a finding's name, found ${words.join(' ')}`);
  process.exit(1);
}
const changed = names.filter((name) => {
  console.log(`--- ${name}`);
  return spawnSync(process.execPath, [join(here, name)], { stdio: 'inherit' }).status !== 0;
});
console.log(`\n${names.length - changed.length} as described, ${changed.length} changed`);
if (changed.length > 0) process.exitCode = 1;
