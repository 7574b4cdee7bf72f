#!/usr/bin/env bash
# bloom-filters 3.0.4, its BloomFilter
#
# Expected: `rate()` of a filter that holds as many elements as it was made for is the share of absent values that it takes for present
# ones: 1 %, for which it was made.
# Instead: it says 0.18 %, since it takes the number of bits that are set for that of the elements. Of absent values, 1 % are found.
# Seen: a rate of 0.18 %, where some 1,000 of 100,000 absent values are found.
# Here: `length` is that number of bits, too. A program that makes a new filter when the rate of one is too high makes it too late.
. "$(dirname "$0")/seen.sh"

install bloom-filters@3.0.4
cat > rate.cjs << 'END_OF_PROGRAM'
const { BloomFilter } = require('bloom-filters');

const filter = BloomFilter.create(1_000, 0.01);
for (let number = 0; number < 1_000; number++) filter.add(`here-${number}`);
let found = 0;
for (let number = 0; number < 100_000; number++) found += filter.has(`absent-${number}`);
console.log(`elements: ${filter.length}`);
console.log(`rate: ${(filter.rate() * 100).toFixed(2)} %`);
console.log(`found: ${(found / 1_000).toFixed(1)} %`);
END_OF_PROGRAM
compare 'elements: 4972
rate: 0.18 %
found: 1.0 %' "$(node rate.cjs)"
