#!/usr/bin/env bash
# fast-redact 3.5.0, which leaves out parts of what is logged
#
# Expected: the object that is logged is afterwards what it was: it is changed for the time of writing, and put back.
# Instead: where a path lies within another one and stands before it in the list, what it names stays redacted in the object itself.
# With the two in the other order all is put back. The text is the same both times.
# Seen: with `['user.email', 'user']`, the e-mail address of the program's own object is '[REDACTED]' from then on, and `restore`
# does not help.
# Here: a program that redacts an event before it appends it should give a copy away (`structuredClone`), or check its list of paths.
. "$(dirname "$0")/seen.sh"

install fast-redact@3.5.0
cat > redact.cjs << 'END_OF_PROGRAM'
const fastRedact = require('fast-redact');

for (const paths of [['user', 'user.email'], ['user.email', 'user']]) {
  const event = { user: { email: 'ada@example.com' } };
  const text = fastRedact({ paths })(event);
  console.log(`${paths.join(', ')}: ${text}, and the object is ${JSON.stringify(event)}`);
}
END_OF_PROGRAM
compare 'user, user.email: {"user":"[REDACTED]"}, and the object is {"user":{"email":"ada@example.com"}}
user.email, user: {"user":"[REDACTED]"}, and the object is {"user":{"email":"[REDACTED]"}}' "$(node redact.cjs)"
