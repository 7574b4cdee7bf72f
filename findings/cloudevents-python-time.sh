#!/usr/bin/env bash
# cloudevents 2.2.0, the Python SDK of CloudEvents
#
# Expected: an event that is read has the attributes that it came with. `time` is an optional one, of "when the occurrence happened".
# Instead: an event without it gets the time at which it is read, which cannot be told from one that came along. Read twice, or by two
# receivers, the same event has two times; and who passes it on sends that time to all others.
# Seen: an event without a time is read twice in each mode, and has another time each time. Written again, it has a `time`.
# Here: an event that came without `time` is given out without it. What is delivered twice is stored once, and the second delivery is
# refused (`IDEMPOTENCY_MISMATCH`) if it differs, as it does behind such a receiver. The page about CloudEvents says so.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check cloudevents==2.2.0
cat > read.py << 'END_OF_PROGRAM'
import json
from time import sleep

from cloudevents.core.bindings.http import HTTPMessage, from_http_event, to_structured_event

attributes = {'specversion': '1.0', 'id': '1', 'source': '/s', 'type': 't'}
messages = {
    'structured': HTTPMessage({'content-type': 'application/cloudevents+json'}, json.dumps(attributes).encode()),
    'binary': HTTPMessage({f'ce-{name}': value for name, value in attributes.items()}, b''),
}
for mode, message in messages.items():
    times = []
    for _ in range(2):
        written = json.loads(to_structured_event(from_http_event(message)).body)
        times.append(written.pop('time', None))
        sleep(0.01)
    print(f'{mode}: has a time {None not in times}, the same one {times[0] == times[1]}, else as it came {written == attributes}')
END_OF_PROGRAM
compare 'structured: has a time True, the same one False, else as it came True
binary: has a time True, the same one False, else as it came True' "$(python/bin/python read.py)"
