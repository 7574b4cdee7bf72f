// A counter that is decided on.

import { counter } from './counter.mjs';
import { all } from './reading.mjs';
import { created } from './response.mjs';
import { openLog } from './temporary.mjs';

export { counter };

/** An event by which it counts, as `appendEvent` takes it. */
export const event = {
  instanceId: counter.instance,
  streamId: counter.stream,
  eventType: 'counted',
  payload: { by: 1 },
};

/** Its events. */
export const stored = (log) =>
  all(log.readStream({ instance: counter.instance, stream: counter.stream }));

/** Counts by one. */
export const one = () => ({ eventType: 'counted', payload: { by: 1 } });

/** A new log with the instance. */
export async function opened(t, options) {
  const log = await openLog(t, options);
  await created(t, log, counter.instance);
  return log;
}

/** Asserts that a promise rejects with an EventLogError of that code, and returns it. */
export async function rejects(t, promise, code, pattern = /./) {
  const error = await t.throwsAsync(promise);
  t.is(error.name, 'EventLogError', error.stack);
  t.is(error.code, code, error.message);
  t.regex(error.message, pattern);
  return error;
}
