// Percentiles of a number over time.

import { partOverTime } from './spans.js';

/** Of more numbers in a part, the log computes from a sketch, within half a percent. */
const EXACT_MAX = 16_384;

/** Which ones. */
export const PERCENTILES = [50, 90, 99];

/**
 * @param {import('./measure.js').Scope} scope - What is looked at.
 * @param {string} field - The field. Events where it is no number do not count.
 * @param {{ from: number, until: number }} range - The range of time.
 * @param {number} most - About how many parts of it there may be.
 * @param {string} [timeZone] - Whose hours and days the parts are.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ length: { ms: number, name: string }, starts: number[], lines: (number | null)[][],
 *   isExact: boolean }>} For each percentile its value in each part; `null` without numbers. It lies between two numbers if
 *   none is at its place. `isExact` is false if a part has so many numbers that its percentiles can be off by half a
 *   percent.
 */
export async function percentilesOverTime(scope, field, range, most, timeZone, signal) {
  const asked = { aggregates: { n: { type: 'count', field } } };
  for (const percent of PERCENTILES) {
    asked.aggregates[`p${percent}`] = { type: 'percentile', field, p: percent / 100 };
  }
  const { rows, ...parts } = await partOverTime(scope, range, asked, most, timeZone, signal);
  return {
    ...parts,
    isExact: rows.every(([{ n }]) => n <= EXACT_MAX),
    lines: PERCENTILES.map((percent) => rows.map(([row]) => row[`p${percent}`])),
  };
}
