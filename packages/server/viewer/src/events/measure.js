// What is looked at, and how many events there are of it.

import { query } from '../log/call.js';

/**
 * What is looked at: an instance or one of its streams, and conditions.
 *
 * @typedef {{ from: { instance: string, stream?: string }, where: object[] }} Scope
 */

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

/**
 * How many events match, of those that more conditions hold for.
 *
 * @param {Scope} scope - What is looked at.
 * @param {object[]} more - More conditions.
 * @param {AbortSignal} [signal] - Aborts it.
 */
export async function count({ from, where }, more, signal) {
  const asked = { from, where: [...where, ...more], reduce: { type: 'count' } };
  return (await query(asked, signal)).aggregation;
}
