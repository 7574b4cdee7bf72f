// Follows a log that another process writes: first what is there, then each event as it is committed. The same
// program is both processes.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const ORDERS = 20;

/** Takes orders, in a process of its own. */
async function takeOrders(log) {
  for (let n = 1; n <= ORDERS; n += 1) {
    const streamId = `order-${n}`;
    const stored = await log.appendEvents({
      instanceId: 'shop',
      events: [
        { streamId, eventType: 'OrderPlaced', payload: { total: 10 * n } },
        { streamId, eventType: 'OrderPaid', payload: { total: 10 * n } },
      ],
    });
    assert.equal(stored.success, true, stored.error);
  }
}

/** Writes an invoice for each order that was paid. */
async function writeInvoices(log) {
  const where = [{ field: 'event_type', operator: 'eq', value: 'OrderPaid' }];
  const paid = log.subscribe({ instance: 'shop', where });
  paid.untilCaughtUp.then(() => console.log('nothing more to do for now'));
  let count = 0;
  for await (const { position, stream_id, payload } of paid) {
    count += 1;
    assert.equal(payload.total, 10 * count);
    console.log(`invoice ${count}: ${stream_id} comes to ${payload.total} (event ${position})`);
    // A server would go on. Leaving the loop ends the subscription, and lets the process end.
    if (count === ORDERS) break;
  }
}

const [, program, role, given] = process.argv;
const folder = given ?? mkdtempSync(join(tmpdir(), 'eventlog-follow-'));
const log = await EventLog.open(join(folder, 'shop.redb'));
if (role === 'orders') {
  await takeOrders(log);
} else {
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const created = await log.createInstance('shop');
  assert.equal(created.success, true, created.error);
  fork(program, ['orders', folder]);
  await writeInvoices(log);
}
await log.close();
