// Counts of the events that a filter holds for: sums over its terms.

import { query } from '../log/call.js';

/**
 * What is looked at: an instance or one of its streams, and the terms of a filter.
 *
 * @typedef {{ from: { instance: string, stream?: string }, terms: { coefficient: number, where: object[] }[] }} Scope
 */

/** More groups than these are not counted for a filter of several terms, where all have to be known. */
const GROUPS_MAX = 100_000;

/** The condition that an event is among these positions, both included. */
export function positionsBetween(first, last) {
  return { field: 'position', operator: 'between', value: [first, last] };
}

/** The conditions that an event's time is in a range, in milliseconds since 1970, without its end. */
export function timesBetween(from, until) {
  return [
    { field: 'timestamp', operator: 'gte', value: from },
    { field: 'timestamp', operator: 'lt', value: until },
  ];
}

/** How many events each term has, of those that more conditions hold for. */
export function countTerms({ from, terms }, more, signal) {
  return Promise.all(
    terms.map(async ({ where }) => {
      const asked = { from, where: [...where, ...more], reduce: { type: 'count' } };
      return (await query(asked, signal)).aggregation;
    }),
  );
}

/** How many events match, of those that more conditions hold for. */
export async function count(scope, more, signal) {
  return matchesOf(scope, await countTerms(scope, more, signal));
}

/** How many events match, by how many each term has. */
export function matchesOf({ terms }, counts) {
  return counts.reduce((sum, each, n) => sum + terms[n].coefficient * each, 0);
}

/**
 * How many events match, by the values of a field.
 *
 * @param {Scope} scope - What is looked at.
 * @param {string} field - The field.
 * @param {object[]} more - More conditions.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ value: unknown, count: number }[]>} Each value with its count, in the order of the values. A field
 *   that is missing is `null`.
 * @throws {Error} If there are too many values.
 */
export async function countBy({ from, terms }, field, more, signal) {
  const pages = await Promise.all(
    terms.map(async ({ coefficient, where }) => {
      const reduce = { type: 'count', groupBy: [field] };
      const asked = { from, where: [...where, ...more], reduce, limit: GROUPS_MAX + 1 };
      const { aggregation } = await query(asked, signal);
      if (aggregation.length > GROUPS_MAX) {
        throw new Error(`${field} has more than ${GROUPS_MAX.toLocaleString('en')} values here`);
      }
      return aggregation.map((row) => ({ value: row[field], count: coefficient * row.count }));
    }),
  );
  return pages.length === 1 ? pages[0] : added(pages.flat());
}

function added(rows) {
  const byValue = new Map();
  for (const { value, count: each } of rows) {
    const key = canonical(value);
    const row = byValue.get(key);
    if (row === undefined) byValue.set(key, { value, count: each });
    else row.count += each;
  }
  return [...byValue.values()].filter((row) => row.count > 0).sort(byTypeAndValue);
}

/** The same text for the same value: objects whatever the order of their keys. */
function canonical(value) {
  return JSON.stringify(value, (_, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

function byTypeAndValue(a, b) {
  const rank = (value) => ['object', 'boolean', 'number', 'string'].indexOf(typeof value);
  if (rank(a.value) !== rank(b.value)) return rank(a.value) - rank(b.value);
  if (a.value === b.value) return 0;
  return a.value < b.value ? -1 : 1;
}
