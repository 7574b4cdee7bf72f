// Takes messages of a queue that delivers each of them at least once, and stores each of them once:
// whoever does not know what became of a call makes it again.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-idempotency-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'log.redb');

/** Stores what a message says. Returns whether that was done before. */
async function take(log, { id, account, amount }) {
  const { success, data, error } = await log.appendEvents({
    instanceId: 'bank',
    autoCreateInstance: true,
    // What the message is known by, whoever takes it and however often.
    idempotencyKey: `message/${id}`,
    events: [
      { streamId: account, eventType: 'paid', payload: { amount } },
      { streamId: 'cash', eventType: 'received', payload: { amount } },
    ],
  });
  assert.equal(success, true, error);
  return data.duplicate === true;
}

const messages = [
  { id: 1, account: 'Ada', amount: 10 },
  { id: 2, account: 'Grace', amount: 20 },
  { id: 3, account: 'Ada', amount: 30 },
];

let log = await EventLog.open(path);
// The queue delivers the first two, and one of them twice at the same time.
const taken = await Promise.all(
  [messages[0], messages[1], messages[0]].map((message) => take(log, message)),
);
assert.deepEqual(taken, [false, false, true]);

// Whoever takes over does not know how far the other one has come, and begins with the first.
await log.close();
log = await EventLog.open(path);
const again = [];
for (const message of messages) again.push(await take(log, message));
assert.deepEqual(again, [true, true, false]);

const { data } = await log.queryEvents({
  from: { instance: 'bank', stream: 'cash' },
  reduce: { type: 'sum', field: 'payload.amount' },
});
assert.equal(data.result.aggregation, 60);
console.log(`${data.result.total} messages were taken, with ${data.result.aggregation} in cash`);

// A key that is given to something else is noticed.
const mistaken = await log.appendEvent({
  instanceId: 'bank',
  streamId: 'Ada',
  eventType: 'paid',
  payload: { amount: 99 },
  idempotencyKey: 'message/1',
});
assert.equal(mistaken.code, 'IDEMPOTENCY_MISMATCH');
await log.close();
