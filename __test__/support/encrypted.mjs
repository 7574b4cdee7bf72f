// Logs with events that are encrypted, and what is expected of their responses.

import { randomBytes } from 'node:crypto';

import * as responses from './response.mjs';
import { openAt, temporaryPath } from './temporary.mjs';

const method = ({ type }) => type.slice('eventLog.'.length);
export const succeeded = (t, response) => responses.succeeded(t, response, method(response));
export const appended = (t, response) => succeeded(t, response).event;
export const queried = (t, response) => succeeded(t, response).result;
export const failed = (t, response, ...expected) =>
  responses.failed(t, response, method(response), ...expected);

export const KEY = randomBytes(32);
export const OPTIONS = { key: KEY, autoCreateInstances: true };
/** What no file may have. */
export const SECRET = 'Ada-Lovelace-1815';

/** Three of four. */
export const most = (n) => n % 4 > 0;

/** Events, of which some are encrypted, for three subjects or four. */
export function eventsOf(count, isEncrypted = most) {
  return Array.from({ length: count }, (_, n) => ({
    streamId: `s${n % 7}`,
    eventType: n % 5 === 0 ? 'rare' : 'often',
    payload: { n, name: `${SECRET}-${n % 11}`, deep: { even: n % 2 === 0 } },
    metadata: { by: `${SECRET}-by-${n % 3}` },
    timestamp: 1_700_000_000_000 + n,
    ...(isEncrypted(n) ? { encrypt: { subject: `customer-${n % 4}` } } : {}),
  }));
}

/** A log in a file, with a key unless the options have none. */
export async function opened(t, options = OPTIONS) {
  const path = await temporaryPath(t);
  return { path, log: await openAt(t, path, options) };
}
