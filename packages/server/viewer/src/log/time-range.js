// From when to when the events of an instance are.

import { query } from './call.js';

/**
 * @param {{ instance: string, stream?: string }} from - The instance, or one of its streams.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ from: number, until: number } | undefined>} Milliseconds since 1970, without the end; `undefined`
 *   without events.
 */
export async function timeRange(from, signal) {
  const ends = await Promise.all(
    ['asc', 'desc'].map(async (direction) => {
      const orderBy = { field: 'timestamp', direction };
      const { events } = await query({ from, orderBy, limit: 1, select: ['timestamp'] }, signal);
      return events[0]?.timestamp;
    }),
  );
  if (ends.includes(undefined)) return undefined;
  const [first, last] = ends.map((text) => Date.parse(text));
  return { from: first, until: last + 1 };
}
