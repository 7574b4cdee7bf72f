#!/usr/bin/env bash
# jmespath 0.16.0 (npm) and jmespath 1.1.0 (Python), two implementations of the query language JMESPath
#
# Expected: both have the values of its specification: `to_number` makes numbers of texts that are JSON numbers, and null of others; order is
# known between numbers only, else a comparison is null; `length` counts code points; a Boolean equals no number.
# Instead: the one for JavaScript makes 0 of an empty text and 16 of "0x10", has texts in an order with numbers, and counts UTF-16 units.
# The one for Python throws a TypeError where texts and numbers are compared, and takes `true` for 1 in lists. Both make infinity of
# "Infinity".
# Seen: below, what the two make of each expression.
# Here: a condition of a query has one meaning: a text is never more or less than a number, and `true` is not 1. Who filters what the log
# has answered with such an expression gets other events in a service in Python than in one for Node.js.
. "$(dirname "$0")/seen.sh"

install jmespath@0.16.0
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check jmespath==1.1.0
cat > expressions.json << 'END_OF_EXPRESSIONS'
[
  ["to_number('')", {}],
  ["to_number('0x10')", {}],
  ["to_number('Infinity') > `0`", {}],
  ["[?amount < `10`]", [{ "amount": "9" }]],
  ["length(@)", "\ud83d\ude00"],
  ["list == `[1]`", { "list": [true] }],
  ["contains(@, `1`)", [true]]
]
END_OF_EXPRESSIONS
cat > search.cjs << 'END_OF_PROGRAM'
const { search } = require('jmespath');
for (const [expression, data] of require('./expressions.json')) console.log(JSON.stringify(search(data, expression)));
END_OF_PROGRAM
cat > search.py << 'END_OF_PROGRAM'
import json

import jmespath

with open('expressions.json') as file:
    for expression, data in json.load(file):
        try:
            print(json.dumps(jmespath.search(expression, data), separators=(',', ':')))
        except TypeError:
            print('TypeError')
END_OF_PROGRAM
node search.cjs > one.txt
python/bin/python search.py > two.txt
compare '0 null
16 null
true true
[{"amount":"9"}] TypeError
2 1
false true
false true' "$(paste -d ' ' one.txt two.txt)"
