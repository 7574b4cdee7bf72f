#!/usr/bin/env bash
# @automerge/automerge 3.5.0
#
# Expected: a number that is put into a document is that number in it, as each number of JavaScript has a place in the format: as an
# integer of 64 bits, or else as a double.
# Instead: a number without a fraction is always an integer, and one beyond 64 bits becomes the nearest that there is, without an error.
# What is read again is a BigInt, from 2^53 on, so that a document with such a number cannot be made JSON.
# Seen: 1.5e19, 1e21 and 1e300 are read as 9223372036854775807n, and -1e19 as -9223372036854775808n, before and after the document was
# saved. 2^53 is 9007199254740992n. 1e300 as a `Float64` stays.
# Here: numbers of payloads stay as they were given. A program that puts payloads into such documents should wrap each number that is no
# safe integer in `Float64`.
. "$(dirname "$0")/seen.sh"

install @automerge/automerge@3.5.0
cat > numbers.mjs << 'END_OF_PROGRAM'
import { change, Float64, from, load, save } from '@automerge/automerge';

for (const [name, value] of Object.entries({
  '1.5e19': 1.5e19,
  '-1e19': -1e19,
  '1e21': 1e21,
  '1e300': 1e300,
  '2^53': 2 ** 53,
  '0.5': 0.5,
  'Float64 of 1e300': new Float64(1e300),
})) {
  const document = change(from({ value: 0 }), (draft) => {
    draft.value = value;
  });
  const saved = load(save(document));
  console.log(`${name}: ${document.value}, a ${typeof document.value}, and saved ${saved.value}`);
}
END_OF_PROGRAM
compare '1.5e19: 9223372036854775807, a bigint, and saved 9223372036854775807
-1e19: -9223372036854775808, a bigint, and saved -9223372036854775808
1e21: 9223372036854775807, a bigint, and saved 9223372036854775807
1e300: 9223372036854775807, a bigint, and saved 9223372036854775807
2^53: 9007199254740992, a bigint, and saved 9007199254740992
0.5: 0.5, a number, and saved 0.5
Float64 of 1e300: 1e+300, a number, and saved 1e+300' "$(node numbers.mjs)"
