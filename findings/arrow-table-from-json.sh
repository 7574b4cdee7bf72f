#!/usr/bin/env bash
# apache-arrow 21.2.0, the implementation of Arrow in JavaScript
#
# Expected: `tableFromJSON` makes columns that keep all values, or refuses rows whose values have no type in common.
# Instead: the first value of a column decides its type, and all others become that, without an error: texts among numbers become NaN,
# numbers among booleans true, members that the first object lacks are gone, and a BigInt above 2^63 - 1 becomes a negative one.
# Seen: [{ v: 1 }, { v: 'many' }] is read again as 1 and NaN (which JSON has as null), [{ v: true }, { v: 5 }] as true and true,
# [{ v: { a: 1 } }, { v: { a: 2, b: 3 } }] without b, and [{ v: 1n }, { v: 2n ** 63n }] as 1 and -9223372036854775808.
# Here: packages/analysis does not guess: a column of an export has the type that was asked for, and a value of another type ends the
# export with an error.
. "$(dirname "$0")/seen.sh"

install apache-arrow@21.2.0
cat > table.mjs << 'END_OF_PROGRAM'
import { tableFromJSON } from 'apache-arrow';

const shown = (value) => (typeof value === 'bigint' ? `${value}n` : JSON.stringify(value));
for (const values of [[1, 'many'], [true, 5], [{ a: 1 }, { a: 2, b: 3 }], [1n, 2n ** 63n]]) {
  const table = tableFromJSON(values.map((v) => ({ v })));
  const found = table.toArray().map((row) => row.toJSON().v);
  console.log(`${values.map(shown).join(' and ')}: ${found.map(shown).join(' and ')}`);
}
END_OF_PROGRAM
compare '1 and "many": 1 and null
true and 5: true and true
{"a":1} and {"a":2,"b":3}: {"a":1} and {"a":2}
1n and 9223372036854775808n: 1n and -9223372036854775808n' "$(node table.mjs)"
