// The oldest event of a long stream.

import { at, delays, done, duration, fill, openLog } from '../log.mjs';

export const title = 'a page of 1 from a stream of 5,000, oldest first';
export const unit = '× the time of a page of 1, newest first';
export const atMost = 10;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  // One event in 200, so that the stream is followed along its chain.
  await fill(log, 'pages', quick ? 200_000 : 1_000_000, (n) => ({
    streamId: n % 200 === 0 ? 'long' : 'other',
    eventType: 'made',
    payload: { n },
  }));
  const page = (direction) => () =>
    done(
      log.queryEvents({
        from: { instance: 'pages', stream: 'long' },
        orderBy: { field: 'sequence_number', direction },
        limit: 1,
      }),
    );
  const step = async () => {
    const reader = log.readStream({ instance: 'pages', stream: 'long' });
    await reader.next();
    await reader.return();
  };
  const middle = async (work) => at(await delays(9, work), 0.5);
  const figures = {
    newestMs: await middle(page('desc')),
    oldestMs: await middle(page('asc')),
    readMs: await middle(step),
  };
  await log.close();
  return figures;
}

export const figure = ({ newestMs, oldestMs }) => oldestMs / newestMs;
export const seen = ({ oldestMs, readMs }) =>
  `${duration(oldestMs)}; the first event of \`readStream\` ${duration(readMs)}`;
