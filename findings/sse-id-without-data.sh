#!/usr/bin/env bash
# eventsource 4.1.1, eventsource-client 1.2.0, event-source-plus 0.1.15 and launchdarkly-eventsource 2.2.0, clients of server-sent events
# for Node.js; beside them @microsoft/fetch-event-source 2.0.1
#
# Expected: a block that is nothing but an id makes it the last event id and is no event, as the HTML standard has it ("dispatch the
# event", steps 1 and 2). So a server can say where a client stands before it has an event for it.
# Instead: the first four forget such an id, and come back without it when the connection was lost. The fifth comes back with it, and
# hands the program an event without data.
# Seen: below; each line has the `Last-Event-ID` of the second connection, and what the program was given.
# Here: the server begins each subscription with such a block. The page about it says that these clients need a number as
# `afterPosition`: with `end` they would begin anew, and miss what came in between.
. "$(dirname "$0")/seen.sh"

install eventsource@4.1.1 eventsource-client@1.2.0 event-source-plus@0.1.15 launchdarkly-eventsource@2.2.0 @microsoft/fetch-event-source@2.0.1
cat > clients.mjs << 'END_OF_PROGRAM'
import { once } from 'node:events';
import { createServer } from 'node:http';

import { fetchEventSource } from '@microsoft/fetch-event-source';
import { EventSourcePlus } from 'event-source-plus';
import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
import launchDarkly from 'launchdarkly-eventsource';

// That client is made for browsers.
globalThis.window = globalThis;
globalThis.document = { addEventListener() {}, removeEventListener() {} };

const clients = {
  eventsource(url, given) {
    const source = new EventSource(url);
    source.onmessage = ({ data }) => given(data);
    return () => source.close();
  },
  'eventsource-client'(url, given) {
    const source = createEventSource({ url, onMessage: ({ data }) => given(data) });
    return () => source.close();
  },
  'event-source-plus'(url, given) {
    const listening = new EventSourcePlus(url).listen({ onMessage: ({ data }) => given(data) });
    return () => listening.abort();
  },
  'launchdarkly-eventsource'(url, given) {
    const source = new launchDarkly.EventSource(url, { initialRetryDelayMillis: 50 });
    source.onmessage = ({ data }) => given(data);
    source.onerror = () => {};
    return () => source.close();
  },
  '@microsoft/fetch-event-source'(url, given) {
    const controller = new AbortController();
    const onclose = () => {
      throw new Error('closed: try again');
    };
    const options = { openWhenHidden: true, onclose, onerror: () => 50 };
    void fetchEventSource(url, {
      ...options,
      signal: controller.signal,
      onmessage: ({ id, data }) => id && given(data),
    });
    return () => controller.abort();
  },
};

for (const [name, open] of Object.entries(clients)) {
  const given = [];
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = open(`http://127.0.0.1:${server.address().port}/`, (data) => given.push(data));
  const [, first] = await once(server, 'request');
  first.writeHead(200, { 'Content-Type': 'text/event-stream' });
  first.write('retry: 50\n\n');
  first.end('id: 7\n\n');
  const [{ headers }] = await once(server, 'request');
  console.log(`${name}: ${headers['last-event-id'] ?? 'none'}, ${JSON.stringify(given)}`);
  close();
  server.closeAllConnections();
  server.close();
}
process.exit(0);
END_OF_PROGRAM
compare 'eventsource: none, []
eventsource-client: none, []
event-source-plus: none, []
launchdarkly-eventsource: none, []
@microsoft/fetch-event-source: 7, [""]' "$(node clients.mjs)"
