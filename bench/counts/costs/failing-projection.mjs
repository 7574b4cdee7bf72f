// A projection that keeps its state on the way and whose 10,000th event throws.

import { done, openLog } from '../log.mjs';

export const title =
  '`project` with `snapshotEvery: 1000` whose 10,000th event throws, run once more';
export const unit = 'events are taken again';
export const atMost = 1000;

export async function measure({ EventLog, folder }) {
  const log = await openLog(EventLog, folder);
  const events = Array.from({ length: 10_000 }, (_, n) => ({ eventType: 'made', payload: { n } }));
  await done(log.appendEvents({ instanceId: 'a', autoCreateInstance: true, events }));
  const run = async () => {
    let applied = 0;
    const apply = (count, { payload }) => {
      applied += 1;
      if (payload.n === 9999) throw new Error('the 10,000th');
      return count + 1;
    };
    await log
      .project({ instance: 'a', initial: 0, apply, name: 'p', snapshotEvery: 1000 })
      .catch(() => {});
    return applied;
  };
  await run();
  const again = await run();
  await log.close();
  return { again };
}

export const figure = ({ again }) => again;
