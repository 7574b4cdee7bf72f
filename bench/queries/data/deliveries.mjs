// Deliveries of webhooks: GitHub's examples of payloads, of which each event has one at random.

import { createRequire } from 'node:module';

import { randomNumbers } from '../../events.mjs';

const require = createRequire(import.meta.url);

const start = Date.UTC(2026, 0, 1);
const millisecondsApart = 20_000;

/** @returns {{ eventType: string, payload: object }[]} All examples. */
export function allExamples() {
  return require('@octokit/webhooks-examples').flatMap(({ name, examples }) =>
    examples.map((payload) => ({ eventType: name, payload })),
  );
}

/**
 * @template {{ eventType: string }} Example
 * @param {number} events - How many there are.
 * @param {number} seed - Of the random numbers.
 * @param {Example[]} examples - Of which each is one.
 * @param {(example: Example, timestamp: number, random: (below: number) => number) => object} payloadOf - Its payload.
 * @yields {object} Events, the same ones in every run.
 */
export function* deliveries(events, seed, examples, payloadOf) {
  const random = randomNumbers(seed);
  for (let place = 0; place < events; place += 1) {
    const example = examples[random(examples.length)];
    const timestamp = start + place * millisecondsApart + random(millisecondsApart);
    const payload = payloadOf(example, timestamp, random);
    yield {
      streamId: streamOf(payload),
      eventType: example.eventType,
      timestamp,
      payload,
      metadata: { source: 'github', n: place },
    };
  }
}

/** An event is of a repository, or else of whoever has caused it. */
function streamOf({ repository, organization, sender }) {
  return repository?.full_name ?? organization?.login ?? sender?.login ?? 'github';
}
