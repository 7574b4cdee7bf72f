#!/usr/bin/env bash
# ulid 3.0.2, ids that sort by their time
#
# Expected: `ulid(time)` gives an id of that time, in milliseconds since 1970, 0 among them: an id of 0 is where a range of ids begins.
# Instead: 0 counts as no time, and the id is of now; with `monotonicFactory` as well. 1 is 1.
# Seen: `decodeTime(ulid(0))` is more than 1.7e12, `decodeTime(ulid(1))` is 1.
# Here: a program that looks for the events "from the beginning on" by an id of ulid should write the least id by itself, 26 zeros.
. "$(dirname "$0")/seen.sh"

install ulid@3.0.2
cat > ids.cjs << 'END_OF_PROGRAM'
const { decodeTime, monotonicFactory, ulid } = require('ulid');

const told = (time) => (time > 1.7e12 ? 'now' : String(time));
for (const time of [0, 1]) {
  const times = [ulid(time), monotonicFactory()(time)].map(decodeTime);
  console.log(`an id of ${time} is of ${times.map(told).join(' and ')}`);
}
END_OF_PROGRAM
compare 'an id of 0 is of now and now
an id of 1 is of 1 and 1' "$(node ids.cjs)"
