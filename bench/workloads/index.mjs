// What every system has to do. A workload is data: measure/ has the code that carries it out.

/** What a workload has where it says nothing else. */
const usual = { kind: 'flight', inFlight: 1024, streams: 1000, size: '300 B' };

/** The groups of workloads, in the order in which they run. */
export const groups = ['in-flight', 'batch', 'streams', 'size', 'several', 'growth'];

/** The systems whose growth is measured. */
export const grown = ['eventlog', 'baseline', 'better-sqlite3-queue', 'lmdb'];

/** The most events in a rival's file, where it is not asked for more: filling them takes long. */
export const rivalEventsMax = 1_000_000;

/** The floor that a workload is compared with, by its size of a batch. */
const floorsInFlight = { 1: [1], 1024: [1024] };

/**
 * The workloads.
 *
 * - `kind`: `flight` keeps `inFlight` appends going, `batch` appends `batch` events with one call at
 *   a time, `parties` does as `flight` in four processes or threads.
 * - `prepared`: what the file holds before.
 * - `eventsMax`: the timed part ends after as many events, if it has not ended before.
 * - `isQuick`: whether it is part of the selection of `--quick`.
 */
export const workloads = [
  ...[1, 16, 64, 256, 1024, 4096].map((inFlight) => ({
    ...usual,
    name: `in-flight-${inFlight}`,
    group: 'in-flight',
    title: `${inFlight} in flight`,
    inFlight,
    floors: floorsInFlight[inFlight],
    isQuick: [1, 64, 1024].includes(inFlight),
  })),
  ...[100, 1000, 10_000].map((batch) => ({
    ...usual,
    kind: 'batch',
    name: `batch-${batch}`,
    group: 'batch',
    title: `batches of ${batch}`,
    batch,
    floors: batch === 1000 ? [1024] : undefined,
    isQuick: batch === 1000,
  })),
  { ...usual, name: 'streams-1', group: 'streams', title: '1 stream', streams: 1 },
  {
    ...usual,
    name: 'streams-1000000',
    group: 'streams',
    title: '1,000,000 streams',
    streams: 1_000_000,
    prepared: { events: 1_000_000, streams: 1_000_000 },
  },
  { ...usual, name: 'size-3kb', group: 'size', title: 'events of 3 KB', size: '3 KB' },
  { ...usual, name: 'size-webhooks', group: 'size', title: 'webhook payloads', size: 'webhooks' },
  ...['process', 'thread'].map((party) => ({
    ...usual,
    kind: 'parties',
    name: party === 'process' ? 'processes-4' : 'threads-4',
    group: 'several',
    title: party === 'process' ? '4 processes' : '4 worker threads',
    party,
    parties: 4,
    inFlight: 256,
  })),
  ...[10_000, 100_000, 1_000_000, 10_000_000].map((events) => ({
    ...usual,
    name: `growth-${events}`,
    group: 'growth',
    title: `${events.toLocaleString('en')} events`,
    prepared: { events, streams: usual.streams },
    // Not so many that the file of the smallest size has another size afterwards.
    eventsMax: Math.min(100_000, Math.max(30_000, events / 10)),
    isQuick: events === 10_000 || events === 100_000,
  })),
];

/**
 * @param {string} name - The name of a workload.
 * @returns {object} The workload.
 */
export function workloadNamed(name) {
  return workloads.find((workload) => workload.name === name);
}
