// Columns of fields find what `JSON.parse` would find, in texts of any shape.

import { createRequire } from 'node:module';

import test from 'ava';
import fc from 'fast-check';

const { Paths } = createRequire(import.meta.url)('../lib/transfer/paths.js');

const KEYS = ['a', 'b', '', '0', '1', 'ö"\\', '__proto__', 'a b'];
const key = fc.constantFrom(...KEYS);

/** JSON texts, in which a key may stand twice, with blanks between their parts. */
const blank = fc.constantFrom('', ' ', '\n\t', '\r ');
const { text: anyText } = fc.letrec((tie) => ({
  scalar: fc.oneof(
    fc.constantFrom('null', 'true', '0', '-1.50', '9007199254740993', '1e-7', '""', '"}]\\\\"'),
    fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value)),
  ),
  array: fc
    .array(fc.tuple(blank, tie('text'), blank), { maxLength: 4 })
    .map((parts) => `[${parts.map((part) => part.join('')).join(',')}]`),
  object: fc
    .array(fc.tuple(blank, key, blank, tie('text'), blank), { maxLength: 4 })
    .map((members) => {
      const written = members.map(
        ([before, name, between, value, after]) =>
          `${before}${JSON.stringify(name)}${between}:${between}${value}${after}`,
      );
      return `{${written.join(',')}}`;
    }),
  text: fc.oneof({ maxDepth: 4 }, tie('scalar'), tie('array'), tie('object')),
}));

/** What is at a path of a value; `undefined` if there is nothing. */
function at(value, keys) {
  let found = value;
  for (const each of keys) {
    const isIndex = /^(?:0|[1-9]\d*)$/.test(each);
    if (typeof found !== 'object' || found === null) return undefined;
    if (Array.isArray(found) ? !isIndex : !Object.hasOwn(found, each)) return undefined;
    found = found[each];
  }
  return found;
}

test('several paths are found in one walk, each where JSON.parse has it', (t) => {
  const paths = fc.array(fc.array(key, { maxLength: 3 }), { maxLength: 5 });
  fc.assert(
    fc.property(anyText, paths, (text, wanted) => {
      const found = [];
      new Paths(wanted).find(text, found);
      const value = JSON.parse(text);
      for (const [number, keys] of wanted.entries()) {
        const expected = at(value, keys);
        const written = found[number];
        t.is(written === undefined, expected === undefined, `${text} ${keys}`);
        if (written !== undefined) t.deepEqual(JSON.parse(written), expected, `${text} ${keys}`);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a number is found as it is written', (t) => {
  const found = [];
  const text = '{"a":[1.50,9007199254740993,{"b":-0.0}],"a ":2}';
  new Paths([['a', '0'], undefined, ['a', '1'], ['a', '2', 'b'], ['a', '3']]).find(text, found);
  t.deepEqual(found, ['1.50', undefined, '9007199254740993', '-0.0', undefined]);
});
