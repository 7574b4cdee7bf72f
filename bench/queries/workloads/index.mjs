// What every system is asked. A query is data: measure/ has the code that asks it.

import { apiRequestQueries } from './api-requests.mjs';
import { readingQueries } from './readings.mjs';
import { smallEventQueries } from './small-events.mjs';
import { variedWebhookQueries } from './varied-webhooks.mjs';
import { webhookQueries } from './webhooks.mjs';

/** How many events a set has where the run says nothing else. */
export const usualEvents = {
  'api-requests': 1_000_000,
  webhooks: 100_000,
  'varied-webhooks': 50_000,
  'small-events': 1_000_000,
  readings: 10_000_000,
};

/** The same, for a quick run. */
export const quickEvents = {
  'api-requests': 100_000,
  webhooks: 5_000,
  'varied-webhooks': 5_000,
  'small-events': 100_000,
  readings: 200_000,
};

/**
 * The queries, in the order in which they are asked.
 *
 * - `dataset`: which events they are about.
 * - `answer`: what is answered: `events`; a `page` of them with their `total`; `rows` of groups; a
 *   `list` of values; one `value`.
 * - `given`: what a run of it is given, where that differs from run to run.
 * - `eventlog`: the query, but for its instance.
 * - `sql`: its parts in SQL, with fields as a system writes them; `isFew` where so few events match that
 *   all of them can be looked at before they are cut to the limit.
 * - `atLeast`: how many times as fast as better-sqlite3 it is to be.
 * - `atLeastColumns`: how many times as fast as DuckDB with columns.
 * - `isScan`: whether it reads the JSON of every event.
 * - `only`: the systems that are asked, where they are not all.
 * - `isQuick`: whether it is part of the selection of `--quick`.
 *
 * @param {object} events - How many events each set has.
 * @returns {object[]} The queries.
 */
export function queriesAbout(events) {
  return [
    ...apiRequestQueries(events['api-requests']),
    ...webhookQueries(),
    ...variedWebhookQueries(),
    ...smallEventQueries(),
    ...readingQueries(),
  ].map((query) => ({ given: () => ({}), ...query }));
}
