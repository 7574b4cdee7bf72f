#!/usr/bin/env bash
# cel-js 0.8.2, cel-python 0.5.0 and @marcbachmann/cel-js 8.0.0, which evaluate the Common Expression Language
#
# Expected: an expression has the value that the language's definition gives it: escapes in texts are the characters that they stand for,
# integers divide to integers, are exact to 64 bits, and `true` is text as "true".
# Instead: cel-js keeps escapes as they are written, and computes with the numbers of JavaScript. cel-python writes `True`, drops
# fractions of a second when it writes a time, and takes a Boolean for 1, if it stands on the left.
# Seen: below, each expression with what the three make of it. The third one has the values of the definition, or refuses.
# Here: filters of the log are conditions in JSON, or a function. Who picks events by an expression of this language gets others with one
# of these packages than with another.
. "$(dirname "$0")/seen.sh"

install cel-js@0.8.2 @marcbachmann/cel-js@8.0.0
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check cel-python==0.5.0
cat > expressions.txt << 'END_OF_EXPRESSIONS'
'a\tb' == "a	b"
size('\u00e9')
5 / 2 == 2
9007199254740993 == 9007199254740992
string(true)
string(timestamp('2026-01-31T12:00:00.5Z'))
sold == 1
END_OF_EXPRESSIONS
cat > evaluate.mjs << 'END_OF_PROGRAM'
import { readFileSync } from 'node:fs';

const { evaluate } = await import(process.argv[2]);
for (const expression of readFileSync('expressions.txt', 'utf8').trim().split('\n')) {
  let value;
  try {
    value = `${evaluate(expression, { sold: true })}`;
  } catch {
    value = 'refused';
  }
  console.log(value);
}
END_OF_PROGRAM
cat > evaluate.py << 'END_OF_PROGRAM'
import celpy

with open('expressions.txt') as lines:
    for line in lines:
        environment = celpy.Environment()
        program = environment.program(environment.compile(line.rstrip('\n')))
        try:
            value = program.evaluate({'sold': celpy.json_to_cel(True)})
            print(str(bool(value)).lower() if isinstance(value, celpy.celtypes.BoolType) else value)
        except celpy.CELEvalError:
            print('refused')
END_OF_PROGRAM
node evaluate.mjs cel-js > one.txt
python/bin/python evaluate.py > two.txt
node evaluate.mjs @marcbachmann/cel-js > three.txt
compare "$(cat << 'END_OF_OUTPUT'
'a\tb' == "a	b"|false|true|true
size('\u00e9')|6|1|1
5 / 2 == 2|false|true|true
9007199254740993 == 9007199254740992|true|false|false
string(true)|refused|True|true
string(timestamp('2026-01-31T12:00:00.5Z'))|refused|2026-01-31T12:00:00Z|refused
sold == 1|false|true|false
END_OF_OUTPUT
)" "$(paste -d '|' expressions.txt one.txt two.txt three.txt)"
