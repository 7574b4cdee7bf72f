// GitHub's examples of webhook payloads: about 10 KB of JSON an event.

import { allExamples, deliveries } from './deliveries.mjs';

/** One of the streams, which about one in twenty events is in. */
export const someStream = 'octo-org/octo-repo';

/**
 * @param {number} events - How many there are.
 * @returns {Iterable<object>} Events, the same ones in every run: of all examples, one at random.
 */
export function webhooks(events) {
  return deliveries(events, 3_141_593, allExamples(), ({ payload }) => payload);
}
