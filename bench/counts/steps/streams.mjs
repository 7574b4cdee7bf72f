// Many streams in one instance.

import { done, each, fill, many, openLog } from '../log.mjs';

export const title = 'streams';
export const sizes = [10_000, 1_000_000];
export const quickSizes = [1000, 20_000];

export async function measure({ EventLog, folder, size }) {
  const log = await openLog(EventLog, folder);
  const eventOf = (n) => ({ streamId: `s${n}`, eventType: 'made', payload: { n } });
  await fill(log, 'a', size, eventOf);
  const random = () => Math.floor(Math.random() * size);
  const append = (guard = () => ({})) =>
    many(5000, () => {
      const n = random();
      return done(log.appendEvent({ instanceId: 'a', ...eventOf(n), ...guard(n) }));
    });
  const ofStream = (n) => ({ instance: 'a', stream: `s${n}` });
  let prefix = 0;
  const figures = {
    '`appendEvent` to any of them': await append(),
    '`appendEvent` with `failIf`': await append((n) => ({
      failIf: {
        where: [{ field: 'stream_id', operator: 'eq', value: `new ${n}` }],
        afterPosition: size,
      },
    })),
    '`queryEvents` of one': await each(200, () =>
      done(log.queryEvents({ from: ofStream(random()), limit: 1 })),
    ),
    '`readStream` of one': await each(200, async () => {
      for await (const event of log.readStream(ofStream(random()))) prefix += event.sequence_number;
    }),
    '`listStreams`, a page of 100': await each(50, () =>
      done(log.listStreams({ instance: 'a', after: `s${random()}`, limit: 100 })),
    ),
    '`getInstanceStats`': await each(200, () => done(log.getInstanceStats('a'))),
  };
  await log.close();
  return figures;
}
