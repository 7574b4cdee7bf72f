// How soon a follower in another process has an event after its append was answered.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { hrtime } from 'node:process';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';

import { EventSource } from '../events.mjs';
import { moduleOf } from './systems/index.mjs';

const program = fileURLToPath(new URL('follower.mjs', import.meta.url));

/** How many events come before those that are measured: by then, all connections are made. */
const WARM_UP = 100;

/** Appends one event after the other, some milliseconds apart, and notes when each was answered. */
async function appendSlowly(log, count) {
  const source = new EventSource({ size: '300 B', streams: 1_000 });
  const answered = [];
  for (let n = 0; n < count; n += 1) {
    await log.append(source.next());
    answered.push(hrtime.bigint());
    // So that what is measured is the waking up, and no queue.
    await setTimeout(5 + (n % 20));
  }
  return answered;
}

/** @param {object} task - What is asked for. @returns {Promise<object>} Milliseconds from the answer to the follower. */
export async function measureFollowing(task) {
  const { open } = await moduleOf(task.system);
  const log = await open(task);
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const count = WARM_UP + task.events;
  child.send({ ...task, count });
  await once(child, 'message');
  const followed = Promise.race([
    once(child, 'message').then(([message]) => message),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`a follower ended: ${code}`))),
  ]);
  const answered = await appendSlowly(log, count);
  const arrived = await followed;
  await log.close();
  const delays = answered.map((at, n) => Number(BigInt(arrived[n]) - at) / 1e6).slice(WARM_UP);
  delays.sort((a, b) => a - b);
  const at = (share) => Math.max(0, delays[Math.floor(delays.length * share)]);
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
