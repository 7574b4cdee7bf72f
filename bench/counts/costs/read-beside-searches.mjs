// Small reads while slow searches are under way.

import { at, delays, done, duration, fill, openLog, timed } from '../log.mjs';

export const title = '`getInstance` beside 16 searches, p99';
export const unit = 'ms';
export const atMost = 10;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  const text = 'x'.repeat(300);
  await fill(log, 'searched', quick ? 20_000 : 200_000, (n) => ({
    eventType: 'made',
    payload: { n, text: `${text}${n}` },
  }));
  const search = () =>
    done(
      log.queryEvents({
        from: { instance: 'searched' },
        where: [{ field: 'payload.text', operator: 'contains', value: 'not there' }],
      }),
    );
  const searchMs = await timed(search);
  const searching = { isOver: false };
  const searches = Array.from({ length: 16 }, async () => {
    while (!searching.isOver) await search();
  });
  const reads = await delays(quick ? 20 : 200, () => done(log.getInstance('searched')));
  searching.isOver = true;
  await Promise.all(searches);
  await log.close();
  return { searchMs, p99Ms: at(reads, 0.99), p50Ms: at(reads, 0.5) };
}

export const figure = ({ p99Ms }) => p99Ms;
export const seen = ({ searchMs }) => `one search takes ${duration(searchMs)}`;
