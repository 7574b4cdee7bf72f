// Many queries, some at a time: a browser has six connections to a server, and the rows of the list need one at once.

/** How many are asked at the same time. */
const AT_ONCE = 3;

/**
 * Does something for each item, some at a time.
 *
 * @template T, R
 * @param {readonly T[]} items - The items.
 * @param {(item: T) => Promise<R>} task - What is done. The first that fails fails the whole.
 * @returns {Promise<R[]>} The results, in the order of the items.
 */
export async function inTurns(items, task) {
  const results = Array.from({ length: items.length });
  let next = 0;
  let hasFailed = false;
  const work = async () => {
    while (next < items.length && !hasFailed) {
      const n = next;
      next += 1;
      try {
        results[n] = await task(items[n]);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}
