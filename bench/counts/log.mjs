// What the measurements have in common.

import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** Opens a new log in a folder. */
export const openLog = (EventLog, folder, name = 'log.redb') => EventLog.open(join(folder, name));

/** @returns {Promise<object>} The data of a response, which has to be a success. */
export async function done(response) {
  const { success, data, error } = await response;
  if (!success) throw new Error(error);
  return data;
}

/** @returns {Promise<number>} How long `work` takes, in milliseconds. */
export async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** @returns {Promise<number>} How long each of `count` steps takes, in microseconds, if they are taken one by one. */
export async function each(count, step) {
  const ms = await timed(async () => {
    for (let n = 0; n < count; n += 1) await step(n);
  });
  return (ms * 1000) / count;
}

/** @returns {Promise<number>} How long each of `count` steps takes, in microseconds, with up to `lanes` at a time. */
export async function many(count, step, lanes = 1000) {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await step(next - 1);
    }
  };
  const ms = await timed(() => Promise.all(Array.from({ length: Math.min(lanes, count) }, lane)));
  return (ms * 1000) / count;
}

/** @returns {Promise<number[]>} How long each of the steps takes, in milliseconds, from the least to the most. */
export async function delays(count, step) {
  const all = [];
  for (let n = 0; n < count; n += 1) all.push(await timed(() => step(n)));
  return all.toSorted((a, b) => a - b);
}

/** The value below which that share of sorted values lies. */
export const at = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Appends `count` events to an instance, in batches. */
export async function fill(log, instanceId, count, eventAt, size = 5000) {
  for (let first = 0; first < count; first += size) {
    const events = Array.from({ length: Math.min(size, count - first) }, (_, i) =>
      eventAt(first + i),
    );
    await done(log.appendEvents({ instanceId, autoCreateInstance: true, events }));
  }
}

/** Milliseconds in words. */
export const duration = (ms) =>
  ms >= 1000 ? `${(ms / 1000).toPrecision(3)} s` : `${ms.toPrecision(3)} ms`;

export { few, short } from '../report/markdown.mjs';
