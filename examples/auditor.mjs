// Signs what a log is, proves an event of it to an auditor who has no log, and finds out that somebody has rewritten it.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import {
  generateKeys,
  readProof,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
} from 'codebolt-eventlog/evidence';

const folder = mkdtempSync(join(tmpdir(), 'eventlog-auditor-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const instance = 'payments';

/** Appends so many payments to a log. */
async function pay({ strict: log }, count, amount = (number) => number) {
  const events = Array.from({ length: count }, (_, index) => ({
    streamId: `account-${index % 10}`,
    eventType: 'Paid',
    payload: { amount: amount(index + 1) },
  }));
  await log.appendEvents({ instanceId: instance, autoCreateInstance: true, events });
}

// The operator has the signing key, away from the log, and gives the other one to the auditor.
const { signingKey, verifierKey } = await generateKeys('example.com/bank');
const keyFile = join(folder, 'signing.key');
writeFileSync(keyFile, `${signingKey}\n`, { mode: 0o600 });

const log = await EventLog.open(join(folder, 'bank.redb'));
await pay(log, 1000);
const january = await log.strict.checkpoint({ instance, keyFile });
await pay(log, 500);
const february = await log.strict.checkpoint({ instance, keyFile });
// The auditor keeps the notes. They are small texts.
console.log(february.note);

// Asked for one payment, the operator gives one file, and nothing else of the log.
const proof = await log.strict.proveInclusion({ instance, position: 700, size: february.size });
const file = join(folder, 'payment-700.tlog-proof');
writeFileSync(file, writeProof(proof, february.note));

// The auditor reads it. What is not proven throws.
const read = readProof(readFileSync(file, 'utf8'));
const checkpoint = await verifyCheckpoint(read.note, verifierKey);
const payment = await verifyProof(read.proof, checkpoint);
console.log(`payment ${payment.position} of ${checkpoint.size}: ${payment.payload}`);
const altered = { ...read.proof, event: { ...read.proof.event, payload: '{"amount":1}' } };
await assert.rejects(verifyProof(altered, checkpoint), { code: 'NOT_PROVEN' });

// Between the two notes, payments were only appended.
const sizes = { oldSize: january.size, newSize: february.size };
const consistency = await log.strict.proveConsistency({ instance, ...sizes });
await verifyConsistency(
  consistency,
  await verifyCheckpoint(january.note, verifierKey),
  await verifyCheckpoint(february.note, verifierKey),
);

// The log itself is compared with the notes, too.
const checkpoints = [january, february].map(({ note }) => ({ instance, note, key: verifierKey }));
assert.equal((await log.strict.verify({ checkpoints })).intact, true);

// Somebody makes the log anew, with other amounts. Everything in it fits together, but not to the notes.
const forged = await EventLog.open(join(folder, 'forged.redb'));
await pay(forged, 1000);
await pay(forged, 500, (number) => (number === 200 ? 1_000_000 : number));
const { signingKey: own } = await generateKeys('example.com/bank');
await forged.strict.checkpoint({ instance, key: own });
assert.equal((await forged.strict.verify()).intact, true);
const { problems } = await forged.strict.verify({ checkpoints });
assert.ok(problems.length > 0);
console.log(problems[0].what);

await Promise.all([log.close(), forged.close()]);
