// The events that queries are asked about: the same ones, in the same order, for every system.

import { randomUUID } from 'node:crypto';

import { apiRequests } from './api-requests.mjs';
import { readings } from './readings.mjs';
import { variedWebhooks } from './varied-webhooks.mjs';
import { webhooks } from './webhooks.mjs';

/**
 * The sets of events.
 *
 * - `title`: what they are, in words.
 * - `make`: yields so many events.
 * - `batch`: how many are appended at once.
 * - `eventBytes`: how much of the disk one takes at most, whatever the system, while it is loaded.
 * - `sizeAtMost`: how much of what one takes of the disk with better-sqlite3 it is to take; `bytesAtMost`: how many bytes.
 */
export const datasets = [
  {
    name: 'api-requests',
    title: 'API requests',
    make: apiRequests,
    batch: 10_000,
    eventBytes: 1000,
    sizeAtMost: 0.16,
  },
  {
    name: 'webhooks',
    title: 'webhooks',
    make: webhooks,
    batch: 1000,
    eventBytes: 30_000,
    sizeAtMost: 0.05,
  },
  {
    name: 'varied-webhooks',
    title: 'webhooks of which no two are alike',
    make: variedWebhooks,
    batch: 1000,
    eventBytes: 30_000,
    sizeAtMost: 0.17,
  },
  {
    name: 'small-events',
    title: 'events of two fields',
    make: readings,
    batch: 10_000,
    eventBytes: 400,
    bytesAtMost: 20,
  },
  { name: 'readings', title: 'small events', make: readings, batch: 10_000, eventBytes: 400 },
];

/**
 * @param {string} name - The name of a set of events.
 * @returns {object} The set.
 */
export function datasetNamed(name) {
  return datasets.find((dataset) => dataset.name === name);
}

/**
 * What a rival stores: it is given the numbers that an event log makes.
 *
 * @param {object} dataset - A set of events.
 * @param {number} events - How many there are.
 * @yields {object} Rows.
 */
export function* rows(dataset, events) {
  const heads = new Map();
  let position = 0;
  for (const { streamId, eventType, timestamp, payload, metadata } of dataset.make(events)) {
    const sequence = (heads.get(streamId) ?? 0) + 1;
    heads.set(streamId, sequence);
    position += 1;
    yield {
      position,
      id: randomUUID(),
      stream_id: streamId,
      event_type: eventType,
      timestamp,
      sequence_number: sequence,
      payload: JSON.stringify(payload),
      metadata: JSON.stringify(metadata),
    };
  }
}
