// Deleting many snapshots of projections.

import { done, duration, many, openLog, timed } from '../log.mjs';

export const title = '`deleteSnapshots` of 100,000';
export const unit = '× the time of 10,000, for each';
export const atMost = 2;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  const figures = {};
  for (const [name, count] of Object.entries({
    small: quick ? 1000 : 10_000,
    large: quick ? 10_000 : 100_000,
  })) {
    await done(
      log.appendEvent({
        instanceId: name,
        streamId: 's',
        eventType: 'made',
        autoCreateInstance: true,
      }),
    );
    const keep = (n) =>
      log.project({
        instance: name,
        stream: 's',
        initial: 0,
        apply: (state) => state + 1,
        name: `p${n}`,
        snapshotEvery: 1,
      });
    await many(count, keep);
    const ms = await timed(() => done(log.deleteSnapshots({ instance: name })));
    figures[`${name}Ms`] = ms;
    figures[`${name}Microseconds`] = (ms * 1000) / count;
  }
  await log.close();
  return figures;
}

export const figure = ({ smallMicroseconds, largeMicroseconds }) =>
  largeMicroseconds / smallMicroseconds;
export const seen = ({ largeMs }) => duration(largeMs);
