// Calls with idempotency keys that are all made twice, in one commit.

import { done, duration, openLog, timed } from '../log.mjs';

export const title = '10,000 retried calls with keys in one commit';
export const unit = '× the time of 1,000, for each call';
export const atMost = 2;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  await done(log.createInstance('retried'));
  const sizes = { small: quick ? 200 : 1000, large: quick ? 2000 : 10_000 };
  const figures = {};
  for (const [name, count] of Object.entries(sizes)) {
    const call = (n) =>
      log.appendEvent({
        instanceId: 'retried',
        eventType: 'made',
        payload: { n },
        idempotencyKey: `${name} ${n}`,
      });
    const ms = await timed(async () => {
      const calls = Array.from({ length: 2 * count }, (_, n) => done(call(n % count)));
      await Promise.all(calls);
    });
    figures[`${name}Ms`] = ms;
    figures[`${name}Microseconds`] = (ms * 1000) / count;
  }
  await log.close();
  return figures;
}

export const figure = ({ smallMicroseconds, largeMicroseconds }) =>
  largeMicroseconds / smallMicroseconds;
export const seen = ({ largeMs }) => duration(largeMs);
