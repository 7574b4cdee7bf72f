// Calling off what takes long, while it is under way.

/** How often something may come to its end before it is called off. */
const ATTEMPTS = 50;

/**
 * Calls `begin(signal)` off while it is under way.
 *
 * @param {object} log - The log that it is of.
 * @param {(signal: AbortSignal) => Promise<object>} begin - Begins it.
 * @param {() => Promise<void>} [remove] - Takes away what is there where it came to its end before.
 * @returns {Promise<object>} The response; of the last attempt where all came to their end before.
 */
export async function calledOff(log, begin, remove = async () => {}) {
  let response;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const controller = new AbortController();
    const running = begin(controller.signal);
    // It is under way once something else was answered, which may take as long on a busy machine.
    if (attempt % 2 === 0) await log.listInstances();
    controller.abort('enough');
    response = await running;
    if (!response.success) return response;
    await remove();
  }
  return response;
}
