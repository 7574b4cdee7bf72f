// GitHub's examples of webhook payloads: about 10 KB of JSON an event.

import { createRequire } from 'node:module';

import { randomNumbers } from '../../events.mjs';

const require = createRequire(import.meta.url);

const start = Date.UTC(2026, 0, 1);
const millisecondsApart = 20_000;

/** One of the streams, which about one in twenty events is in. */
export const someStream = 'octo-org/octo-repo';

/**
 * @param {number} events - How many there are.
 * @yields {object} Events, the same ones in every run: of all examples, one at random.
 */
export function* webhooks(events) {
  const random = randomNumbers(3_141_593);
  const deliveries = require('@octokit/webhooks-examples').flatMap(({ name, examples }) =>
    examples.map((payload) => ({ eventType: name, streamId: streamOf(payload), payload })),
  );
  for (let place = 0; place < events; place += 1) {
    yield {
      ...deliveries[random(deliveries.length)],
      timestamp: start + place * millisecondsApart + random(millisecondsApart),
      metadata: { source: 'github', n: place },
    };
  }
}

/** An event is of a repository, or else of whoever has caused it. */
function streamOf({ repository, organization, sender }) {
  return repository?.full_name ?? organization?.login ?? sender?.login ?? 'github';
}
