// What sensors report: small events, of which there can be many.

import { randomNumbers } from '../../events.mjs';

const start = Date.UTC(2026, 0, 1);
const sensorCount = 1000;
const sites = ['north', 'east', 'south', 'west'];

/**
 * @param {number} events - How many there are.
 * @yields {object} Events, the same ones in every run.
 */
export function* readings(events) {
  const random = randomNumbers(1_618_034);
  let time = start;
  for (let place = 0; place < events; place += 1) {
    time += random(500);
    const value = random(100_000) / 1000;
    yield {
      streamId: `sensor-${random(sensorCount)}`,
      eventType: value > 99 ? 'alarm' : 'reading',
      timestamp: time,
      payload: { value, site: sites[random(sites.length)] },
      metadata: {},
    };
  }
}
