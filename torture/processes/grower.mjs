// A process that makes a log grow to a size, and then appends until it is killed. It tells its parent how
// much of it was acknowledged.
//
//     node grower.mjs <path> <bytes> <options as JSON>        with a channel for messages

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';

import { EventLog } from '../../index.mjs';

const [path, bytes, options] = process.argv.slice(2);
const batchEvents = 2000;
const event = { eventType: 'grown', payload: { text: 'x'.repeat(900) } };

const log = await EventLog.open(path, JSON.parse(options));
let acknowledged = (await log.getInstanceStats('events')).data?.eventCount ?? 0;

while (statSync(path).size < Number(bytes)) {
  // A batch is made while another one is written.
  await Promise.all([appendMany(0), appendMany(1)]);
}
process.send({ grown: true, acknowledged });
for (;;) {
  await appendMany(2, 1 + (acknowledged % 20));
  process.send({ acknowledged });
}

async function appendMany(lane, count = batchEvents) {
  const events = Array.from({ length: count }, (_, n) => ({
    ...event,
    streamId: `stream ${lane} ${n % 100}`,
  }));
  const call = { instanceId: 'events', autoCreateInstance: true, events };
  const { success, code, error } = await log.appendEvents(call);
  assert.ok(success, `${code}: ${error}`);
  acknowledged += count;
}
