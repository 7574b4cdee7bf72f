// The methods of a log are those that its types have, and those that the addon knows.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import test from 'ava';

import { openLog } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const native = require('../lib/native.js');
const { CALLED, ...rows } = require('../lib/methods.js');

test('a log has the methods that its types say', async (t) => {
  const log = await openLog(t);
  const types = await readFile(new URL('../index.d.ts', import.meta.url), 'utf8');
  const declared = new Set();
  for (const [text] of types.matchAll(
    /^export (?:declare class|interface) EventLog \{\n.*?^\}/gms,
  )) {
    for (const [, name] of text.matchAll(/^ {2}(\w+)(?:<.*>)?\(/gm)) declared.add(name);
  }
  const expected = [...declared].filter((name) => name !== 'constructor').sort();
  t.true(expected.length > 20);
  t.deepEqual(Object.keys(log).sort(), expected);
  for (const name of expected) t.is(log[name].name, name);
});

test('each method of the addon has a row in JavaScript', (t) => {
  const numbered = [...CALLED, ...Object.values(rows)].filter(({ number }) => number !== undefined);
  const names = numbered
    .toSorted((one, other) => one.number - other.number)
    .map(({ name }) => name);
  t.deepEqual(names, native.methodNames());
});

test('a method that is called in the way of another is refused', (t) => {
  const number = (name) => native.methodNames().indexOf(name);
  t.throws(() => native.createReading(number('verify'), '{}'), {
    message: /verify is called in another way/,
  });
  t.throws(() => native.createExport(number('readAll'), '{}'), { message: /readAll is called in/ });
  t.throws(() => native.createImport(number('exportEvents')), {
    message: /exportEvents is called/,
  });
  t.throws(() => native.createReading(99, '{}'), { message: /there is no method 99/ });
});
