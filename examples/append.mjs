// Appends one event, and shows what a success means: the event as it was stored, already on disk.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-append-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const log = await EventLog.open(join(folder, 'log.redb'));

const first = await log.appendEvent({
  instanceId: 'user-activity',
  streamId: 'user-123',
  eventType: 'user_login',
  payload: { method: 'password', ip: '192.168.1.1' },
  metadata: { source: 'web-app' },
  autoCreateInstance: true,
});
assert.equal(first.success, true, first.error);

const { event } = first.data;
assert.equal(event.sequence_number, 1);
assert.deepEqual(event.payload, { method: 'password', ip: '192.168.1.1' });
console.log(`${event.event_type} is number ${event.sequence_number} of ${event.stream_id}`);

// Everything but the instance and the type has a default. A time of one's own is kept as it is.
const second = await log.appendEvent({
  instanceId: 'user-activity',
  eventType: 'nightly_check',
  timestamp: '2026-01-31T03:00:00+01:00',
});
assert.equal(second.success, true, second.error);
assert.equal(second.data.event.stream_id, 'default');
assert.equal(second.data.event.timestamp, '2026-01-31T02:00:00.000Z');

// A key that was meant to be another one is refused, and one that is not known does not pass in silence.
const misspelt = await log.appendEvent({
  instanceId: 'user-activity',
  eventType: 'user_logout',
  playload: { reason: 'timeout' },
});
assert.equal(misspelt.code, 'INVALID_ARGUMENT');
console.log(`refused: ${misspelt.error}`);

const unknown = await log.appendEvent({
  instanceId: 'user-activity',
  eventType: 'user_logout',
  importance: 'low',
});
assert.equal(unknown.message, 'the unknown key "importance" was ignored');
console.log(`remark: ${unknown.message}`);

await log.close();
