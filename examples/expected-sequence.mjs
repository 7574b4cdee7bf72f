// Decides by what has happened, and stores what was decided only if nothing else has happened
// meanwhile: an aggregate, and a retry where somebody else was quicker.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-expected-sequence-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const log = await EventLog.open(join(folder, 'log.redb'));
const created = await log.createInstance('stock');
assert.equal(created.success, true, created.error);

/** What the events of an article say, and the number of the last one. */
async function load(article) {
  const response = await log.queryEvents({ from: { instance: 'stock', stream: article } });
  assert.equal(response.success, true, response.error);
  const { events } = response.data.result;
  let left = 0;
  for (const { event_type, payload } of events) {
    left += event_type === 'delivered' ? payload.amount : -payload.amount;
  }
  return { left, version: events.length };
}

/** Decides again as long as somebody else was quicker. */
async function handle(article, decide) {
  for (;;) {
    const { left, version } = await load(article);
    const event = decide(left);
    if (event === undefined) return false;
    const response = await log.appendEvent({
      instanceId: 'stock',
      streamId: article,
      expectedSequence: version,
      ...event,
    });
    if (response.success) return true;
    assert.equal(response.code, 'SEQUENCE_CONFLICT', response.error);
  }
}

const deliver = (amount) => () => ({ eventType: 'delivered', payload: { amount } });
const reserve = (amount) => (left) =>
  left >= amount ? { eventType: 'reserved', payload: { amount } } : undefined;

await handle('teapot', deliver(10));

// Twenty customers at once want three each: there is enough for three of them.
const reserved = await Promise.all(Array.from({ length: 20 }, () => handle('teapot', reserve(3))));
assert.equal(reserved.filter(Boolean).length, 3);
const { left, version } = await load('teapot');
assert.deepEqual({ left, version }, { left: 1, version: 4 });
console.log(
  `${reserved.filter(Boolean).length} of ${reserved.length} were served, ${left} is left`,
);

await log.close();
