// Erases one person from a year of events, and an address from all others, and shows an auditor that nothing else has changed.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import { generateKeys, verifyCheckpoint, verifyProof } from 'codebolt-eventlog/evidence';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-erasure-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'shop.redb');
const instance = 'orders';

const { strict: log, close } = await EventLog.open(path);
const { signingKey: key, verifierKey } = await generateKeys('example.com/shop');

// A year of orders of twenty customers, and a note for the auditor at the end of each quarter.
const DAY_MS = 24 * 60 * 60 * 1000;
const notes = [];
for (let day = 0; day < 365; day += 1) {
  const events = Array.from({ length: 20 }, (_, customer) => ({
    streamId: `order-${day * 20 + customer}`,
    eventType: 'OrderPlaced',
    payload: { customer: `customer-${customer}`, email: `person-${customer}@example.com` },
    metadata: { ip: `192.0.2.${customer}` },
    timestamp: new Date(Date.UTC(2025, 0, 1) + day * DAY_MS),
  }));
  await log.appendEvents({ instanceId: instance, autoCreateInstance: true, events });
  if (day % 91 === 90) notes.push((await log.checkpoint({ instance, key })).note);
}

// The auditor compares the log with the notes, and has single events proven.
const checkpoints = notes.map((note) => ({ instance, note, key: verifierKey }));
const audited = async () => (await log.verify({ checkpoints })).intact;
const newest = await verifyCheckpoint(notes.at(-1), verifierKey);
const proven = async (position) =>
  verifyProof(await log.proveInclusion({ instance, position, size: newest.size }), newest);

assert.equal(await audited(), true);
console.log('before:', (await proven(8)).payload);

// Customer 7 asks to be erased.
const where = [{ field: 'payload.customer', operator: 'eq', value: 'customer-7' }];
const reason = 'request of customer 7, ticket 4711';
const { events } = await log.eraseEvents({ instance, where, reason });
console.log(`${events} events erased`);

// The bytes are gone from the file. The events are there, and say why there is nothing in them.
assert.equal(readFileSync(path).includes('person-7@example.com'), false);
const [event] = (await log.queryEvents({ from: { instance, stream: 'order-7' } })).result.events;
console.log(event.event_type, event.timestamp, event.payload, event.erased.reason);

// Nobody's network address is to be kept. The rest of these events stays, and the payload is proven as before.
const fields = ['metadata.ip'];
const addresses = [{ field: 'metadata.ip', operator: 'exists', value: true }];
const rest = await log.eraseEvents({
  instance,
  where: addresses,
  fields,
  reason: 'policy of 2026',
});
console.log(`${rest.events} events without an address`);
assert.equal(readFileSync(path).includes('192.0.2.'), false);

// Every note still holds, and so does every proof: of the neighbours with their content, of the erased without it.
assert.equal(await audited(), true);
console.log('after:', (await proven(8)).payload, (await proven(9)).payload);

await close();
