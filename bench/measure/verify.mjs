// Reads back what was acknowledged, so that a system that does less work than it says is noticed.

import { isDeepStrictEqual } from 'node:util';

/** How many streams are read, and how many events at either end of each. */
const streamCount = 16;
const eventCount = 200;

/**
 * Checks that streams have all the numbers that were answered, in order, and the payloads that were
 * given.
 *
 * @param {object} log - A log, opened anew.
 * @param {Uint32Array} heads - The last number that was answered of each stream, or 0.
 * @param {import('../events.mjs').EventSource} source - Where the events are from.
 * @returns {Promise<number>} How many events were read.
 */
export async function verify(log, heads, source) {
  let read = 0;
  let streamsLeft = streamCount;
  for (let i = 0; i < heads.length && streamsLeft > 0; i += 1) {
    if (heads[i] === 0) continue;
    streamsLeft -= 1;
    const starts = new Set([1, Math.max(1, heads[i] - eventCount + 1)]);
    for (const from of starts) read += await verifyPart(log, `user-${i}`, from, heads[i], source);
  }
  if (read === 0) throw new Error('verification: expected events, found none');
  return read;
}

async function verifyPart(log, stream, from, head, source) {
  const events = await log.readStream(stream, from, eventCount);
  const expected = Math.min(eventCount, head - from + 1);
  if (events.length < expected) {
    throw new Error(`${stream}: expected ${expected} events from ${from}, found ${events.length}`);
  }
  events.forEach((event, i) => {
    const { sequence_number: sequence, payload } = event;
    if (sequence !== from + i) {
      throw new Error(`${stream}: expected number ${from + i}, found ${sequence}`);
    }
    if (event.stream_id !== stream || !isDeepStrictEqual(payload, source.payloadOf(event))) {
      throw new Error(`${stream}: expected the payload of number ${sequence}, found another`);
    }
    if (!event.id || !event.event_type || Number.isNaN(Date.parse(event.timestamp))) {
      throw new Error(`${stream}: expected a full event, found ${JSON.stringify(event)}`);
    }
  });
  return events.length;
}
