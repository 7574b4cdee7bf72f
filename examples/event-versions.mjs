// A log of two years with three versions of one event. The program of today knows the newest one alone, and says once how
// earlier ones become it. What is stored never changes.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

/** What the programs of each year have appended, without knowing of versions to come. */
async function history(log) {
  const append = async (year, events) => {
    for (const [n, event] of events.entries()) {
      const timestamp = `${year}-0${n + 1}-01T12:00:00Z`;
      const response = await log.appendEvent({
        instanceId: 'orders',
        streamId: 'order-1',
        eventType: 'ItemAdded',
        autoCreateInstance: true,
        timestamp,
        ...event,
      });
      assert.equal(response.success, true, response.error);
    }
  };
  await append(2024, [
    { payload: { item: 'tea', price: 4.2 } },
    { payload: { item: 'cup', price: 19.99 } },
  ]);
  await append(2025, [
    { payload: { item: 'pot', cents: 3500 }, metadata: { schemaVersion: 2, by: 'Ada' } },
  ]);
}

/** How the payloads of each version become those of the next one. */
const upcasters = {
  ItemAdded: [
    { from: 1, to: 2, up: ({ item, price }) => ({ item, cents: Math.round(price * 100) }) },
    // The shop began to sell abroad in its third year: until then, all was in euros.
    { from: 2, to: 3, up: ({ item, cents }) => ({ item, amount: { cents, currency: 'EUR' } }) },
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'eventlog-versions-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'orders.redb');

const log = await EventLog.open(path, { upcasters });
// An object for the same log that knows of no versions, as the programs of earlier years.
await history(log.typed({}));

// The third year: an append notes its version by itself.
const order = { instanceId: 'orders', streamId: 'order-1', eventType: 'ItemAdded' };
const payload = { item: 'spoon', amount: { cents: 250, currency: 'USD' } };
const { event } = await log.strict.appendEvent({ ...order, payload });
assert.deepEqual(event.metadata, { schemaVersion: 3 });

// All readers have the newest version, and none of them knows of others.
for await (const { timestamp, payload: added } of log.readAll({ instance: 'orders' })) {
  console.log(timestamp.slice(0, 4), added.item, added.amount.cents, added.amount.currency);
}
const { state } = await log.project({
  instance: 'orders',
  stream: 'order-1',
  name: 'sums',
  snapshotEvery: 1,
  initial: {},
  apply: (sums, { payload: { amount } }) => ({
    ...sums,
    [amount.currency]: (sums[amount.currency] ?? 0) + amount.cents,
  }),
});
assert.deepEqual(state, { EUR: 420 + 1999 + 3500, USD: 250 });

// A query has what is stored, in each version as it was.
const { result } = await log.strict.queryEvents({
  from: { instance: 'orders' },
  where: [{ field: 'payload.price', operator: 'gt', value: 0 }],
});
assert.deepEqual(
  result.events.map(({ payload: old }) => old),
  [
    { item: 'tea', price: 4.2 },
    { item: 'cup', price: 19.99 },
  ],
);
await log.close();

// A program of the second year does not guess what a newer event means.
const older = await EventLog.open(path, {
  upcasters: { ItemAdded: upcasters.ItemAdded.slice(0, 1) },
});
const reader = older.readAll({ instance: 'orders', afterPosition: 3 });
await assert.rejects(reader.next(), ({ code, position, message }) => {
  console.log(code, position, message);
  return true;
});
await older.close();
