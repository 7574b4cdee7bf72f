// Many instances in one log.

import { join } from 'node:path';

import { done, each, many, openLog, timed } from '../log.mjs';

export const title = 'instances';
export const sizes = [1000, 10_000];
export const quickSizes = [100, 1000];

export async function measure({ EventLog, folder, size }) {
  const log = await openLog(EventLog, folder);
  const appendTo = (n) =>
    done(
      log.appendEvent({
        instanceId: `i${n}`,
        eventType: 'made',
        payload: { n },
        autoCreateInstance: true,
      }),
    );
  const random = () => Math.floor(Math.random() * size);
  const perInstance = async (work) => ((await timed(work)) * 1000) / size;
  const figures = {
    '`appendEvent` with `autoCreateInstance`': await many(size, appendTo),
    '`appendEvent` to any of them': await many(2000, () => appendTo(random())),
    '`createInstance`': await each(50, (n) => done(log.createInstance(`new ${n}`))),
    '`getInstance`': await each(500, () => done(log.getInstance(`i${random()}`))),
    '`updateInstance`': await each(50, () =>
      done(log.updateInstance(`i${random()}`, { description: 'd' })),
    ),
    '`listInstances`, for each': await perInstance(() => done(log.listInstances())),
    '`verify`, for each': await perInstance(() => done(log.verify())),
    '`exportEvents`, for each': await perInstance(() => drained(log.exportEvents())),
    '`importEvents`, for each': await imported(EventLog, log, folder, size),
    '`backup`, for each': await perInstance(() => done(log.backup(join(folder, 'copy.redb')))),
    '`compact`, for each': await perInstance(() => done(log.compact())),
    '`deleteInstance`': await each(50, (n) => done(log.deleteInstance(`new ${n}`))),
  };
  await log.close();
  return figures;
}

async function drained(stream) {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

async function imported(EventLog, log, folder, size) {
  const target = await openLog(EventLog, folder, 'imported.redb');
  const ms = await timed(() => done(target.importEvents(log.exportEvents())));
  await target.close();
  return (ms * 1000) / size;
}
