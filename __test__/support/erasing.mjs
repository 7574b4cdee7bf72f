// Events that are erased.

import { randomBytes } from 'node:crypto';

import { succeeded } from './response.mjs';

export const instance = 'log';

export const REASON = 'request 17 of a "person"';

/** Appends events of two customers in turn, and returns what is secret of the first one. */
export async function fill(t, log, count, instanceId = instance) {
  const secrets = [];
  const events = Array.from({ length: count }, (_, index) => {
    const [name, hash] = [randomBytes(18).toString('base64url'), randomBytes(16).toString('hex')];
    if (index % 2 === 0) secrets.push(name, hash);
    return {
      streamId: `s${index % 3}`,
      eventType: 'signed-up',
      payload: { n: index, customer: `c${index % 2}`, name, hash },
      metadata: { by: name },
    };
  });
  const given = { instanceId, events, autoCreateInstance: true };
  succeeded(t, await log.appendEvents(given), 'appendEvents');
  return secrets;
}

export async function erased(t, log, options) {
  const response = await log.eraseEvents({ instance, reason: REASON, ...options });
  return succeeded(t, response, 'eraseEvents');
}

export const ofFirst = [{ field: 'payload.customer', operator: 'eq', value: 'c0' }];

/** How many of the secrets are in bytes, as text and as packed digits: of some of them, from the first to the last. */
export function found(secrets, bytes) {
  const step = Math.ceil(secrets.length / 2 / 40);
  const chosen = secrets.filter((_, index) => Math.floor(index / 2) % step === 0);
  const forms = chosen.flatMap((secret) => {
    const text = Buffer.from(secret);
    if (secret.length !== 32) return [text];
    const swapped = secret.replaceAll(/(.)(.)/g, '$2$1');
    return [text, Buffer.from(secret, 'hex'), Buffer.from(swapped, 'hex')];
  });
  return forms.filter((form) => bytes.includes(form)).length;
}
