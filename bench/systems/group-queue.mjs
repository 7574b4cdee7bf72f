/**
 * Collects calls, and has those that came together committed together.
 *
 * A turn of the event loop collects; while an asynchronous commit runs, the calls that come wait for
 * the next one. This is what a program would do for a database that is faster by batches.
 */
export class GroupQueue {
  #commit;
  #waiting = [];
  #isScheduled = false;
  #run = () => this.#flush();

  /** @param {(events: object[]) => object[] | Promise<object[]>} commit - Stores events. */
  constructor(commit) {
    this.#commit = commit;
  }

  /**
   * @param {object} event - An event to append.
   * @returns {Promise<object>} The event as it was stored.
   */
  add(event) {
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(this.#run);
    }
    return new Promise((resolve, reject) => this.#waiting.push({ event, resolve, reject }));
  }

  async #flush() {
    const calls = this.#waiting;
    this.#waiting = [];
    try {
      const stored = this.#commit(calls.map(({ event }) => event));
      // Waiting for what is there already would put off the answers for nothing.
      const events = Array.isArray(stored) ? stored : await stored;
      for (let i = 0; i < calls.length; i += 1) calls[i].resolve(events[i]);
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
    if (this.#waiting.length > 0) setImmediate(this.#run);
    else this.#isScheduled = false;
  }
}
