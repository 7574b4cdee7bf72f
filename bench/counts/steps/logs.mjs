// Many open logs.

import { done, many, openLog, timed } from '../log.mjs';

export const title = 'logs';
export const sizes = [100, 1000];
export const quickSizes = [10, 50];

export async function measure({ EventLog, folder, size }) {
  const logs = [];
  const perLog = async (work) => ((await timed(work)) * 1000) / size;
  const figures = {
    '`open`': await perLog(async () => {
      for (let n = 0; n < size; n += 1) logs.push(await openLog(EventLog, folder, `${n}.redb`));
    }),
    '`open` once more': await perLog(async () => {
      for (let n = 0; n < size; n += 1)
        await (await openLog(EventLog, folder, `${n}.redb`)).close();
    }),
    'the first `appendEvent` of each': await many(
      size,
      (n) =>
        done(logs[n].appendEvent({ instanceId: 'a', eventType: 'made', autoCreateInstance: true })),
      100,
    ),
    '`appendEvent` to one after the other': await many(
      size,
      (n) => done(logs[n].appendEvent({ instanceId: 'a', eventType: 'made' })),
      1,
    ),
    '`getInstance` of one after the other': await many(
      size,
      (n) => done(logs[n].getInstance('a')),
      1,
    ),
  };
  figures['`close`'] = await perLog(async () => {
    for (const log of logs) await log.close();
  });
  return figures;
}
