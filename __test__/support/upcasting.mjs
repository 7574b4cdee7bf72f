// Sales whose payloads have changed twice.

import { succeeded } from './response.mjs';
import { openAt, temporaryPath } from './temporary.mjs';

/** Where the events are appended. */
export const at = { instanceId: 'shop', autoCreateInstance: true };

/** From a price in one number, by cents, to cents with a currency. */
export const Sold = [
  { from: 2, to: 3, up: ({ cents }) => ({ cents, currency: 'EUR' }) },
  { from: 1, to: 2, up: ({ price }) => ({ cents: Math.round(price * 100) }) },
];

/** A log with a sale of each version, the second one with a correlation, and an event of another type between them. */
export async function grown(t, options) {
  const path = await temporaryPath(t);
  const before = await openAt(t, path);
  const events = [
    { eventType: 'Sold', payload: { price: 1.5 } },
    { eventType: 'Sold', payload: { cents: 20 }, metadata: { schemaVersion: 2, by: 'Ada' } },
    { eventType: 'Noted', payload: { price: 7 }, metadata: { schemaVersion: 'any' } },
    { eventType: 'Sold', payload: { cents: 30, currency: 'USD' }, metadata: { schemaVersion: 3 } },
  ];
  succeeded(t, await before.appendEvents({ ...at, events }), 'appendEvents');
  const log = await openAt(t, path, options);
  return { log, before, path };
}
