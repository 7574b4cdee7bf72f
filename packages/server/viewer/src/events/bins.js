// Parts of a range of time, and what is in each.

import { inTurns } from '../log/turns.js';
import { countBy, timesBetween } from './measure.js';

/** Widths that people read easily, in milliseconds. */
const WIDTHS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
  86_400_000, 172_800_000, 604_800_000, 1_209_600_000, 2_419_200_000, 7_776_000_000, 31_536_000_000,
];

/** How many types of events a chart tells apart. The others are one. */
const TYPES_MAX = 8;

/**
 * Parts a range of time.
 *
 * @param {{ from: number, until: number }} range - The range, in milliseconds since 1970.
 * @param {number} most - How many parts there may be.
 * @returns {{ width: number, starts: number[] }} The width of each part, and where it starts.
 */
export function partTime({ from, until }, most) {
  const fits = (width) => Math.ceil(until / width) - Math.floor(from / width) <= most;
  const width = WIDTHS.find(fits) ?? Math.ceil((until - from) / (most - 1));
  const first = Math.floor(from / width) * width;
  const starts = [];
  for (let start = first; start < until; start += width) starts.push(start);
  return { width, starts };
}

/** The range of a part, of which only what is in the whole range counts. */
export function within({ from, until }, start, width) {
  return timesBetween(Math.max(from, start), Math.min(until, start + width));
}

/**
 * Counts events over time, by their type.
 *
 * @param {import('./measure.js').Scope} scope - What is looked at.
 * @param {{ from: number, until: number }} range - The range of time.
 * @param {number} most - How many parts there may be.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ width: number, starts: number[], types: { name: string | null, counts: number[], total: number
 *   }[] }>} The counts of each type in each part, the most frequent type first. The rarest are one, `null`.
 */
export async function countOverTime(scope, range, most, signal) {
  const { width, starts } = partTime(range, most);
  const rows = await inTurns(starts, (start) =>
    countBy(scope, 'event_type', within(range, start, width), signal),
  );
  const byName = new Map();
  for (const [n, row] of rows.entries()) {
    for (const { value, count } of row) {
      const type = byName.get(value) ?? emptyType(value, starts.length);
      byName.set(value, type);
      type.counts[n] += count;
      type.total += count;
    }
  }
  const types = [...byName.values()].sort((a, b) => b.total - a.total);
  if (types.length <= TYPES_MAX) return { width, starts, types };
  const others = emptyType(null, starts.length);
  for (const { counts, total } of types.splice(TYPES_MAX - 1)) {
    others.total += total;
    for (const [n, each] of counts.entries()) others.counts[n] += each;
  }
  return { width, starts, types: [...types, others] };
}

function emptyType(name, length) {
  return { name, counts: Array.from({ length }, () => 0), total: 0 };
}
