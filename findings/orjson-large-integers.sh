#!/usr/bin/env bash
# orjson 3.13.0, a Python package for JSON
#
# Expected: an integer is read as Python's `int`, which has any number of digits, as the module `json` reads it; or it is refused, as
# orjson refuses to write one of more than 64 bits.
# Instead: an integer of more than 64 bits is read as a float, without an error, so that digits are lost and the type is another one.
# Seen: 18446744073709551615 is an int; 18446744073709551617 is the float 1.8446744073709552e+19, which is written as such.
# Here: what comes in as JSON text, by an import or a server, keeps such integers digit by digit, and exports have them. Whoever reads
# them in Python needs `json` or another package.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check orjson==3.13.0
cat > integers.py << 'END_OF_PROGRAM'
import json
import orjson

for text in '18446744073709551615', '18446744073709551617', '-9223372036854775809':
    read = orjson.loads(text)
    print(f'{text}: {type(read).__name__} {orjson.dumps(read).decode()}, by json {json.dumps(json.loads(text))}')
try:
    orjson.dumps(2**64 + 1)
except TypeError as error:
    print(f'to write one: {error}')
END_OF_PROGRAM
compare '18446744073709551615: int 18446744073709551615, by json 18446744073709551615
18446744073709551617: float 1.8446744073709552e+19, by json 18446744073709551617
-9223372036854775809: float -9.223372036854776e+18, by json -9223372036854775809
to write one: Integer exceeds 64-bit range' "$(python/bin/python integers.py)"
