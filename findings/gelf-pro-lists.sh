#!/usr/bin/env bash
# gelf-pro 1.4.0, which sends logs in Graylog's format GELF
#
# Expected: of a message's own fields, each value is sent, as a number or a text. A field of all messages gives way to one of the same name.
# Instead: objects are spread over fields with longer names, but a list becomes a text with commas, and one of objects has nothing of them
# any more. A list among the fields of all messages is not replaced by one of the same name, but mixed with it, place by place. And a
# member `level` of a nested object is a field, where one at the top takes the place of the message's severity.
# Seen: items of an order are sent as "[object Object]"; the tags "web" of a message, beside "shop" and "till" of all messages, as
# "web,till"; with `level: 'gold'`, an error has the level "gold".
# Here: payloads have lists of objects, and any names. Who forwards events with this package should send the payload as one field of
# JSON text, which is cut at 32,765 characters.
. "$(dirname "$0")/seen.sh"

install gelf-pro@1.4.0
cat > send.cjs << 'END_OF_PROGRAM'
const { createSocket } = require('node:dgram');
const { once } = require('node:events');
const { inflateSync } = require('node:zlib');
const gelf = require('gelf-pro');

(async () => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  gelf.setConfig({ fields: { tags: ['shop', 'till'] }, adapterOptions: { host: '127.0.0.1', port } });
  for (const payload of [
    { order: { items: [{ sku: 'lamp', count: 2 }] } },
    { tags: ['web'] },
    { id: 'order-1', level: 'gold', host: 'ada' },
  ]) {
    gelf.error('sold', payload);
    // Twelve bytes say which part of a message it is.
    const [message] = await once(socket, 'message');
    const { version, timestamp, host, ...rest } = JSON.parse(inflateSync(message.subarray(12)));
    console.log(`${JSON.stringify(payload)}: ${JSON.stringify(payload.host ? { ...rest, host } : rest)}`);
  }
  socket.close();
})();
END_OF_PROGRAM
compare '{"order":{"items":[{"sku":"lamp","count":2}]}}: {"short_message":"sold","level":3,"_tags":"shop,till","_order_items":"[object Object]"}
{"tags":["web"]}: {"short_message":"sold","level":3,"_tags":"web,till"}
{"id":"order-1","level":"gold","host":"ada"}: {"short_message":"sold","level":"gold","_tags":"shop,till","host":"ada"}' "$(node send.cjs)"
