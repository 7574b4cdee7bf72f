// What an open log takes that has nothing to do. Linux tells it.

import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { done, few, many, openLog } from '../log.mjs';

export const title = '1,000 open logs that have nothing to do';
export const unit = 'descriptors for each, and no thread';
export const atMost = 3;

export async function measure({ EventLog, folder, quick }) {
  const count = quick ? 50 : 1000;
  const before = taken();
  // One that nobody refers to would be closed.
  const logs = [];
  const open = async (n) => {
    const log = await openLog(EventLog, folder, `${n}.redb`);
    await done(log.appendEvent({ instanceId: 'a', eventType: 'made', autoCreateInstance: true }));
    await done(log.listInstances());
    logs.push(log);
  };
  // They are closed as the process ends.
  await many(count, open, 50);
  // What they have used is let go by and by.
  let after = taken();
  for (let waited = 0; waited < 10 && after.threads > before.threads; waited += 1) {
    await setTimeout(1000);
    after = taken();
  }
  if (logs.length < count) throw new Error(`expected ${count} logs, found ${logs.length}`);
  return {
    descriptors: (after.descriptors - before.descriptors) / count,
    threads: Math.max(0, after.threads - before.threads) / count,
  };
}

const taken = () => ({
  descriptors: readdirSync('/proc/self/fd').length,
  threads: readdirSync('/proc/self/task').length,
});

export const figure = ({ descriptors, threads }) => descriptors + threads;
export const seen = ({ descriptors, threads }) => `${few(descriptors)} and ${few(threads)} threads`;
