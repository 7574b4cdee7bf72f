// Appends many events with one call: all of them are stored, or none.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-batch-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const log = await EventLog.open(join(folder, 'log.redb'));
const created = await log.createInstance('orders', 'What happened to each order');
assert.equal(created.success, true, created.error);

const stored = await log.appendEvents({
  instanceId: 'orders',
  events: [
    { streamId: 'order-1', eventType: 'OrderCreated', payload: { total: 59.98 } },
    { streamId: 'order-2', eventType: 'OrderCreated', payload: { total: 12.5 } },
    { streamId: 'order-1', eventType: 'OrderPaid', payload: { by: 'card' } },
  ],
});
assert.equal(stored.success, true, stored.error);
assert.equal(stored.data.count, 3);
// The events come back in the order given, each with its number within its own stream.
assert.deepEqual(
  stored.data.events.map((event) => [event.stream_id, event.sequence_number]),
  [
    ['order-1', 1],
    ['order-2', 1],
    ['order-1', 2],
  ],
);
console.log(`stored ${stored.data.count} events in one commit`);

// One event that cannot be stored keeps the whole batch out, and the text says which.
const refused = await log.appendEvents({
  instanceId: 'orders',
  events: [
    { streamId: 'order-3', eventType: 'OrderCreated' },
    { streamId: 'order-3', eventType: 'OrderPaid', payload: 'by card' },
  ],
});
assert.equal(refused.success, false);
assert.equal(refused.code, 'INVALID_ARGUMENT');
assert.equal(refused.error, 'events[1].payload: expected an object or an array, found a string');
console.log(`refused: ${refused.error}`);

const stats = await log.getInstanceStats('orders');
assert.equal(stats.data.eventCount, 3);
assert.equal(stats.data.streamCount, 2);

await log.close();
