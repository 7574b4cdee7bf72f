#!/usr/bin/env bash
# @datadog/sketches-js 2.1.1, with protobufjs 7.6.6
#
# Expected: a sketch that is read back from its protobuf, and merged into another one, adds what it has to that one's sum and extremes,
# as a sketch does that was never written.
# Instead: sum and extremes are not in the protobuf, and the sketch that was read says 0, Infinity and -Infinity. Merged, it adds
# to the count alone, so that the sum divided by the count is no mean.
# Seen: 5 and a sketch of 1 to 1000 are 1001 values with the sum 500505 and at most 1000; once that one was written and read, with the sum 5 and
# at most 5. Its percentiles are right.
# Here: an average beside a `percentile` is an aggregate of its own. Whoever sends such sketches from several processes sends sums beside them.
. "$(dirname "$0")/seen.sh"

install @datadog/sketches-js@2.1.1 protobufjs@7.6.6
cat > sketches.cjs << 'END_OF_PROGRAM'
const { DDSketch } = require('@datadog/sketches-js');

const thousand = new DDSketch();
for (let number = 1; number <= 1_000; number++) thousand.accept(number);
for (const [way, other] of [
  ['as it is', thousand],
  ['read back', DDSketch.fromProto(thousand.toProto())],
]) {
  const merged = new DDSketch();
  merged.accept(5);
  merged.merge(other);
  const median = Math.round(merged.getValueAtQuantile(0.5) / 10) * 10;
  console.log(`${way}: ${merged.count} values, sum ${merged.sum}, at most ${merged.max}, median about ${median}`);
}
END_OF_PROGRAM
compare 'as it is: 1001 values, sum 500505, at most 1000, median about 500
read back: 1001 values, sum 5, at most 5, median about 500' "$(node sketches.cjs)"
