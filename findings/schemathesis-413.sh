#!/usr/bin/env bash
# schemathesis 4.32.5 (PyPI)
#
# Expected: a server that answers a text over its `maxLength` with 413, which its description declares for that, has
# refused it. Any 4xx says so.
# Instead: negative_data_rejection counts the statuses of a list as refusals. 413 is not on it, and any 5xx is. The
# report says that the request was accepted, beside the 413 that it got. `expected-statuses` of its configuration is
# another list.
# Seen: "Schema-violating request accepted" with 413, and "No issues found" with 422 in its place.
# Here: the server answers what exceeds a limit of the log with 422, and only a body over its own limit with 413.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check schemathesis==4.32.5
cat > serve.py << 'END'
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

too_long = int(sys.argv[1])
answer = lambda text: {"description": text, "content": {"application/json": {"schema": {}}}}
name = {"type": "string", "maxLength": 3}
body = {"type": "object", "properties": {"name": name}, "required": ["name"]}
responses = {"200": answer("stored"), "422": answer("no name"), str(too_long): answer("too long")}
post = {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}, "responses": responses}
description = {"openapi": "3.1.0", "info": {"title": "names", "version": "1"}, "paths": {"/names": {"post": post}}}

def status_of(data):
    try:
        value = json.loads(data)["name"]
    except (ValueError, KeyError, TypeError):
        return 422
    return 422 if not isinstance(value, str) else too_long if len(value) > 3 else 200

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, description)
    def do_POST(self):
        self.answer(status_of(self.rfile.read(int(self.headers.get("Content-Length") or 0))), {})
    def answer(self, status, value):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())
    def log_message(self, *given):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
END

# What the check says of a server that answers so.
check() {
  python3 serve.py "$1" > port 2> /dev/null &
  local server=$!
  while [ ! -s port ]; do sleep 0.1; done
  python/bin/schemathesis run "http://127.0.0.1:$(cat port)/openapi.json" --phases coverage --seed 1 --no-color \
    --checks negative_data_rejection > report 2>&1 || true
  kill "$server"
  rm port
  grep --only-matching --extended-regexp 'Schema-violating request accepted$|^\[[0-9]+\]|No issues found' report
}
compare '413:
Schema-violating request accepted
[413]
422:
No issues found' "413:
$(check 413)
422:
$(check 422)"
