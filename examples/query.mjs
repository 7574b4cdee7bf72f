// Finds events: conditions, order, pages and the fields to keep.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-query-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const log = await EventLog.open(join(folder, 'log.redb'));
const request = (endpoint, statusCode, responseTime) => ({
  streamId: endpoint,
  eventType: 'api_request',
  payload: { statusCode, responseTime, tags: statusCode < 400 ? [] : ['failed'] },
});
const appended = await log.appendEvents({
  instanceId: 'api',
  autoCreateInstance: true,
  events: [
    request('/users', 200, 31),
    request('/users', 404, 12),
    request('/orders', 200, 87),
    request('/orders', 503, 1250),
    request('/users', 200, 29),
  ],
});
assert.equal(appended.success, true, appended.error);

async function find(query) {
  const response = await log.queryEvents({ from: { instance: 'api' }, ...query });
  assert.equal(response.success, true, response.error);
  return response.data.result;
}

// All conditions must hold. The slowest failure comes first.
const failures = await find({
  where: [
    { field: 'payload.statusCode', operator: 'between', value: [400, 599] },
    { field: 'payload.tags', operator: 'contains', value: 'failed' },
  ],
  orderBy: { field: 'payload.responseTime', direction: 'desc' },
  select: ['stream_id', 'payload.statusCode'],
});
assert.deepEqual(failures, {
  events: [
    { stream_id: '/orders', payload: { statusCode: 503 } },
    { stream_id: '/users', payload: { statusCode: 404 } },
  ],
  total: 2,
});
console.log(`${failures.total} failures, the slowest at ${failures.events[0].stream_id}`);

// The newest event of a stream. `total` counts all that match, whatever the page.
const newest = await find({
  from: { instance: 'api', stream: '/users' },
  orderBy: { field: 'sequence_number', direction: 'desc' },
  limit: 1,
});
assert.equal(newest.total, 3);
assert.equal(newest.events[0].payload.responseTime, 29);

// Pages in append order.
const page = await find({ limit: 2, offset: 2 });
assert.deepEqual(
  page.events.map((event) => event.payload.responseTime),
  [87, 1250],
);

// A query is never half-obeyed: what is not understood is refused with its place.
const misspelt = await log.queryEvents({
  from: { instance: 'api' },
  where: [{ field: 'event_type', operator: 'like', value: 'api%' }],
});
assert.equal(misspelt.code, 'INVALID_ARGUMENT');
assert.match(misspelt.error, /^where\[0\]\.operator: expected one of eq, neq, /);
console.log(`refused: ${misspelt.error}`);

await log.close();
