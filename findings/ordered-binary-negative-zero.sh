#!/usr/bin/env bash
# ordered-binary 1.6.3, which makes the keys of lmdb, as of lmdb 3.5.6
#
# Expected: -0 as a key is that of 0, to which it is equal, or at least a key between the negative and the positive numbers.
# Instead: its key comes after those of all numbers, and is read as an array of an odd text and `null`.
# Seen: in a database of lmdb, the value stored with -0 is listed last, after that of 1e300, under ['\u0018', null]; a range of keys from
# -1 to 1 does not have it.
# Here: a program that keeps an index beside the log, with lmdb, by a number of its payloads should add 0 to it first: -0 + 0 is 0.
. "$(dirname "$0")/seen.sh"

install lmdb@3.5.6 ordered-binary@1.6.3
cat > keys.cjs << 'END_OF_PROGRAM'
const { toBufferKey, fromBufferKey } = require('ordered-binary');
const { open } = require('lmdb');

for (const number of [-1, -0, 0, 1]) {
  const key = toBufferKey(number);
  console.log(Object.is(number, -0) ? '-0' : number, key.toString('hex'), JSON.stringify(fromBufferKey(key)));
}
const database = open({ path: 'index' });
(async () => {
  for (const number of [-1, -0, 0, 1, 1e300]) await database.put(number, Object.is(number, -0) ? '-0' : String(number));
  console.log([...database.getRange()].map(({ value }) => value).join(' '));
  console.log([...database.getRange({ start: -1, end: 2 })].map(({ value }) => value).join(' '));
  await database.close();
})();
END_OF_PROGRAM
compare '-1 0c00fffffffffffff0 -1
-0 18000000 ["\u0018",null]
0 10000000 0
1 13ff0000 1
-1 0 1 1e+300 -0
-1 0 1' "$(node keys.cjs)"
