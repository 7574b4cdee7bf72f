// Tells failures apart. A method never throws and never rejects: its response has `success`, and
// when that is false a `code` to act on and an `error` to read. Only opening and closing reject.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-errors-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const log = await EventLog.open(join(folder, 'log.redb'), { eventBytesMax: 1000 });

/** Makes the instance, or is content that somebody else has made it. */
async function ensureInstance(name) {
  const response = await log.createInstance(name);
  if (response.success) return 'made';
  if (response.code === 'INSTANCE_EXISTS') return 'was there';
  throw new Error(`${response.code}: ${response.error}`);
}
assert.equal(await ensureInstance('orders'), 'made');
assert.equal(await ensureInstance('orders'), 'was there');

/** Expects a failure, and shows it. */
function failed(response, code) {
  assert.equal(response.success, false);
  assert.equal(response.code, code);
  assert.equal(response.data, undefined);
  console.log(`${response.code}: ${response.error}`);
}

failed(await log.getInstance('order'), 'INSTANCE_NOT_FOUND');
failed(await log.appendEvent({ instanceId: 'orders' }), 'INVALID_ARGUMENT');
failed(
  await log.appendEvent({ instanceId: 'orders', eventType: 'made', payload: { cents: 10n } }),
  'INVALID_ARGUMENT',
);
failed(
  await log.appendEvent({
    instanceId: 'orders',
    eventType: 'made',
    payload: { note: 'x'.repeat(1000) },
  }),
  'LIMIT_EXCEEDED',
);

// None of these has stored anything or used a number.
const stored = await log.appendEvent({ instanceId: 'orders', eventType: 'made' });
assert.equal(stored.data.event.sequence_number, 1);

await log.close();
failed(await log.listInstances(), 'CLOSED');

const letter = join(folder, 'letter.txt');
writeFileSync(letter, 'This is a letter, not a log.\n');
await assert.rejects(EventLog.open(letter), { name: 'EventLogError', code: 'CORRUPTED' });
await assert.rejects(EventLog.open(join(folder, 'log.redb'), { readonly: true }), (error) => {
  assert.equal(error.code, 'INVALID_ARGUMENT');
  console.log(`${error.code}: ${error.message}`);
  return true;
});
