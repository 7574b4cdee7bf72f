// Events read in a row.

import { openAt, temporaryPath } from './temporary.mjs';

/** More events than a page has, and than a block has. */
export const MANY = 10_000;

/** A log with events in the instance `log`. */
export async function logOf(t, count = MANY, options = {}) {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', count, options);
  return { log, path };
}

/** The first numbers from 0, or of those that are so far apart. */
export const numbers = (count, step = 1) => Array.from({ length: count }, (_, n) => n * step);

/** Appends `count` events in some streams of an instance, numbered from 0 by their payloads. */
export async function fill(log, instanceId, count, { streams = 7, bytes = 100, first = 0 } = {}) {
  for (let begin = first; begin < first + count; begin += 5000) {
    const length = Math.min(5000, first + count - begin);
    const events = Array.from({ length }, (_, index) => {
      const n = begin + index;
      return {
        streamId: `stream ${n % streams}`,
        eventType: n % 3 === 0 ? 'third' : 'other',
        payload: { n, text: 'x'.repeat(bytes) },
        metadata: {
          correlationId: `correlation ${Math.floor(n / 3)}`,
          causationId: `cause ${n % 4}`,
        },
      };
    });
    const stored = await log.appendEvents({ instanceId, events, autoCreateInstance: true });
    if (!stored.success) throw new Error(`${stored.code}: ${stored.error}`);
  }
}

/** All that is left to be read. */
export async function all(reader) {
  const events = [];
  for await (const event of reader) events.push(event);
  return events;
}

/** The numbers of events that `fill` has appended. */
export const numbersOf = (events) => events.map((event) => event.payload.n);

/** Asserts that the next step of a reader fails with that code, and that it has ended then. */
export async function failsWith(t, reader, code, pattern) {
  const error = await t.throwsAsync(() => reader.next());
  t.is(error.name, 'EventLogError');
  t.is(error.code, code, error.message);
  t.regex(error.message, pattern);
  t.deepEqual(await reader.next(), { done: true, value: undefined });
  return error;
}
