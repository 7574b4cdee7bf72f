// A consumer that parks events which it cannot handle.

import { succeeded } from './response.mjs';

export const mailer = { instance: 'log', consumer: 'mailer' };
export const parking = { ...mailer, onFailed: 'park' };

export const next = async (subscription) => (await subscription.next()).value;

/** What a method of a consumer answers. */
export async function asked(t, log, method, options = {}) {
  return succeeded(t, await log[method]({ ...mailer, ...options }), method);
}

/** The positions of the parked events; those that were put back are negative. */
export async function parkedOf(t, log, options) {
  const { parked } = await asked(t, log, 'listParked', options);
  return parked.map(({ position, retrying }) => (retrying ? -position : position));
}

/** The consumer as it is listed. */
export async function consumerOf(t, log) {
  const response = await log.listConsumers({ instance: 'log' });
  const [consumer] = succeeded(t, response, 'listConsumers').consumers;
  return consumer;
}

/** Handles the next `count` events, of which those at `failing` fail. Returns the positions. */
export async function handle(log, count, failing, options = {}) {
  const positions = [];
  for await (const event of log.subscribe({ ...parking, ...options })) {
    positions.push(event.position);
    if (failing.includes(event.position)) await event.nack(new Error(`no ${event.position}`));
    else await event.ack();
    if (positions.length === count) break;
  }
  return positions;
}
