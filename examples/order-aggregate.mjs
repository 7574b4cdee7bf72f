// An order as an aggregate: its state is what its events amount to, a command is decided by the state, and what was
// decided is stored only if nobody else was quicker. Two threads of a shop work on the same orders.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

import { EventLog } from 'codebolt-eventlog';

const ITEMS = 40;
const ORDERS = ['order-1', 'order-2'];

/** The state after an event. It says nothing of whether the event should have happened: it has. */
function apply(order, { event_type, payload }) {
  switch (event_type) {
    case 'OrderOpened':
      return { ...order, status: 'open', customer: payload.customer };
    case 'ItemAdded':
      return { ...order, items: order.items + 1, total: order.total + payload.price };
    case 'OrderPaid':
      return { ...order, status: 'paid' };
    default:
      return order;
  }
}

const initial = { status: 'none', customer: null, items: 0, total: 0 };

/** What a command does to an order in some state: the event, or `undefined` where there is nothing to do. */
const commands = {
  open: (customer) => (order) =>
    order.status === 'none' ? { eventType: 'OrderOpened', payload: { customer } } : undefined,
  addItem: (price) => (order) => {
    if (order.status !== 'open') throw new Error(`an order that is ${order.status} takes no items`);
    return { eventType: 'ItemAdded', payload: { price } };
  },
  pay: () => (order) =>
    order.status === 'open' && order.items > 0 ? { eventType: 'OrderPaid' } : undefined,
};

/** Carries out a command, and decides again as long as somebody else was quicker. */
function handle(log, stream, decide, idempotencyKey) {
  // From the 10th event on, most of the order is not read again.
  const snapshots = { name: 'order', version: 1, snapshotEvery: 10 };
  const order = { instance: 'shop', stream, initial, apply, ...snapshots };
  return log.decide({ ...order, decide, idempotencyKey });
}

/** What each of the threads does. */
async function serve(log) {
  let attempts = 0;
  for (let item = 1; item <= ITEMS; item += 1) {
    const stream = ORDERS[item % ORDERS.length];
    attempts += (await handle(log, stream, commands.open('Ada'))).attempts;
    attempts += (await handle(log, stream, commands.addItem(item))).attempts;
  }
  return attempts;
}

const folder = isMainThread ? mkdtempSync(join(tmpdir(), 'eventlog-aggregate-')) : workerData;
const log = await EventLog.open(join(folder, 'shop.redb'));
if (!isMainThread) {
  await serve(log);
} else {
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const created = await log.createInstance('shop');
  assert.equal(created.success, true, created.error);
  const other = new Worker(fileURLToPath(import.meta.url), { workerData: folder });
  const attempts = await serve(log);
  await once(other, 'exit');
  console.log(`${2 * ITEMS} commands of this thread took ${attempts} attempts`);

  for (const stream of ORDERS) {
    const paid = await handle(log, stream, commands.pay(), `payment of ${stream}`);
    // Both threads have added each item once, and only one of them has opened the order.
    assert.equal(paid.state.items, ITEMS);
    assert.equal(paid.sequence, 1 + ITEMS + 1);
    // The bank tells of the payment twice, and it is stored once.
    const again = await handle(log, stream, commands.pay(), `payment of ${stream}`);
    assert.equal(again.duplicate, true);
    assert.deepEqual(again.events, paid.events);
    console.log(stream, again.state);
  }
  const late = handle(log, 'order-1', commands.addItem(1));
  await assert.rejects(late, /an order that is paid/);
}
await log.close();
