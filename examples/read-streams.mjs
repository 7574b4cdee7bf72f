// Reads events in a row: the state of an order, a page of an audit trail from the newest event back, and
// everything that one request has led to.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { EventLog } from 'codebolt-eventlog';

const log = await EventLog.open(':memory:');

// Two hundred requests, each of which leads to events in several streams.
const requests = Array.from({ length: 200 }, () => randomUUID());
for (const [n, correlationId] of requests.entries()) {
  const metadata = { correlationId };
  const stored = await log.appendEvents({
    instanceId: 'shop',
    autoCreateInstance: true,
    events: [
      { streamId: `order-${n}`, eventType: 'OrderPlaced', payload: { total: 0 }, metadata },
      { streamId: `order-${n}`, eventType: 'ItemAdded', payload: { price: n }, metadata },
      { streamId: 'stock', eventType: 'ItemReserved', payload: { order: n }, metadata },
    ],
  });
  assert.equal(stored.success, true, stored.error);
}

// The state of an order is what its events amount to.
let total = 0;
for await (const { event_type, payload } of log.readStream({
  instance: 'shop',
  stream: 'order-7',
})) {
  total = event_type === 'ItemAdded' ? total + payload.price : payload.total;
}
console.log(`order-7 comes to ${total}`);
assert.equal(total, 7);

// An audit trail is read from its end, as many events as fit on a screen.
let position;
for (const page of [1, 2]) {
  console.log(`page ${page} of what happened last:`);
  const options = { instance: 'shop', direction: 'backward', limit: 3 };
  if (position !== undefined) options.afterPosition = position;
  for await (const event of log.readAll(options)) {
    console.log(`  ${event.position} ${event.stream_id} ${event.event_type}`);
    position = event.position;
  }
}
assert.equal(position, 595);

// What has one request led to?
const types = [];
for await (const event of log.readAll({ instance: 'shop', correlationId: requests[42] })) {
  types.push(event.event_type);
}
console.log(`request 42 led to ${types.join(', ')}`);
assert.deepEqual(types, ['OrderPlaced', 'ItemAdded', 'ItemReserved']);

// Which orders are there, page by page?
let count = 0;
let page = { hasMore: true, streams: [] };
while (page.hasMore) {
  const after = page.streams.at(-1)?.stream_id;
  const options = { instance: 'shop', prefix: 'order-', limit: 60, ...(after && { after }) };
  const listed = await log.listStreams(options);
  assert.equal(listed.success, true, listed.error);
  page = listed.data;
  count += page.streams.length;
}
console.log(`there are ${count} orders`);
assert.equal(count, 200);

await log.close();
