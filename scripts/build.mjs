// Builds the addon.
//
//     node scripts/build.mjs [--debug] [--output-dir <folder>] [parameters for `napi build`]

import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root, runNode } from './command.mjs';

const napi = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
const given = process.argv.slice(2);
const folder = outputFolder();
const parameters = given.filter((parameter) => parameter !== '--debug');
if (!given.includes('--output-dir')) parameters.unshift('--output-dir', '.');
if (!given.includes('--debug')) parameters.unshift('--release');

// The types of the addon are nobody's: programs see those of index.d.ts.
const types = 'native.d.ts';
const crate = [
  '--manifest-path',
  join('addon', 'Cargo.toml'),
  '--package-json-path',
  'package.json',
];
runNode([napi, 'build', ...crate, '--platform', '--no-js', '--dts', types, ...parameters]);
rmSync(join(folder, types));

/** @returns {string} Where the build has put its files. */
function outputFolder() {
  const at = given.indexOf('--output-dir');
  return at === -1 ? root : resolve(root, given[at + 1]);
}
