#!/usr/bin/env bash
# zipson 0.2.12, which writes JSON shorter
#
# Expected: with `fullPrecisionFloats: true`, "in order to retain full floating point precision", a number is read as it was written.
# Instead: a small one that JavaScript writes as a digit and an exponent loses the exponent, without an error, so that 1e-7 is 1. Integers
# from 2^53 on are others, too.
# Seen: 3e-8 is read as 3, -2e-10 as -2, 2^53 as 2^53 - 1; 1.5e-7 stays. Without the option, fractions end after the third digit, as the
# package says.
# Here: exports have each number as it was given, and are compressed as bytes. Payloads that are put away with this package have to be
# compared with what is read again.
. "$(dirname "$0")/seen.sh"

install zipson@0.2.12
cat > numbers.cjs << 'END_OF_PROGRAM'
const { parse, stringify } = require('zipson');

for (const value of [3e-8, -2e-10, 1.5e-7, 0.000001, 19.99, 2 ** 53]) {
  console.log(`${value}: ${parse(stringify(value, { fullPrecisionFloats: true }))}`);
}
END_OF_PROGRAM
compare '3e-8: 3
-2e-10: -2
1.5e-7: 1.5e-7
0.000001: 0.000001
19.99: 19.99
9007199254740992: 9007199254740991' "$(node numbers.cjs)"
