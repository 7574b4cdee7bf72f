#!/usr/bin/env bash
# flatbuffers 25.9.23, FlexBuffers in JavaScript: a binary form of JSON-like values without a schema
#
# Expected: `toObject` gives what was given to `encode`.
# Instead: an array of four or more numbers, or of four or more texts, is written as a vector of one type, and reading it is an error: the
# types of its elements are looked for behind them, where such a vector has none. Three elements, and arrays of arrays, can be read.
# Seen: [1,2,3] comes back; [1,2,3,4] is a RangeError.
# Here: a program that keeps payloads of events in FlexBuffers can read arrays back by `toReference` and `get` alone.
. "$(dirname "$0")/seen.sh"

install flatbuffers@25.9.23
cat > arrays.mjs << 'END_OF_PROGRAM'
import { encode, toObject, toReference } from 'flatbuffers/js/flexbuffers.js';

for (const array of [[1, 2, 3], [1, 2, 3, 4], ['a', 'b', 'c', 'd'], [[1], [2], [3], [4]]]) {
  const { buffer } = encode(array);
  const reference = toReference(buffer);
  try {
    console.log(`${JSON.stringify(array)}: ${JSON.stringify(toObject(buffer))}`);
  } catch (error) {
    console.log(`${JSON.stringify(array)}: ${error.name}, with ${reference.length()} elements there`);
  }
}
END_OF_PROGRAM
compare '[1,2,3]: [1,2,3]
[1,2,3,4]: RangeError, with 4 elements there
["a","b","c","d"]: RangeError, with 4 elements there
[[1],[2],[3],[4]]: [[1],[2],[3],[4]]' "$(node arrays.mjs)"
