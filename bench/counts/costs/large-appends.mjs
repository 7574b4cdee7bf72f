// Appends of 20 KB beside those of 10 KB, as many in flight.

import { done, many, openLog, short } from '../log.mjs';

export const title = '1,024 appends of 20 KB in flight';
export const unit = '× the bytes per second of those of 10 KB';
export const atLeast = 1 / 1.3;

export async function measure({ EventLog, folder, quick }) {
  const rates = { 10: [], 20: [] };
  const log = await openLog(EventLog, folder);
  for (let window = 0; window < (quick ? 3 : 9); window += 1) {
    for (const kilobytes of [10, 20]) {
      const text = 'x'.repeat(kilobytes * 1000);
      const append = (n) =>
        done(
          log.appendEvent({
            instanceId: 'large',
            eventType: 'made',
            payload: { n, text },
            autoCreateInstance: true,
          }),
        );
      const count = 80_000 / kilobytes;
      const microseconds = await many(count, append, 1024);
      rates[kilobytes].push((kilobytes * 1000) / microseconds);
    }
  }
  await log.close();
  // The first window of each warms up.
  const middle = (values) =>
    values.slice(1).toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
  return { small: middle(rates[10]), large: middle(rates[20]) };
}

export const figure = ({ small, large }) => large / small;
export const seen = ({ large }) => `${short(large)} MB/s`;
