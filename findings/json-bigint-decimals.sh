#!/usr/bin/env bash
# json-bigint 1.0.0
#
# Expected: with `useNativeBigInt: true`, integers that a number cannot keep become BigInts, and everything else is read as by JSON.parse.
# Instead: how long the text of a number is decides. One of more than 15 characters becomes a BigInt, also an integer that a number keeps;
# and if it is no integer, the whole text is refused, with the SyntaxError of BigInt.
# Seen: {"share":0.3333333333333333}, which is what JSON.stringify makes of 1/3, cannot be read; 1234567890123456 is a BigInt, and
# 123456789012345 a number.
# Here: numbers are kept as text where they are stored, and `jsonl` gives that text. To read it with this package fails at the first
# third.
. "$(dirname "$0")/seen.sh"

install json-bigint@1.0.0
cat > decimals.cjs << 'END_OF_PROGRAM'
const { parse } = require('json-bigint')({ useNativeBigInt: true });

for (const number of [123456789012345, 1234567890123456, 0.25, 1 / 3]) {
  const text = JSON.stringify({ share: number });
  try {
    console.log(`${text}: ${typeof parse(text).share}`);
  } catch (error) {
    console.log(`${text}: ${error.name}: ${error.message}`);
  }
}
END_OF_PROGRAM
compare '{"share":123456789012345}: number
{"share":1234567890123456}: bigint
{"share":0.25}: number
{"share":0.3333333333333333}: SyntaxError: Cannot convert 0.3333333333333333 to a BigInt' "$(node decimals.cjs)"
