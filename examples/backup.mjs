// Checks a log and copies it while others append to it, and opens the copy.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-backup-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const log = await EventLog.open(join(folder, 'orders.redb'));

/** Appends an order's events, as the rest of the program goes on doing. */
async function order(number) {
  const streamId = `order-${number}`;
  const events = ['OrderPlaced', 'OrderPaid'].map((eventType) => ({ streamId, eventType }));
  const params = { instanceId: 'orders', autoCreateInstance: true, events };
  const { success, error } = await log.appendEvents(params);
  assert.equal(success, true, error);
}

for (let number = 1; number <= 1000; number += 1) await order(number);

// A check tells what is wrong, and where. It is no failure of the call.
const { data: report } = await log.verify();
for (const { instanceId, position, what } of report.problems) {
  console.error(`${instanceId ?? 'the log'} ${position ?? ''}: ${what}`);
}
assert.equal(report.intact, true);
console.log(`${report.events} events in ${report.streams} streams are intact`);

// The copy is one state of the log, whatever is appended meanwhile. It has been checked, too.
const path = join(folder, `orders-${new Date().toISOString().replaceAll(':', '-')}.redb`);
const copying = log.backup(path, {
  signal: AbortSignal.timeout(60_000),
  onProgress: ({ done, total }) => console.log(`${Math.round((100 * done) / total)} %`),
});
await order(1001);
const copied = await copying;
assert.equal(copied.success, true, copied.error);
assert.ok(copied.data.events >= 2000 && copied.data.events <= 2002);

// A copy is a log like any other. There is nothing to restore: it is opened, or put in the log's place.
const copy = await EventLog.open(path, { readOnly: true });
const query = { from: { instance: 'orders', stream: 'order-1000' } };
const { result } = (await copy.queryEvents(query)).data;
assert.deepEqual(
  result.events.map((event) => event.event_type),
  ['OrderPlaced', 'OrderPaid'],
);

// It takes the place of nothing.
const refused = await log.backup(path);
assert.equal(refused.code, 'INVALID_ARGUMENT');

await Promise.all([log.close(), copy.close()]);
