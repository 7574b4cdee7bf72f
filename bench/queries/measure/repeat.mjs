import { setImmediate as nextTurn } from 'node:timers/promises';

/** Some queries answer in so few microseconds that more runs of them would say nothing more. */
const runsMax = 2000;

/**
 * Does something again and again, with a turn of the event loop in between.
 *
 * @param {() => Promise<number>} run - Does it once, and says how long that took.
 * @param {{ milliseconds: number, runsMin: number }} limit - How long to go on, and how often at least.
 * @returns {Promise<number[]>} How long each took.
 */
export async function repeat(run, { milliseconds, runsMin }) {
  const times = [];
  const end = performance.now() + milliseconds;
  while (times.length < runsMin || (performance.now() < end && times.length < runsMax)) {
    times.push(await run());
    await nextTurn();
  }
  return times;
}
