// Small reads while the writer puts a long journal into the tables, again and again.

import { setImmediate } from 'node:timers/promises';

import { at, done, duration, fill, openLog, timed } from '../log.mjs';

export const title = '`getInstance` while `createInstance` loops over 30 MiB of journal, p99';
export const unit = 'ms';
export const atMost = 5;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  const text = 'x'.repeat(1000);
  const eventAt = (n) => ({ eventType: 'made', payload: { n, text } });
  const reads = [];
  let created = 0;
  for (let round = 0; round < (quick ? 1 : 4); round += 1) {
    // A creation puts all of the journal into the tables.
    await fill(log, 'read', 28_000, eventAt, 500);
    const creating = { isOver: false };
    const creations = (async () => {
      for (let n = 0; n < 20; n += 1) {
        await done(log.createInstance(`new ${round} ${n}`));
        created += 1;
      }
      creating.isOver = true;
    })();
    while (!creating.isOver) {
      reads.push(await timed(() => done(log.getInstance('read'))));
      await setImmediate();
    }
    await creations;
  }
  await log.close();
  const sorted = reads.toSorted((a, b) => a - b);
  return { p99Ms: at(sorted, 0.99), mostMs: sorted.at(-1), reads: reads.length, created };
}

export const figure = ({ p99Ms }) => p99Ms;
export const seen = ({ mostMs }) => `at most ${duration(mostMs)}`;
