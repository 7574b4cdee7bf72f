// Computes values from events in the place of returning them: one value, or one row per group.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-aggregate-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const log = await EventLog.open(join(folder, 'log.redb'));
const appended = await log.appendEvents({
  instanceId: 'shop',
  autoCreateInstance: true,
  events: [
    { eventType: 'sold', payload: { item: 'tea', price: 4, amount: 2 } },
    { eventType: 'sold', payload: { item: 'cup', price: 9, amount: 1 } },
    { eventType: 'returned', payload: { item: 'cup', price: 9, amount: 1 } },
    { eventType: 'sold', payload: { item: 'tea', price: 5, amount: 3 } },
  ],
});
assert.equal(appended.success, true, appended.error);

async function reduce(reduction, rest) {
  const response = await log.queryEvents({
    from: { instance: 'shop' },
    reduce: reduction,
    ...rest,
  });
  assert.equal(response.success, true, response.error);
  return response.data.result.aggregation;
}

assert.equal(await reduce({ type: 'count' }), 4);
assert.equal(await reduce({ type: 'sum', field: 'payload.amount' }), 7);
assert.equal(await reduce({ type: 'avg', field: 'payload.price' }), 6.75);
assert.equal(await reduce({ type: 'min', field: 'payload.price' }), 4);
assert.equal(await reduce({ type: 'max', field: 'payload.price' }), 9);
assert.deepEqual(await reduce({ type: 'collect', field: 'payload.price' }), [4, 9, 9, 5]);

// With groupBy there is a row per group, ordered by the group's values.
const byType = await reduce({ type: 'count', groupBy: 'event_type' });
assert.deepEqual(byType, [
  { event_type: 'returned', count: 1 },
  { event_type: 'sold', count: 3 },
]);
console.table(byType);

// Conditions come first, and the rows can be ordered by what was computed, and paged.
const best = await reduce(
  { type: 'sum', field: 'payload.amount', groupBy: 'payload.item' },
  {
    where: [{ field: 'event_type', operator: 'eq', value: 'sold' }],
    orderBy: { field: 'sum', direction: 'desc' },
    limit: 1,
  },
);
assert.deepEqual(best, [{ 'payload.item': 'tea', sum: 5 }]);
console.log(`sold most: ${best[0]['payload.item']}`);

await log.close();
