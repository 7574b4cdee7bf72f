// What a guard costs an append: windows with and without it, in turns, in one log.

import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

import { eventAt, streamCount } from './events.mjs';

/** What is added to an append. `sequence` is the number of the last event of its stream. */
export const guards = {
  plain: () => ({}),
  expectedSequence: ({ sequence }) => ({ expectedSequence: sequence }),
  orderedKey: ({ n }) => ({ idempotencyKey: `call-${String(n).padStart(31, '0')}` }),
  randomKey: () => ({ idempotencyKey: randomUUID() }),
};

/** @returns {Promise<object>} Appends per second of each guard, with so many in flight. */
export async function measureGuards({ folder, product, inFlight, seconds, windows }) {
  const { EventLog } = await import(pathToFileURL(join(product, 'index.mjs')));
  const path = join(folder, 'guarded.redb');
  rmSync(path, { force: true });
  const log = await EventLog.open(path);
  const sequences = new Array(streamCount).fill(0);
  let next = 0;

  async function append(guard) {
    const n = next;
    next += 1;
    // Calls are stored in the order in which they are made, so that the number is known before.
    const sequence = sequences[n % streamCount];
    sequences[n % streamCount] += 1;
    const call = { instanceId: 'bench', ...eventAt(n), ...guard({ n, sequence }) };
    const { success, error } = await log.appendEvent({ ...call, autoCreateInstance: true });
    if (!success) throw new Error(error);
  }

  async function run(guard, duration) {
    let count = 0;
    const began = performance.now();
    const until = began + duration * 1000;
    const lane = async () => {
      while (performance.now() < until) {
        await append(guard);
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return count / ((performance.now() - began) / 1000);
  }

  await run(guards.plain, seconds);
  const rates = Object.fromEntries(Object.keys(guards).map((name) => [name, []]));
  for (let window = 0; window < windows; window += 1) {
    const names = Object.keys(guards);
    // Each window begins with another one.
    for (let i = 0; i < names.length; i += 1) {
      const name = names[(i + window) % names.length];
      rates[name].push(await run(guards[name], seconds));
    }
  }
  await log.close();
  rmSync(path);
  return rates;
}
