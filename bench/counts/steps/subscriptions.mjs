// Many subscriptions of one log, each of an instance of its own.

import { done, each, many, openLog, timed } from '../log.mjs';

export const title = 'subscriptions';
export const sizes = [1000, 10_000];
export const quickSizes = [100, 1000];

export async function measure({ EventLog, folder, size }) {
  const log = await openLog(EventLog, folder);
  const append = (n) =>
    done(
      log.appendEvent({
        instanceId: `i${n}`,
        eventType: 'made',
        payload: { n },
        autoCreateInstance: true,
      }),
    );
  await many(size, append);
  let subscriptions;
  const opened = await timed(async () => {
    subscriptions = Array.from({ length: size }, (_, n) =>
      log.subscribe({ instance: `i${n}`, afterPosition: 'end' }),
    );
    for (const subscription of subscriptions) subscription.step = subscription.next();
    await Promise.all(subscriptions.map(({ untilCaughtUp }) => untilCaughtUp));
  });
  const figures = {
    '`subscribe`': (opened * 1000) / size,
    '`appendEvent` beside them, which concerns one': await each(100, append),
    '`appendEvent`, until the one that it concerns has it': await each(100, async (n) => {
      const subscription = subscriptions[size - 1 - n];
      await append(size - 1 - n);
      await subscription.step;
    }),
    '`getInstance` beside them': await each(200, (n) => done(log.getInstance(`i${n % size}`))),
  };
  const closed = await timed(() =>
    Promise.all(subscriptions.map((subscription) => subscription.return())),
  );
  figures['`return`'] = (closed * 1000) / size;
  await log.close();
  return figures;
}
