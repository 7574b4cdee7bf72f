// The most frequent values of a field.

import { query } from '../log/call.js';

/** What the number of events is called in a row: a name that no field has. */
const EVENTS = '# events';

/**
 * @param {import('./measure.js').Scope} scope - What is looked at.
 * @param {string} field - The field.
 * @param {number} most - How many values.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ rows: { value: unknown, count: number }[], total: number }>} The values, the most frequent first,
 *   and how many events there are. Events without the field count as `null`.
 */
export async function topValues({ from, where }, field, most, signal) {
  const { aggregation, total } = await query(
    {
      from,
      where,
      // A `topK` would leave out the events without the field, whose share is of interest too.
      reduce: { aggregates: { [EVENTS]: { type: 'count' } }, groupBy: [field] },
      orderBy: { field: EVENTS, direction: 'desc' },
      limit: most,
    },
    signal,
  );
  return { rows: aggregation.map((row) => ({ value: row[field], count: row[EVENTS] })), total };
}
