// What is known at a look to be the text that JSON.stringify writes.

import fc from 'fast-check';
import test from 'ava';

import { isStringified } from '../index.mjs';

test('what isStringified takes for the text of JSON.stringify is that', (t) => {
  const odd = fc.oneof(
    fc.json({ maxDepth: 4, stringUnit: 'binary' }),
    fc.json().map((text) => text.replace(/[,:[\]{}]/, ' $&')),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.constantFrom(
      '1e21',
      '1e+21',
      '0.000001',
      '1e-7',
      '0.0000001',
      '-0',
      '123456789012345680000',
      '"\\u2028"',
      '{"a":1,"a":1}',
      '{"0":1}',
    ),
    fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0a1.e- ') }),
  );
  const property = fc.property(odd, (text) => {
    if (!isStringified(text)) return;
    t.is(JSON.stringify(JSON.parse(text)), text);
    t.true(isStringified(Buffer.from(text)));
  });
  fc.assert(property, { numRuns: 3000 });
  // And most of it is known.
  const value = fc.property(
    fc.object({
      key: fc.string().map((key) => `k${key}`),
      values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)],
    }),
    (object) => {
      t.true(isStringified(JSON.stringify(object)), JSON.stringify(object));
    },
  );
  fc.assert(value);
  t.throws(() => isStringified(7), { code: 'INVALID_ARGUMENT' });
});
