// A projection that adds up numbers.

import { succeeded } from './response.mjs';

/** Adds up numbers, and remembers how often it was called. */
export function counting() {
  const calls = { count: 0 };
  const apply = (state, { payload, position }) => {
    calls.count += 1;
    return { sum: state.sum + payload.n, events: state.events + 1, last: position };
  };
  return { calls, apply };
}

/** The state before the first event. */
export const initial = { sum: 0, events: 0, last: 0 };

/** How many snapshots there are, all of which are deleted. */
export async function deleted(t, log, options = { instance: 'log' }) {
  return succeeded(t, await log.deleteSnapshots(options), 'deleteSnapshots').count;
}
