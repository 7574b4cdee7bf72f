// The most frequent values of a field.

import { query } from '../log/call.js';
import { countBy } from './measure.js';

/**
 * @param {import('./measure.js').Scope} scope - What is looked at.
 * @param {string} field - The field.
 * @param {object[]} more - More conditions.
 * @param {number} most - How many values.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ rows: { value: unknown, count: number }[], total: number }>} The values, the most frequent first,
 *   and how many events there are. Events without the field count as `null`.
 */
export async function topValues(scope, field, more, most, signal) {
  const { from, terms } = scope;
  const [only] = terms;
  if (terms.length === 1 && only.coefficient === 1) {
    const { aggregation, total } = await query(
      {
        from,
        where: [...only.where, ...more],
        reduce: { type: 'count', groupBy: [field] },
        orderBy: { field: 'count', direction: 'desc' },
        limit: most,
      },
      signal,
    );
    return { rows: aggregation.map((row) => ({ value: row[field], count: row.count })), total };
  }
  const rows = await countBy(scope, field, more, signal);
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  return { rows: rows.sort((a, b) => b.count - a.count).slice(0, most), total };
}
