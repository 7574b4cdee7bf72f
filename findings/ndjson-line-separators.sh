#!/usr/bin/env bash
# ndjson 0.3.1, a Python package that reads and writes JSON Lines
#
# Expected: a line ends with a line feed, and what it has written it reads again.
# Instead: it splits its text with Python's `splitlines`, which also splits at U+2028, U+2029 and U+0085, and joins the parts with
# commas before it parses them. Within a JSON string these characters may stand as they are, as JSON.stringify writes U+2028. So
# each becomes a comma, without an error.
# Seen: the text "Main Street<U+2028>Oslo" is read as "Main Street,Oslo", and so with the others. Other characters stay.
# Here: a line of an export ends with a line feed and nothing else, and such characters of texts stand in it as they were stored. So
# exports are not to be read with this package.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check ndjson==0.3.1
cat > lines.py << 'END_OF_PROGRAM'
import json
import ndjson

for separator in '\u2028', '\u2029', '\u0085', '\u00a0':
    written = ndjson.dumps([{'address': f'Main Street{separator}Oslo'}], ensure_ascii=False)
    [read] = ndjson.loads(written)
    alone = json.loads(written)
    print(f'U+{ord(separator):04X}: {ascii(read["address"])}, and by json {ascii(alone["address"])}')
END_OF_PROGRAM
compare "U+2028: 'Main Street,Oslo', and by json 'Main Street\\u2028Oslo'
U+2029: 'Main Street,Oslo', and by json 'Main Street\\u2029Oslo'
U+0085: 'Main Street,Oslo', and by json 'Main Street\\x85Oslo'
U+00A0: 'Main Street\\xa0Oslo', and by json 'Main Street\\xa0Oslo'" "$(python/bin/python lines.py)"
