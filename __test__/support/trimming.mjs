// Logs that are trimmed.

import { failed, succeeded } from './response.mjs';

export const EVENTS = 30;

/** Appends events to the streams `a`, `b` and `old`, which ends with the third of them, and returns their ids. */
export async function filled(t, log, count = EVENTS) {
  const events = Array.from({ length: count }, (_, index) => ({
    streamId: index < 3 ? 'old' : ['a', 'b'][index % 2],
    eventType: index < 10 ? 'early' : 'late',
    payload: { n: index + 1 },
    timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, index)),
  }));
  const given = { instanceId: 'log', autoCreateInstance: true, events };
  const data = succeeded(t, await log.appendEvents(given), 'appendEvents');
  return data.events;
}

export async function trimmed(t, log, beforePosition, more = {}) {
  const response = await log.trimEvents({ instance: 'log', beforePosition, ...more });
  return succeeded(t, response, 'trimEvents');
}

/** Asserts that a response is a failure because of where the log begins, and returns where that is. */
export function refusedAsTrimmed(t, response, method, pattern = /./) {
  const { conflict, ...rest } = response;
  failed(t, rest, method, 'TRIMMED', pattern);
  return conflict;
}

export async function statsOf(t, log) {
  return succeeded(t, await log.getInstanceStats('log'), 'getInstanceStats');
}
