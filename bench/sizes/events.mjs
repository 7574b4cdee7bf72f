// What sensors report, each report with a number that no other one has.

import { randomNumbers } from '../events.mjs';

const sensorCount = 1000;
const sites = ['north', 'east', 'south', 'west'];

/** An odd number, so that no two of 2^32 places have the same serial number (Knuth's multiplicative hashing). */
const multiplier = 2_654_435_761n;

/**
 * @param {number} place - The place of an event in its log, from 0; one beyond all events is in none of them.
 * @returns {number} A serial number below 2^32 that looks random.
 */
export function serialOf(place) {
  return Number((BigInt(place) * multiplier) & 0xffff_ffffn);
}

/** @returns {string} The stream of a sensor. */
export function streamNamed(sensor) {
  return `sensor-${sensor % sensorCount}`;
}

/**
 * @param {number} first - The place of the first one.
 * @yields {object} Events, the same ones in every run, without an end.
 */
export function* reports(first) {
  const random = randomNumbers(1_618_034 + first);
  for (let place = first; ; place += 1) {
    yield {
      streamId: streamNamed(random(sensorCount)),
      eventType: 'reading',
      payload: {
        serial: serialOf(place),
        value: random(100_000) / 1000,
        site: sites[random(sites.length)],
      },
      metadata: {},
    };
  }
}
