// Appends to many instances while a snapshot lives that was taken before.

import { join } from 'node:path';

import { at, delays, done, duration, fill, many, openLog } from '../log.mjs';

export const title = 'an append beside a snapshot that lives, 10,000 instances in the journal';
export const unit = '× the time of one without';
export const atMost = 1.3;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  const instances = quick ? 1000 : 10_000;
  // What a backup takes long for.
  await fill(log, 'old', quick ? 100_000 : 400_000, (n) => ({
    eventType: 'made',
    payload: { n, text: 'x'.repeat(200) },
  }));
  const append = (n) =>
    done(
      log.appendEvent({
        instanceId: `i${n % instances}`,
        eventType: 'made',
        payload: { n },
        autoCreateInstance: true,
      }),
    );
  await many(instances, append);
  // Now the journal has all of them.
  await many(instances, append);
  const appends = () => delays(quick ? 50 : 200, append);
  await appends();
  const alone = await appends();
  const backup = log.backup(join(folder, 'copy.redb'));
  const beside = [];
  const copying = { isOver: false };
  backup.then(() => (copying.isOver = true));
  while (!copying.isOver && beside.length < 2000) beside.push(...(await delays(1, append)));
  await done(backup);
  await log.close();
  return {
    aloneMs: at(alone, 0.5),
    besideMs: at(
      beside.toSorted((a, b) => a - b),
      0.5,
    ),
  };
}

export const figure = ({ aloneMs, besideMs }) => besideMs / aloneMs;
export const seen = ({ besideMs }) => duration(besideMs);
