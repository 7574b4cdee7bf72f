import { randomUUID } from 'node:crypto';

/**
 * The JSON text of an event with what a log adds to it, for a store of keys and values.
 *
 * @param {object} event - An event to append.
 * @param {number} sequence - Its number in its stream.
 * @returns {string} Its JSON text.
 */
export function recordText(event, sequence) {
  return JSON.stringify({
    id: randomUUID(),
    stream_id: event.streamId,
    event_type: event.eventType,
    payload: event.payload,
    metadata: event.metadata,
    timestamp: new Date().toISOString(),
    sequence_number: sequence,
  });
}
