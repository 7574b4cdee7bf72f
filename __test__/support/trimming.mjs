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

/** The positions that a reader gives out. */
export const positionsOf = async (reader) => {
  const positions = [];
  for await (const { position } of reader) positions.push(position);
  return positions;
};

/** The numbers from one to another. */
export const range = (first, last) =>
  Array.from({ length: last + 1 - first }, (_, at) => first + at);

/** Where the stream `a` stands after its first four events, and what is left of the instance without these. */
export const LEFT_OF_A = range(13, EVENTS).filter((position) => position % 2 === 1);
export const LEFT = range(1, EVENTS).filter((position) => ![5, 7, 9, 11].includes(position));

export async function trimmedStream(t, log, stream, beforeSequence, more = {}) {
  const response = await log.trimStream({ instance: 'log', stream, beforeSequence, ...more });
  return succeeded(t, response, 'trimStream');
}
