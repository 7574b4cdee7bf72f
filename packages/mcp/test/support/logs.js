// Logs that live as long as one test.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLog } from 'codebolt-eventlog';

/** Names a log file, not made yet, in a folder that is removed when the test ends. */
export async function temporaryPath(t) {
  const folder = await mkdtemp(join(tmpdir(), 'codebolt-eventlog-mcp-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return join(folder, 'log.redb');
}

/**
 * Makes a log with an instance `orders`. It stays open, as a program that writes to it beside the server.
 *
 * @returns {Promise<{ path: string, log: EventLog }>} The log.
 */
export async function openOrders(t, events = orders(20)) {
  const path = await temporaryPath(t);
  const log = await EventLog.open(path);
  t.teardown(() => log.close());
  await log.createInstance('orders', 'Orders of the shop');
  if (events.length > 0) await log.appendEvents({ instanceId: 'orders', events });
  return { path, log };
}

/** Events of a few orders, of two types. */
export function orders(count) {
  return Array.from({ length: count }, (_, index) => ({
    streamId: `order-${index % 4}`,
    eventType: index % 3 === 0 ? 'OrderCreated' : 'OrderPaid',
    payload: {
      number: index,
      total: (index % 10) * 1.5,
      customer: { name: `customer-${index % 5}` },
    },
    metadata: { correlationId: `purchase-${index % 2}` },
  }));
}
