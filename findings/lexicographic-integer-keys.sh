#!/usr/bin/env bash
# lexicographic-integer 1.1.0, which makes keys of whole numbers that sort as the numbers do, also within
# lexicographic-integer-encoding 1.0.1, for Level
#
# Expected: two safe integers have two keys, and `unpack` gives the number that was packed.
# Instead: a little above 2^44 it begins that neighbours have the same key, without an error, since a key has at most the first 44 bits of
# the number. From there on, `unpack` gives another number.
# Seen: of times in microseconds since 1970, 123 in a row have one key, so that of two events within that time the second
# takes the place of the first. Times in milliseconds have keys of their own.
# Here: an index that a program keeps beside the log, by times, should have keys of another kind. The log's own keys have all 64 bits of a
# position.
. "$(dirname "$0")/seen.sh"

install lexicographic-integer@1.1.0
cat > keys.cjs << 'END_OF_PROGRAM'
const { pack, unpack } = require('lexicographic-integer');

const milliseconds = Date.parse('2026-01-31T12:00:00Z');
for (const number of [milliseconds, milliseconds * 1000, 2 ** 52]) {
  const key = pack(number, 'hex');
  let same = 1;
  while (pack(number + same, 'hex') === key) same += 1;
  console.log(`${number}: ${same} with the key ${key}, unpacked ${unpack(key)}`);
}
END_OF_PROGRAM
compare '1769860800000: 1 with the key ff080ce09f64e828, unpacked 1769860800000
1769860800000000: 123 with the key ff120c935ba8925e, unpacked 1769860799999995
4503599627370496: 224 with the key ff130fffffffffff, unpacked 4503599627370491' "$(node keys.cjs)"
