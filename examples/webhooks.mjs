// The main job on real input: 329 webhook payloads of GitHub, as its community collected them, are
// appended to a log, queried, and compared with what went in after the file was closed and opened
// again.
//
// - stream: the repository (`owner/name`); else the organisation; else the account that the app is
//   installed on; else the account that caused the event; else `github`
// - type: the event's name and, where it has one, its action, as in `issues.opened`

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { EventLog } from 'codebolt-eventlog';

const SINGLES = 'webhooks';
const BATCH = 'webhooks-in-one-batch';

/** What was done, and how many milliseconds it took. */
const times = [];

const webhooks = createRequire(import.meta.url)('@octokit/webhooks-examples');

const given = webhooks
  .flatMap(({ name, examples }) => examples.map((payload) => ({ name, payload })))
  .map(({ name, payload }, number) => ({
    streamId: streamOf(payload),
    eventType: payload.action === undefined ? name : `${name}.${payload.action}`,
    payload,
    metadata: { name, number },
  }));
assert.equal(given.length, 329);

function streamOf({ repository, organization, installation, sender }) {
  return (
    repository?.full_name ??
    organization?.login ??
    installation?.account?.login ??
    sender?.login ??
    'github'
  );
}

const folder = mkdtempSync(join(tmpdir(), 'eventlog-webhooks-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'webhooks.redb');

let log = await timed('open a new file', () => EventLog.open(path));
for (const name of [SINGLES, BATCH]) succeeded(await log.createInstance(name));

const appended = await timed(`appendEvent, ${given.length} calls at once`, () =>
  Promise.all(given.map((event) => log.appendEvent({ instanceId: SINGLES, ...event }))),
);
assertSame(appended.map((response) => succeeded(response).event));

const batch = await timed(`appendEvents, ${given.length} events in one call`, () =>
  log.appendEvents({ instanceId: BATCH, events: given }),
);
assertSame(succeeded(batch).events);

const byType = await timed('query: count by type', () =>
  query({
    reduce: { type: 'count', groupBy: 'event_type' },
    orderBy: { field: 'count', direction: 'desc' },
  }),
);
assert.deepEqual(
  new Map(byType.aggregation.map((row) => [row.event_type, row.count])),
  countTypes(),
);

const stream = 'Octocoders/Hello-World';
const newest = await timed(`query: newest 5 of ${stream}`, () =>
  query({
    from: { instance: SINGLES, stream },
    orderBy: { field: 'sequence_number', direction: 'desc' },
    limit: 5,
  }),
);
const ofStream = given.filter((event) => event.streamId === stream);
assert.equal(newest.total, ofStream.length);
assert.deepEqual(
  newest.events.map((event) => event.metadata.number),
  ofStream
    .slice(-5)
    .reverse()
    .map((event) => event.metadata.number),
);

const discussed = await timed('query: open issues with comments', () =>
  query({
    where: [
      { field: 'payload.issue.state', operator: 'eq', value: 'open' },
      { field: 'payload.issue.comments', operator: 'gt', value: 0 },
    ],
    select: ['event_type', 'payload.issue.title', 'payload.issue.comments'],
  }),
);
assert.deepEqual(
  discussed.events.map((event) => event.payload.issue.comments),
  given
    .map(({ payload: { issue } }) => issue)
    .filter((issue) => issue?.state === 'open' && issue.comments > 0)
    .map((issue) => issue.comments),
);

const { storedBytes, streamCount } = succeeded(await log.getInstanceStats(SINGLES));
await timed('close', () => log.close());
log = await timed('open again', () => EventLog.open(path));
for (const instance of [SINGLES, BATCH]) {
  const all = await timed(`query: every event of ${instance}`, () => query({ from: { instance } }));
  assertSame(all.events);
}
await log.close();

report();

async function query(parts) {
  const response = await log.queryEvents({ from: { instance: SINGLES }, ...parts });
  return succeeded(response).result;
}

/** The data of a response that must be a success. */
function succeeded(response) {
  assert.equal(response.success, true, response.error);
  return response.data;
}

/** Asserts that stored events are the given ones, in their order and numbered by stream. */
function assertSame(events) {
  const numbers = new Map();
  assert.equal(events.length, given.length);
  events.forEach((event, index) => {
    const { streamId, eventType, payload, metadata } = given[index];
    const number = (numbers.get(streamId) ?? 0) + 1;
    numbers.set(streamId, number);
    assert.equal(event.stream_id, streamId);
    assert.equal(event.event_type, eventType);
    assert.equal(event.sequence_number, number);
    assert.deepEqual(event.payload, payload);
    assert.deepEqual(event.metadata, metadata);
  });
}

function countTypes() {
  const counts = new Map();
  for (const { eventType } of given) counts.set(eventType, (counts.get(eventType) ?? 0) + 1);
  return counts;
}

/** Does something, and notes how long it took. */
async function timed(what, work) {
  const start = performance.now();
  const result = await work();
  times.push([what, performance.now() - start]);
  return result;
}

/** What the log takes of the disk: its file is longer, since parts of it are not written yet. */
function diskBytes() {
  const { blocks, size } = statSync(path);
  return blocks === undefined || process.platform === 'win32' ? size : blocks * 512;
}

function report() {
  const bytes = (count) => `${(count / 1024).toFixed(0)} KiB`;
  console.log(`${given.length} webhook payloads in ${streamCount} streams, stored in two ways\n`);
  for (const [what, ms] of times) console.log(`${ms.toFixed(1).padStart(9)} ms  ${what}`);

  console.log(`\nThe most frequent of ${byType.aggregation.length} types`);
  for (const { event_type: type, count } of byType.aggregation.slice(0, 5)) {
    console.log(`${String(count).padStart(9)}     ${type}`);
  }
  console.log(`\nThe newest of ${newest.total} events of ${stream}`);
  for (const { sequence_number: number, event_type: type } of newest.events) {
    console.log(`${`#${number}`.padStart(9)}     ${type}`);
  }
  console.log('\nOpen issues with comments');
  for (const { event_type: type, payload } of discussed.events) {
    console.log(
      `${String(payload.issue.comments).padStart(9)}     ${type}: ${payload.issue.title}`,
    );
  }
  console.log(`\nEach way takes ${bytes(storedBytes)}, the log ${bytes(diskBytes())} on disk.`);
  console.log('After closing and opening, every event came back equal, in the order appended.');
}
