#!/usr/bin/env bash
# bloom-filters 3.0.4, its HyperLogLog
#
# Expected: with 16,384 registers, `accuracy()` says 0.8 %, so counts are within a few per cent of what was put in.
# Instead: until there are about two and a half times as many elements as registers, the count is about half of them. What the algorithm
# has for few elements (counting the registers that are still 0) gives half, too.
# Seen: 1,000 different elements are 507, 20,000 are 9,835, and 100,000 are 100,939.
# Here: `countDistinct` is exact. A program that estimates it by this library should try it with counts that it knows.
. "$(dirname "$0")/seen.sh"

install bloom-filters@3.0.4
cat > counts.cjs << 'END_OF_PROGRAM'
const { HyperLogLog } = require('bloom-filters');

for (const count of [1_000, 20_000, 100_000]) {
  const registers = new HyperLogLog(16_384);
  for (let number = 0; number < count; number++) registers.update(`user-${number}`);
  console.log(`${count}: ${registers.count(true)}, to ${registers.accuracy() * 100} %`);
}
END_OF_PROGRAM
compare '1000: 507, to 0.8125 %
20000: 9835, to 0.8125 %
100000: 100939, to 0.8125 %' "$(node counts.cjs)"
