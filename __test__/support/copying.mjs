// Logs that are copied, and what is in them.

import { SIGNING_KEY } from './evidence.mjs';
import { handle, parkedOf } from './parking.mjs';
import { failed, succeeded } from './response.mjs';
import { exportText } from './transfer.mjs';

/** Copies what must be copied, and returns the counts. */
export const copied = async (t, log, other, options) =>
  succeeded(t, await log.copyTo(other, options), 'copyTo');

/** Copies what must be refused, and returns why. */
export const refused = async (t, log, other, code, pattern, options) =>
  failed(t, await log.copyTo(other, options), 'copyTo', code, pattern);

export const sum = {
  name: 'sum',
  version: 1,
  initial: 0,
  apply: (total, { payload }) => total + payload.n,
};

/** Appends so many events to an instance. */
export function append(log, instanceId, count, first = 1) {
  const events = Array.from({ length: count }, (_, index) => ({
    streamId: `s${(first + index) % 3}`,
    eventType: 'made',
    payload: { n: first + index, text: '😀\ud800é' },
    timestamp: 1_700_000_000_000 - index,
  }));
  return log.strict.appendEvents({ instanceId, autoCreateInstance: true, events });
}

/** A log with everything that a log can have. */
export async function filled(t, log) {
  await log.strict.createInstance('described', 'what was "ördered"');
  await append(log, 'log', 40);
  await append(log, 'other', 3);
  const call = { instanceId: 'log', eventType: 'keyed', payload: { n: 0 }, idempotencyKey: 'once' };
  const { event } = await log.strict.appendEvent(call);
  await handle(log, 12, [3, 7]);
  await log.strict.project({ instance: 'log', snapshotEvery: 1, ...sum });
  await log.strict.checkpoint({ instance: 'log', key: SIGNING_KEY });
  return { call, event };
}

/** What a log shows of everything that is copied. */
export async function shown(t, log) {
  const { instances } = await log.strict.listInstances();
  const consumers = await Promise.all(
    instances.map(({ id: instance }) => log.strict.listConsumers({ instance })),
  );
  return {
    instances,
    consumers,
    parked: await parkedOf(t, log),
    text: await exportText(log),
  };
}
