#!/usr/bin/env bash
# @modelcontextprotocol/node 2.1.2, the adapter between Node.js' HTTP server and @modelcontextprotocol/server 2.4.0
#
# Expected: a client that opens the stream of a session (GET) has the headers of the response at once, and can open it
# again soon after its connection broke, whichever of the package's two ways to serve a transport was taken.
# Instead: with `toNodeHandler` in front of the web-standard transport, the headers leave with the first chunk, which is
# the keep-alive some 15 s later, and a stream whose connection has broken counts as open for some time: opening it
# again is refused with 409. `NodeStreamableHTTPServerTransport` of the same package has neither.
# Seen: headers "later" and again "409" for the handler, headers "at once" and again "200" for the transport.
# Here: packages/mcp answers requests with an adapter of its own, which sends headers first and ends broken streams.
. "$(dirname "$0")/seen.sh"

install @modelcontextprotocol/node@2.1.2 @modelcontextprotocol/server@2.4.0
cat > serve.mjs << 'END_OF_PROGRAM'
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';

import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';

const ways = {
  handler() {
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
    return [transport, toNodeHandler({ fetch: (asked) => transport.handleRequest(asked) })];
  },
  transport() {
    const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
    return [transport, (asked, response) => transport.handleRequest(asked, response)];
  },
};

for (const [name, make] of Object.entries(ways)) {
  const [transport, listener] = make();
  await new McpServer({ name: 'example', version: '1.0.0' }).connect(transport);
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/mcp`;
  const hello = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'client', version: '1.0.0' } },
  };
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(hello),
  });
  await answer.text();
  const headers = { accept: 'text/event-stream', 'mcp-session-id': answer.headers.get('mcp-session-id') };

  // Ten seconds are far more than an answer within one machine takes, and fewer than the keep-alive's fifteen.
  const open = () =>
    new Promise((resolve) => {
      const asked = request(url, { headers }, (response) => resolve([asked, response.statusCode]));
      asked.on('error', () => {}).end();
      setTimeout(resolve, 10_000, [asked, undefined]);
    });
  const [first, status] = await open();
  first.destroy();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [second, again] = await open();
  second.destroy();
  console.log(`${name}: headers ${status === undefined ? 'later' : 'at once'}, again ${again}`);
  server.close();
  server.closeAllConnections();
}
process.exit();
END_OF_PROGRAM
compare 'handler: headers later, again 409
transport: headers at once, again 200' "$(node serve.mjs)"
