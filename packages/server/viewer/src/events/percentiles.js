// Percentiles of a number over time, by the nearest rank: each is a value that an event has.

import { query } from '../log/call.js';
import { inTurns } from '../log/turns.js';
import { partTime, within } from './bins.js';
import { countBy } from './measure.js';

/** Which ones. */
export const PERCENTILES = [50, 90, 99];

/** Holds for numbers only, and for each of them. */
const isNumber = (field) => ({ field, operator: 'lte', value: Number.MAX_VALUE });

/**
 * @param {import('./measure.js').Scope} scope - What is looked at.
 * @param {string} field - The field. Events where it is no number do not count.
 * @param {{ from: number, until: number }} range - The range of time.
 * @param {number} most - How many parts of it there may be.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ width: number, starts: number[], lines: (number | null)[][] }>} For each percentile its value in
 *   each part; `null` without numbers.
 */
export async function percentilesOverTime(scope, field, range, most, signal) {
  const { width, starts } = partTime(range, most);
  const [only] = scope.terms;
  // One query can order the events itself. The terms of a sum have to be taken together value by value.
  const isOne = scope.terms.length === 1 && only.coefficient === 1;
  const ask = isOne ? byOrder : byValues;
  const parts = await inTurns(starts, (start) =>
    ask(scope, field, within(range, start, width), signal),
  );
  return { width, starts, lines: PERCENTILES.map((_, n) => parts.map((values) => values[n])) };
}

/** The number of the value with so many percent of `count` values up to it, from 0. */
function rankOf(percent, count) {
  return Math.max(0, Math.ceil((percent * count) / 100) - 1);
}

async function byOrder({ from, terms: [{ where: own }] }, field, more, signal) {
  const where = [...own, isNumber(field), ...more];
  const { aggregation: count } = await query({ from, where, reduce: { type: 'count' } }, signal);
  if (count === 0) return PERCENTILES.map(() => null);
  return Promise.all(
    PERCENTILES.map(async (percent) => {
      const { aggregation } = await query(
        {
          from,
          where,
          reduce: { type: 'collect', field },
          orderBy: { field },
          offset: rankOf(percent, count),
          limit: 1,
        },
        signal,
      );
      return aggregation[0] ?? null;
    }),
  );
}

async function byValues(scope, field, more, signal) {
  const rows = await countBy(scope, field, [isNumber(field), ...more], signal);
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  return PERCENTILES.map((percent) => {
    let rest = rankOf(percent, total);
    const row = rows.find(({ count }) => (rest -= count) < 0);
    return row?.value ?? null;
  });
}
