#!/usr/bin/env bash
# avsc 5.7.9, Avro for JavaScript, which can infer the schema of a value
#
# Expected: the schema that `Type.forValue` infers of a number can hold it: Avro has `long` and `double`.
# Instead: a number that has no place in an `int` of 32 bits is a `float` of 32 bits, which has 24 bits for digits, unless it is 2^53 or more:
# then it is a `double`. Nothing is said when the number is written.
# Seen: a time in milliseconds comes back 40.448 seconds earlier, 2147483649 as 2147483648, 19.99 as 19.989999771118164.
# Here: a program that sends events on as Avro should write their schema by hand, or give `forValue` a `valueHook` that answers a double for each.
. "$(dirname "$0")/seen.sh"

install avsc@5.7.9
cat > infer.cjs << 'END_OF_PROGRAM'
const { Type } = require('avsc');

for (const value of [1769860800000, 2147483649, 19.99, 2 ** 53 + 2, 7]) {
  const type = Type.forValue({ value });
  const read = type.fromBuffer(type.toBuffer({ value }));
  console.log(`${value} as ${type.fields[0].type.typeName}: ${read.value}`);
}
END_OF_PROGRAM
compare '1769860800000 as float: 1769860759552
2147483649 as float: 2147483648
19.99 as float: 19.989999771118164
9007199254740994 as double: 9007199254740994
7 as int: 7' "$(node infer.cjs)"
