// Every test, from a fresh clone: set-up, Rust, ava, Jest, types, examples. Stops at the first that
// fails, with its exit code.

import { join } from 'node:path';
import { root, runNode, runNpm } from './command.mjs';

const suites = ['test:rust', 'test:ava', 'test:jest', 'test:types', 'test:examples'];

heading('Set-up');
runNode([join(root, 'scripts', 'setup.mjs')]);
for (const suite of suites) {
  heading(suite);
  runNpm(['run', '--silent', suite]);
}
console.log('\nAll tests passed');

/** @param {string} text - What comes next. */
function heading(text) {
  console.log(`\n=== ${text}`);
}
