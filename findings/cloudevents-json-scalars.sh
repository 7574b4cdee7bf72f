#!/usr/bin/env bash
# cloudevents 10.0.0, the JavaScript SDK of CloudEvents, when it reads the binary mode of HTTP
#
# Expected: a body with the content type application/json is the event's data as that JSON says.
# Instead: it is so for objects, and a body that is a number, a boolean or null becomes a string of its letters.
# Seen: the body `12` is read as the string "12", `true` as "true", `null` as "null", and `{"a":1}` as an object.
# Here: this project reads each as JSON; its cases beside the SDK compare objects in this mode.
. "$(dirname "$0")/seen.sh"

install cloudevents@10.0.0
cat > scalars.mjs << 'END_OF_PROGRAM'
import { HTTP } from 'cloudevents';

const headers = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': '/s',
  'ce-type': 't',
};
for (const body of ['12', 'true', 'null', '{"a":1}']) {
  console.log(body, 'is read as', JSON.stringify(HTTP.toEvent({ headers, body }).data));
}
END_OF_PROGRAM
compare '12 is read as "12"
true is read as "true"
null is read as "null"
{"a":1} is read as {"a":1}' "$(node scalars.mjs)"
