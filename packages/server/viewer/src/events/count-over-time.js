// How many events of which type there are over time.

import { partOverTime } from './spans.js';

/** How many types of events a chart tells apart. The others are one. */
const TYPES_MAX = 8;

const ASKED = { aggregates: { n: { type: 'count' } }, field: 'event_type' };

/**
 * Counts events over time, by their type.
 *
 * @param {import('./measure.js').Scope} scope - What is looked at.
 * @param {{ from: number, until: number }} range - The range of time.
 * @param {number} most - About how many parts there may be.
 * @param {string} [timeZone] - Whose hours and days the parts are.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ length: { ms: number, name: string }, starts: number[], types: { name: string | null, counts:
 *   number[], total: number }[] }>} The counts of each type in each part, the most frequent type first. The rarest are
 *   one, `null`.
 */
export async function countOverTime(scope, range, most, timeZone, signal) {
  const { rows, ...parts } = await partOverTime(scope, range, ASKED, most, timeZone, signal);
  const byName = new Map();
  for (const [part, row] of rows.entries()) {
    for (const { event_type: name, n } of row) {
      const type = byName.get(name) ?? emptyType(name, rows.length);
      byName.set(name, type);
      type.counts[part] += n;
      type.total += n;
    }
  }
  const types = [...byName.values()].sort((a, b) => b.total - a.total);
  if (types.length <= TYPES_MAX) return { ...parts, types };
  const others = emptyType(null, rows.length);
  for (const { counts, total } of types.splice(TYPES_MAX - 1)) {
    others.total += total;
    for (const [part, each] of counts.entries()) others.counts[part] += each;
  }
  return { ...parts, types: [...types, others] };
}

function emptyType(name, length) {
  return { name, counts: Array.from({ length }, () => 0), total: 0 };
}
