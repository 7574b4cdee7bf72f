// A process that makes guarded appends until it is told to stop, or killed, and tells its parent of each before
// and after.
//
//     node guarded.mjs <path> <name>        with a channel for messages

import { randomInt } from 'node:crypto';
import { hrtime } from 'node:process';

import { EventLog } from '../../index.mjs';

const [path, name] = process.argv.slice(2);

const lanes = 3;
const streams = 3;
const slots = 4;

const log = await EventLog.open(path);
const stopping = new AbortController();
process.on('message', () => stopping.abort());

/** The last numbers of streams, and where events of slots stand, as far as is known here. */
const sequences = new Array(streams).fill(0);
const places = new Array(slots).fill(0);
let calls = 0;

/** What the machine's clock says, in nanoseconds. */
const now = () => Number(hrtime.bigint());

const kinds = {
  sequence(id) {
    const stream = randomInt(streams);
    // Now and then one that cannot be right.
    const expected = sequences[stream] + (randomInt(8) === 0 ? 1 + randomInt(3) : 0);
    const call = { id, kind: 'sequence', stream: `stream ${stream}`, expected };
    return { call, guard: { expectedSequence: expected } };
  },
  condition(id) {
    const slot = randomInt(slots);
    const after = places[slot];
    const where = [{ field: 'payload.slot', operator: 'eq', value: slot }];
    const call = { id, kind: 'condition', stream: 'slots', slot, after };
    return { call, guard: { failIf: { where, afterPosition: after } } };
  },
  keyed() {
    // One of those that the other processes come to at about the same time.
    const id = `key ${Math.floor(calls / 20) * 3 + randomInt(6)}`;
    return { call: { id, kind: 'keyed', stream: 'keyed' }, guard: { idempotencyKey: id } };
  },
};

async function append() {
  const names = Object.keys(kinds);
  calls += 1;
  const { call, guard } = kinds[names[randomInt(names.length)]](`${name} ${calls}`);
  const from = now();
  // Out before the append begins: a kill must not take the word of a stored call along.
  await new Promise((sent) => process.send({ call, from }, sent));
  const { stream: streamId, ...payload } = call;
  const response = await log.appendEvent({
    instanceId: 'guarded',
    streamId,
    eventType: 'made',
    payload,
    ...guard,
  });
  process.send({ call, time: { from, to: now() }, response });
  learn(call, response);
}

function learn(call, { success, data, conflict }) {
  if (call.kind === 'sequence') {
    const stream = Number(call.stream.split(' ')[1]);
    sequences[stream] = success ? data.event.sequence_number : conflict.actual;
  }
  if (call.kind === 'condition' && !success) places[call.slot] = conflict.position;
}

async function lane() {
  while (!stopping.signal.aborted) await append();
}

await Promise.all(Array.from({ length: lanes }, lane));
await log.close();
process.disconnect();
