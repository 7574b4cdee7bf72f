#!/usr/bin/env bash
# sseclient 0.0.27, a Python client of server-sent events
#
# Expected: a line ends with a line feed or a carriage return and nowhere else, and the stream is UTF-8 whether or not its content type
# says so, as the HTML standard has it.
# Instead: a line also ends at U+2028, U+2029 and U+0085, and the rest of the data is dropped without an error, as a field that nobody
# knows. Where the content type names no charset, each byte is a letter of its own: then 0x85, the second byte of "Å", is such an end.
# Seen: of {"name":"Åse"}, the data is what stands before the second byte of "Å"; with a charset it is whole. Then
# a text with U+2028 is cut. sseclient-py 1.9.0, which is imported by the same name, reads all of them.
# Here: the JSON of an event stands in one line, with such characters as they were stored. The page about the server says to take
# sseclient-py.
. "$(dirname "$0")/seen.sh"

cat > read.py << 'END_OF_PROGRAM'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from sseclient import SSEClient

content_types = ['text/event-stream', 'text/event-stream; charset=utf-8']
names = ['Ole', 'Åse', 'Main Street\u2028Oslo', 'Main Street\u0085Oslo']


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        content_type, name = (int(part) for part in self.path.split('/')[1:])
        data = json.dumps({'name': names[name]}, ensure_ascii=False)
        self.send_response(200)
        self.send_header('Content-Type', content_types[content_type])
        self.end_headers()
        self.wfile.write(f'id: 1\ndata: {data}\n\n'.encode())

    def log_message(self, *_):
        pass


def first(url):
    if sys.argv[1] == 'sseclient':
        return next(SSEClient(url)).data
    import requests

    return next(SSEClient(requests.get(url, stream=True)).events()).data


server = HTTPServer(('127.0.0.1', 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
for content_type in range(2):
    print(f'{sys.argv[1]}, {content_types[content_type]}')
    for name in range(4):
        data = first(f'http://127.0.0.1:{server.server_port}/{content_type}/{name}')
        print(f'  {ascii(names[name])} comes as {ascii(data)}')
server.shutdown()
END_OF_PROGRAM
for package in sseclient==0.0.27 sseclient-py==1.9.0; do
  name=${package%==*}
  python3 -m venv "$name"
  "$name/bin/pip" install --quiet --disable-pip-version-check "$package" requests==2.34.2
  "$name/bin/python" read.py "$name" >> seen.txt
done
compare "sseclient, text/event-stream
  'Ole' comes as '{\"name\": \"Ole\"}'
  '\\xc5se' comes as '{\"name\": \"\\xc3'
  'Main Street\\u2028Oslo' comes as '{\"name\": \"Main Street\\xe2\\x80\\xa8Oslo\"}'
  'Main Street\\x85Oslo' comes as '{\"name\": \"Main Street\\xc2'
sseclient, text/event-stream; charset=utf-8
  'Ole' comes as '{\"name\": \"Ole\"}'
  '\\xc5se' comes as '{\"name\": \"\\xc5se\"}'
  'Main Street\\u2028Oslo' comes as '{\"name\": \"Main Street'
  'Main Street\\x85Oslo' comes as '{\"name\": \"Main Street'
$(for charset in '' '; charset=utf-8'; do
  echo "sseclient-py, text/event-stream$charset"
  for name in Ole '\xc5se' 'Main Street\u2028Oslo' 'Main Street\x85Oslo'; do
    printf '%s\n' "  '$name' comes as '{\"name\": \"$name\"}'"
  done
done)" "$(cat seen.txt)"
