#!/usr/bin/env bash
# @msgpack/msgpack 3.1.3
#
# Expected: with `useBigInt64: true`, a BigInt that has no place in 64 bits is refused, as MessagePack has no larger integers; it is the
# option for who must not lose digits.
# Instead: what is left of it in 64 bits is written, without an error. A negative one below -2^63 becomes a positive one.
# Seen: 2^64 is read again as 0, 2^64 + 1 as 1, and -2^63 - 1 as 2^63 - 1. msgpackr 2.1.3 refuses all three.
# Here: a BigInt in a payload is refused (`INVALID_ARGUMENT`), whatever it is. Bytes of such a package that are stored as base64
# are not looked into.
. "$(dirname "$0")/seen.sh"

install @msgpack/msgpack@3.1.3 msgpackr@2.1.3
cat > wrap.mjs << 'END_OF_PROGRAM'
import { decode, encode } from '@msgpack/msgpack';
import { pack } from 'msgpackr';

const options = { useBigInt64: true };
for (const number of [2n ** 64n - 1n, 2n ** 64n, 2n ** 64n + 1n, -(2n ** 63n) - 1n]) {
  let other = 'takes it';
  try {
    pack(number);
  } catch {
    other = 'refuses it';
  }
  console.log(`${number}: ${decode(encode(number, options), options)}, msgpackr ${other}`);
}
END_OF_PROGRAM
compare '18446744073709551615: 18446744073709551615, msgpackr takes it
18446744073709551616: 0, msgpackr refuses it
18446744073709551617: 1, msgpackr refuses it
-9223372036854775809: 9223372036854775807, msgpackr refuses it' "$(node wrap.mjs)"
