#!/usr/bin/env bash
# charwise 3.0.1, an encoding of keys for Level that sorts texts, numbers and arrays of them
#
# Expected: `decode` gives the key that was given to `encode`.
# Instead: U+0000 within a text is written as U+0001, and U+0001 as two of them, and neither is undone by `decode`.
# Seen: 'a\0' is read back as 'a\x01', and 'a\x01' as 'a\x01\x01', within arrays as well. '!' and '"', which are escaped too, do come back.
# Here: a program that keeps an index of events with charwise, by ids of others, should look the events up by the value that it stores
# beside the key, not by what it reads from the key.
. "$(dirname "$0")/seen.sh"

install charwise@3.0.1
cat > keys.cjs << 'END_OF_PROGRAM'
const { decode, encode } = require('charwise');

for (const key of ['a\0', 'a\x01', ['order\x01', 7], ['a!"b']]) {
  console.log(`${JSON.stringify(key)} is read as ${JSON.stringify(decode(encode(key)))}`);
}
END_OF_PROGRAM
compare '"a\u0000" is read as "a\u0001"
"a\u0001" is read as "a\u0001\u0001"
["order\u0001",7] is read as ["order\u0001\u0001",7]
["a!\"b"] is read as ["a!\"b"]' "$(node keys.cjs)"
