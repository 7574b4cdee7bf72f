// What evidence costs: hashing events for a checkpoint, one more checkpoint, a proof of an event, and the bytes of the tree;
// and what appends and sealing cost a log that has a tree, beside one that has none.
//
//     node bench/run-evidence.mjs [--events <number>] [--only-pairs]

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

/** How many events each log of a pair gets, how many at once, and how many pairs there are. */
const PAIR = { events: 200_000, batch: 1_000, pairs: 7 };

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    'only-pairs': { type: 'boolean', default: false },
  },
});
const events = Number(values.events);
if (!(Number.isSafeInteger(events) && events >= BATCH)) {
  throw new Error(`--events: expected a whole number from ${BATCH}, found ${values.events}`);
}

const folder = mkdtempSync(join(tmpdir(), 'eventlog-bench-evidence-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const { signingKey: key } = await generateKeys('bench');
const instance = 'requests';

/** Events from the number `first` on. */
const eventsFrom = (first, count) =>
  Array.from({ length: count }, (_, index) => ({
    streamId: `client-${(first + index) % 1_000}`,
    eventType: 'request',
    payload: { n: first + index, path: '/orders/17', status: 200, ms: index % 97 },
    metadata: { host: 'a' },
  }));

const ms = async (work) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const shareOf = (sorted, part) => sorted[Math.floor(sorted.length * part)];

const sortedOf = (numbers) => numbers.toSorted((one, other) => one - other);

if (!values['only-pairs']) await measureTree();
await measurePairs();

/** What a tree of so many events costs. */
async function measureTree() {
  const path = join(folder, 'log.redb');
  const { strict: log } = await EventLog.open(path, { exclusive: true });
  const append = async (count, first) => {
    for (let done = 0; done < count; done += BATCH) {
      const batch = eventsFrom(first + done, Math.min(BATCH, count - done));
      await log.appendEvents({ instanceId: instance, autoCreateInstance: true, events: batch });
    }
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
  const sorted = sortedOf(times);
  const share = (part) => shareOf(sorted, part).toFixed(3);
  console.log(`${events} events`);
  console.log(`first checkpoint: ${((first * 1000) / events).toFixed(2)} us an event`);
  console.log(
    `next checkpoint, after ${BATCH} events: ${((next * 1000) / BATCH).toFixed(2)} us an event`,
  );
  console.log(`checkpoint without new events: ${again.toFixed(2)} ms`);
  console.log(`on disk: ${bytes.toFixed(2)} bytes an event`);
  console.log(`proof: ${share(0.5)} ms (median), ${share(0.99)} ms (99 of 100)`);
  await log.close();
}

/** Appends to new logs, of which every other one has a tree, and seals their blocks. */
async function measurePairs() {
  const times = { append: [[], []], seal: [[], []] };
  for (let pair = 0; pair < PAIR.pairs; pair += 1) {
    // Which one is first changes, so that neither has the better of it.
    for (const hasTree of pair % 2 === 0 ? [0, 1] : [1, 0]) {
      const { append, seal } = await timesOf(
        join(folder, `${pair}-${hasTree}.redb`),
        hasTree === 1,
      );
      times.append[hasTree].push(append);
      times.seal[hasTree].push(seal);
    }
  }
  for (const [name, both] of Object.entries(times)) {
    const [without, having] = both.map((all) => shareOf(sortedOf(all), 0.5));
    const per = (time) => ((time * 1000) / PAIR.events).toFixed(2);
    const ratio = (having / without).toFixed(3);
    console.log(
      `${name}: ${per(having)} us an event with a tree, ${per(without)} without: ${ratio} x`,
    );
  }
}

/** How long the appends take, and what is left to be sealed after them. */
async function timesOf(path, hasTree) {
  const { strict: log } = await EventLog.open(path, { exclusive: true });
  const given = { instanceId: instance, autoCreateInstance: true };
  await log.appendEvents({ ...given, events: eventsFrom(0, 1) });
  if (hasTree) await log.checkpoint({ instance, key });
  const append = await ms(async () => {
    for (let first = 0; first < PAIR.events; first += PAIR.batch) {
      await log.appendEvents({ ...given, events: eventsFrom(first, PAIR.batch) });
    }
  });
  const seal = await ms(() => log.compact());
  await log.close();
  rmSync(path);
  return { append, seal };
}
