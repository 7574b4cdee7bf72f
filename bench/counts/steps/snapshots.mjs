// Many snapshots of projections in one instance.

import { done, each, many, openLog, timed } from '../log.mjs';

export const title = 'snapshots of projections';
export const sizes = [10_000, 100_000];
export const quickSizes = [1000, 10_000];

export async function measure({ EventLog, folder, size }) {
  const log = await openLog(EventLog, folder);
  const append = (n) =>
    done(
      log.appendEvent({
        instanceId: 'a',
        streamId: 's',
        eventType: 'made',
        payload: { n },
        autoCreateInstance: true,
      }),
    );
  await append(0);
  const keep = (n) =>
    log.project({
      instance: 'a',
      stream: 's',
      initial: 0,
      apply: (state) => state + 1,
      name: `p${n}`,
      snapshotEvery: 1,
    });
  const random = () => Math.floor(Math.random() * size);
  const figures = {
    '`project` that keeps a new one': await many(size, keep),
    '`project` that uses one': await many(500, () => keep(random())),
    '`appendEvent` beside them': await each(100, append),
    '`deleteSnapshots` of one': await each(50, (n) =>
      done(log.deleteSnapshots({ instance: 'a', name: `p${n}` })),
    ),
  };
  const ms = await timed(() => done(log.deleteSnapshots({ instance: 'a' })));
  figures['`deleteSnapshots` of all, for each'] = (ms * 1000) / size;
  await log.close();
  return figures;
}
