// That a code is known in each place that has to know it, whichever side makes it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'ava';

import { CODES } from './support/response.mjs';

const require = createRequire(import.meta.url);
const { EXIT_CODES } = require('../lib/command-line/exit-codes.js');

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** Codes of what JavaScript alone can tell: the program's own function has thrown. */
const OF_JAVASCRIPT = ['APPLY_FAILED', 'EVENT_FAILED', 'INVALID_EVENT'];

const [, names] = read('src/error.rs').match(/fn as_str[^{]*\{\s*match self \{([^}]*)\}/);
const ofAddon = [...names.matchAll(/=> "([A-Z_]+)"/g)].map(([, code]) => code).toSorted();
const all = [...ofAddon, ...OF_JAVASCRIPT].toSorted();

test('the codes of the addon are those that responses may have', (t) => {
  t.true(ofAddon.length > 0);
  t.deepEqual(CODES.toSorted(), ofAddon);
});

test('every code is in the types, and no other', (t) => {
  const [, union] = read('index.d.ts').match(/export type EventLogErrorCode =([^;]*);/);
  t.deepEqual([...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code).toSorted(), all);
});

test('every code has its chapter, and no other', (t) => {
  const chapters = [...read('docs/errors.md').matchAll(/^## ([A-Z_]+)$/gm)];
  t.deepEqual(chapters.map(([, code]) => code).toSorted(), all);
});

test('every code has an exit code of its own', (t) => {
  const exitCodes = all.map((code) => EXIT_CODES[code]);
  t.true(exitCodes.every(Number.isInteger), JSON.stringify(exitCodes));
  t.is(new Set(Object.values(EXIT_CODES)).size, Object.keys(EXIT_CODES).length);
});
