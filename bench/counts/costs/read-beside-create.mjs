// Small reads while the writer puts a long journal into the tables, again and again.

import { setTimeout } from 'node:timers/promises';

import { at, done, duration, fill, openLog, timed } from '../log.mjs';

export const title = '`getInstance` while `createInstance` loops over 30 MiB of journal, p99';
export const unit = 'ms';
export const atMost = 5;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  const text = 'x'.repeat(1000);
  const eventAt = (n) => ({ eventType: 'made', payload: { n, text } });
  const reads = [];
  for (let round = 0; round < (quick ? 1 : 4); round += 1) {
    // The creation puts all of the journal into the tables.
    await fill(log, 'read', 28_000, eventAt, 500);
    const creating = { isOver: false };
    const creation = done(log.createInstance(`new ${round}`)).then(() => (creating.isOver = true));
    while (!creating.isOver) {
      // One after the other in time, whether the one before has been answered or not.
      reads.push(timed(() => done(log.getInstance('read'))));
      await setTimeout(1);
    }
    await creation;
  }
  const sorted = (await Promise.all(reads)).toSorted((a, b) => a - b);
  await log.close();
  return { p99Ms: at(sorted, 0.99), p50Ms: at(sorted, 0.5), reads: reads.length };
}

export const figure = ({ p99Ms }) => p99Ms;
export const seen = ({ p50Ms }) => `p50 ${duration(p50Ms)}`;
