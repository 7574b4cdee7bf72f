// Many consumers of one instance.

import { done, each, many, openLog, timed } from '../log.mjs';

export const title = 'consumers';
export const sizes = [1000, 10_000];
export const quickSizes = [100, 1000];

export async function measure({ EventLog, folder, size }) {
  const log = await openLog(EventLog, folder);
  const events = Array.from({ length: 1000 }, (_, n) => ({ eventType: 'made', payload: { n } }));
  await done(log.appendEvents({ instanceId: 'a', autoCreateInstance: true, events }));
  const consume = async (n) => {
    const subscription = log.subscribe({ instance: 'a', consumer: `c${n}` });
    const { value } = await subscription.next();
    await value.ack();
    await subscription.return();
  };
  const random = () => Math.floor(Math.random() * size);
  const figures = {
    '`subscribe` and `ack` of a new one': await many(size, consume, 200),
    '`subscribe` and `ack` of any of them': await many(500, () => consume(random()), 200),
    '`listConsumers`, for each': ((await timed(() => listed(log))) * 1000) / size,
    '`resetConsumer`': await each(50, () =>
      done(log.resetConsumer({ instance: 'a', consumer: `c${random()}`, position: 0 })),
    ),
    '`deleteConsumer`': await each(50, (n) =>
      done(log.deleteConsumer({ instance: 'a', consumer: `c${n}` })),
    ),
    '`appendEvent` beside them': await each(100, (n) =>
      done(log.appendEvent({ instanceId: 'a', eventType: 'made', payload: { n } })),
    ),
  };
  await log.close();
  return figures;
}

/** All of them, page after page. */
async function listed(log) {
  let page = await done(log.listConsumers({ instance: 'a' }));
  while (page.hasMore) {
    const after = page.consumers.at(-1).consumer;
    page = await done(log.listConsumers({ instance: 'a', after }));
  }
}
