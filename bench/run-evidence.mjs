// What evidence costs: hashing events for a checkpoint, one more checkpoint, a proof of an event, and the bytes of the tree.
//
//     node bench/run-evidence.mjs [--events <number>]

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { EventLog } from 'codebolt-eventlog';
import { generateKeys } from 'codebolt-eventlog/evidence';

/** How many events are appended at once. */
const BATCH = 10_000;

/** How many proofs are made. */
const PROOFS = 2_000;

const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' } } });
const events = Number(values.events);
if (!(Number.isSafeInteger(events) && events >= BATCH)) {
  throw new Error(`--events: expected a whole number from ${BATCH}, found ${values.events}`);
}

const folder = mkdtempSync(join(tmpdir(), 'eventlog-bench-evidence-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'log.redb');
const { strict: log } = await EventLog.open(path, { exclusive: true });
const { signingKey: key } = await generateKeys('bench');
const instance = 'requests';

async function append(count, first) {
  for (let done = 0; done < count; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - done) }, (_, index) => ({
      streamId: `client-${(done + index) % 1_000}`,
      eventType: 'request',
      payload: { n: first + done + index, path: '/orders/17', status: 200, ms: index % 97 },
      metadata: { host: 'a' },
    }));
    await log.appendEvents({ instanceId: instance, autoCreateInstance: true, events: batch });
  }
}

const ms = async (work) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

await append(events, 0);
await log.compact();
const before = statSync(path).size;
const first = await ms(() => log.checkpoint({ instance, key }));
await log.compact();
const bytes = (statSync(path).size - before) / events;
await append(BATCH, events);
const next = await ms(() => log.checkpoint({ instance, key }));
const again = await ms(() => log.checkpoint({ instance, key }));
const times = [];
for (let n = 0; n < PROOFS; n += 1) {
  // All over the log, in no order.
  const position = 1 + ((n * 7_919_777) % events);
  times.push(await ms(() => log.proveInclusion({ instance, position })));
}
times.sort((one, other) => one - other);
const share = (part) => times[Math.floor(PROOFS * part)].toFixed(3);
console.log(`${events} events`);
console.log(`first checkpoint: ${((first * 1000) / events).toFixed(2)} us an event`);
console.log(
  `next checkpoint, after ${BATCH} events: ${((next * 1000) / BATCH).toFixed(2)} us an event`,
);
console.log(`checkpoint without new events: ${again.toFixed(2)} ms`);
console.log(`on disk: ${bytes.toFixed(2)} bytes an event`);
console.log(`proof: ${share(0.5)} ms (median), ${share(0.99)} ms (99 of 100)`);
await log.close();
