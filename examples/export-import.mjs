// Exports a log as JSON Lines into a compressed file, and imports it into another log. An import that is
// cut off is simply run again.

import assert from 'node:assert/strict';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-export-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const shop = await EventLog.open(join(folder, 'shop.redb'));
for (let day = 1; day <= 20; day += 1) {
  const stored = await shop.appendEvents({
    instanceId: 'orders',
    autoCreateInstance: true,
    events: Array.from({ length: 1000 }, (_, n) => ({
      streamId: `order-${day}-${n % 100}`,
      eventType: 'ItemAdded',
      payload: { item: n, note: 'x'.repeat(200) },
    })),
  });
  assert.equal(stored.success, true, stored.error);
}

// The export is one state of the log, whatever is appended meanwhile.
const file = join(folder, 'shop.jsonl.gz');
await pipeline(
  shop.exportEvents({
    onProgress: ({ done, total }) => console.log(`exported ${done} of ${total} events`),
  }),
  createGzip(),
  createWriteStream(file),
);
console.log(`the file has ${statSync(file).size} bytes`);

// Nothing of an import is lost that was stored before it was cut off.
const copy = await EventLog.open(join(folder, 'copy.redb'));
const source = () => createReadStream(file).pipe(createGunzip());
const controller = new AbortController();
const cutOff = await copy.importEvents(source(), {
  signal: controller.signal,
  onProgress: () => controller.abort(new Error('the power is needed elsewhere')),
});
assert.equal(cutOff.code, 'ABORTED');
console.log(cutOff.error);

// What is there already is compared and skipped.
const whole = await copy.importEvents(source());
assert.equal(whole.success, true, whole.error);
const { events, skippedEvents } = whole.data;
assert.equal(events + skippedEvents, 20_000);
console.log(`imported ${events} events, after ${skippedEvents} that were there already`);

const query = {
  from: { instance: 'orders', stream: 'order-7-7' },
  where: [{ field: 'payload.item', operator: 'lt', value: 300 }],
};
const [found, expected] = await Promise.all([copy.queryEvents(query), shop.queryEvents(query)]);
assert.deepEqual(found.data, expected.data);

// Another log's events are not mixed up with those.
const other = await EventLog.open(join(folder, 'other.redb'));
await other.appendEvent({ instanceId: 'orders', eventType: 'ItemAdded', autoCreateInstance: true });
const refused = await copy.importEvents(other.exportEvents());
assert.equal(refused.code, 'IMPORT_CONFLICT');
console.log(refused.error);

await Promise.all([shop.close(), copy.close(), other.close()]);
