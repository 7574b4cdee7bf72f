// How soon a follower has an event after the append was answered, and what one costs that waits.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { hrtime } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setTimeout } from 'node:timers/promises';

const follower = fileURLToPath(new URL('./follower.mjs', import.meta.url));

const milliseconds = (nanoseconds) => Number(nanoseconds) / 1e6;

async function openLog(folder, product) {
  const { EventLog } = await import(pathToFileURL(join(product, 'index.mjs')));
  const path = join(folder, 'followed.redb');
  rmSync(path, { force: true });
  const log = await EventLog.open(path);
  const { success, error } = await log.createInstance('bench');
  if (!success) throw new Error(error);
  return { log, path };
}

/** Appends one event after the other, some milliseconds apart, and notes when each was answered. */
async function appendSlowly(log, count) {
  const answered = [];
  for (let n = 0; n < count; n += 1) {
    const { success, error } = await log.appendEvent({
      instanceId: 'bench',
      eventType: 'made',
      payload: { n },
    });
    answered.push(hrtime.bigint());
    if (!success) throw new Error(error);
    // So that what is measured is the waking up, and no queue.
    await setTimeout(1 + (n % 7));
  }
  return answered;
}

/** How long after the answer each event came, in milliseconds. */
function delays(answered, arrived) {
  const all = answered.map((at, n) => milliseconds(arrived[n] - at)).toSorted((a, b) => a - b);
  const at = (share) => all[Math.min(all.length - 1, Math.floor(all.length * share))];
  return { p50Ms: at(0.5), p99Ms: at(0.99), mostMs: all.at(-1) };
}

/** @returns {Promise<object>} The delays in this process, or, with `other`, in another one. */
export async function measureFollowing({ folder, product, count, other }) {
  const { log, path } = await openLog(folder, product);
  const figures = other
    ? await followElsewhere(log, { path, product, count })
    : await followHere(log, count);
  await log.close();
  rmSync(path);
  return figures;
}

async function followHere(log, count) {
  const arrived = [];
  const subscription = log.subscribe({ instance: 'bench' });
  const followed = (async () => {
    for await (const event of subscription) {
      arrived.push(hrtime.bigint());
      if (event.position === count) return;
    }
  })();
  await subscription.untilCaughtUp;
  const answered = await appendSlowly(log, count);
  await followed;
  return delays(answered, arrived);
}

/** The clock of `hrtime` is the machine's, on Linux, macOS and Windows. */
async function followElsewhere(log, { path, product, count }) {
  const child = fork(follower, [path, product, String(count)]);
  const [ready] = await once(child, 'message');
  if (!ready.caughtUp) throw new Error('the follower has not caught up');
  const arrived = once(child, 'message');
  const answered = await appendSlowly(log, count);
  const [{ times }] = await arrived;
  return delays(
    answered,
    times.map((time) => BigInt(time)),
  );
}

/** @returns {Promise<object>} What share of a processor a process takes while it follows, and nothing comes. */
export async function measureIdle({ folder, product, seconds }) {
  const { log, path } = await openLog(folder, product);
  const subscription = log.subscribe({ instance: 'bench' });
  const step = subscription.next();
  await subscription.untilCaughtUp;
  const before = process.cpuUsage();
  await setTimeout(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  await subscription.return();
  await step;
  await log.close();
  rmSync(path);
  return { share: (user + system) / 1e6 / seconds };
}
