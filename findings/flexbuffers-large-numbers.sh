#!/usr/bin/env bash
# flatbuffers 25.9.23, FlexBuffers in JavaScript: a binary form of JSON-like values without a schema
#
# Expected: a number is read back as the same number, or refused.
# Instead: whatever has no fraction is written as an integer of 64 bits, and of what has no place in one the lower bits are kept.
# From 2^53 on the result is a BigInt.
# Seen: 1e300 and 2^64 are read as 0n, 2^63 as its negative, 1e19 as -8446744073709551616n. 1.5 and 0.1 stay.
# Here: a program that keeps payloads of events in FlexBuffers should look at numbers beforehand.
. "$(dirname "$0")/seen.sh"

install flatbuffers@25.9.23
cat > numbers.mjs << 'END_OF_PROGRAM'
import { encode, toObject } from 'flatbuffers/js/flexbuffers.js';

for (const number of [0.1, 2 ** 63, 1e19, 2 ** 64, 1e300]) {
  const found = toObject(encode({ number }).buffer).number;
  console.log(`${number} is read as ${found}, a ${typeof found}`);
}
END_OF_PROGRAM
compare '0.1 is read as 0.1, a number
9223372036854776000 is read as -9223372036854775808, a bigint
10000000000000000000 is read as -8446744073709551616, a bigint
18446744073709552000 is read as 0, a bigint
1e+300 is read as 0, a bigint' "$(node numbers.mjs)"
