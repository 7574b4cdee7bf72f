// Builds the addon and the types `index.d.ts`.
//
//     node scripts/build.mjs [--debug] [--output-dir <folder>] [parameters for `napi build`]

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root, runNode } from './command.mjs';

const napi = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
const given = process.argv.slice(2);
const parameters = given.filter((parameter) => parameter !== '--debug');
if (!given.includes('--debug')) parameters.unshift('--release');

runNode([napi, 'build', '--platform', '--no-js', '--dts', 'index.d.ts', ...parameters]);
describeEntry(join(outputFolder(), 'index.d.ts'));

/** @returns {string} Where the build has put its files. */
function outputFolder() {
  const at = given.indexOf('--output-dir');
  return at === -1 ? root : resolve(root, given[at + 1]);
}

/**
 * Makes the types say what `index.js` exports, where that is less than what the addon's loader
 * exports: nothing of the loader's own, and no constructor, since a log is made by `EventLog.open`.
 *
 * @param {string} path - The generated types.
 */
function describeEntry(path) {
  const classHead = /export declare class EventLog {\n/g;
  let types = readFileSync(path, 'utf8');
  types = replaceOnce(types, classHead, '$&  private constructor()\n', path);
  writeFileSync(path, types);
}

/**
 * @param {string} text - A text.
 * @param {RegExp} pattern - What it has to hold exactly once.
 * @param {string} replacement - What to put there.
 * @param {string} path - The file that the text is from.
 * @returns {string} The text with the replacement.
 */
function replaceOnce(text, pattern, replacement, path) {
  const found = text.match(pattern)?.length ?? 0;
  if (found !== 1) {
    console.error(`${path}: expected one match of ${pattern}, found ${found}`);
    process.exit(1);
  }
  return text.replace(pattern, replacement);
}
