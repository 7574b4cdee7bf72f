#!/usr/bin/env bash
# cloudevents 2.2.0, the Python SDK of CloudEvents, in the binary mode of HTTP
#
# Expected: data of a JSON content type is the body as JSON, whatever JSON it is, and attributes have the text form that CloudEvents
# gives their type: a Boolean is `true` or `false`.
# Instead: it is so for objects. A list, `true` or `false` becomes what Python prints of it, under the same content type, and so does a
# Boolean attribute. Read again, by the same package, the list is a text; there is no error on either side.
# Seen: below, of events that the package itself has read in structured mode, where they are right: [null,true] leaves as [None, True],
# and ["a"] as ['a'].
# Here: the server answers such a body with 400, as it is no JSON. The page about CloudEvents says to send in structured mode from there.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check cloudevents==2.2.0
cat > relay.py << 'END_OF_PROGRAM'
import json

from cloudevents.core.bindings.http import HTTPMessage, from_binary_event, from_structured_event, to_binary_event

for data in ['{"a":null}', '[null,true]', '["a"]', 'false', '[1,2]']:
    attributes = '"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/json"'
    received = HTTPMessage(
        {'content-type': 'application/cloudevents+json'}, f'{{{attributes},"urgent":true,"data":{data}}}'.encode()
    )
    sent = to_binary_event(from_structured_event(received))
    read = json.dumps(from_binary_event(sent).get_data())
    print(f'{data} is sent as {sent.body.decode()} and read as {read}, urgent is {sent.headers["ce-urgent"]}')
END_OF_PROGRAM
compare '{"a":null} is sent as {"a": null} and read as {"a": null}, urgent is True
[null,true] is sent as [None, True] and read as "[None, True]", urgent is True
["a"] is sent as ['"'a'"'] and read as "['"'a'"']", urgent is True
false is sent as False and read as "False", urgent is True
[1,2] is sent as [1, 2] and read as [1, 2], urgent is True' "$(python/bin/python relay.py)"
