'use strict';

// Changes in the order of their calls, where some of them have to wait before they are handed over to the addon.

const { Refusal } = require('../failure.js');

/** What a change waits with that nothing calls off. */
const NEVER = () => () => {};

/** The changes of one log that wait for something of the program's, and those behind them. */
class ChangeOrder {
  /** Those that were not handed over, in the order of their calls. @type {Set<WaitingChange>} */
  #waiting = new Set();
  /** Whether changes are being handed over. That may run code of the program, which may make other calls. */
  #isHandingOver = false;
  /** What is called once none waits. */
  #listeners = [];
  /** What a change is refused with that would have to wait for something of the program's. */
  #refusal;
  /** The bytes of those that wait. */
  #bytes = 0;
  /** How many may wait. */
  bytesMax = Infinity;

  /**
   * Has `handOver` called once `ready` has resolved, with what it has resolved with, and after the changes that were added
   * before. If that, `ready` or the wait fails, `refuse` is told, and the next change has its turn.
   *
   * @param {Promise<unknown> | undefined} ready - What is waited for.
   * @param {(given?: unknown) => void} handOver - What hands the change over.
   * @param {(error: unknown) => void} refuse - What is called with what has failed.
   * @param {string} [text] - What is kept of the change while it waits.
   * @param {(end: (error: unknown) => void) => () => void} [until] - Listens to what ends the wait, also that for its
   *   turn, by calling `end`. Returns what takes that back.
   */
  add(ready, handOver, refuse, text = '', until = NEVER) {
    // It may fail while those before it have not been handed over, or where nobody waits for it.
    ready?.catch(() => {});
    if (ready !== undefined && this.#refusal !== undefined) throw this.#refusal;
    const bytes = Buffer.byteLength(text);
    if (this.#bytes + bytes > this.bytesMax) throw overloaded(this.#bytes, bytes, this.bytesMax);
    const change = new WaitingChange(handOver, refuse, bytes);
    this.#bytes += bytes;
    this.#waiting.add(change);
    try {
      change.unlisten = until((error) => this.#refuse(change, error));
    } catch (error) {
      this.#remove(change);
      throw error;
    }
    if (!this.#waiting.has(change)) {
      change.unlisten();
    } else if (ready === undefined) {
      change.isReady = true;
      // A signal of the program's own may have called off all before it.
      this.#handOverReady();
    } else {
      void this.#await(change, ready);
    }
  }

  /** Whether changes wait, so that those that come now have to be added. */
  get areWaiting() {
    return this.#waiting.size > 0;
  }

  /** Whether something of the program's is waited for. */
  get isWaiting() {
    return [...this.#waiting].some(({ isReady }) => !isReady);
  }

  /**
   * Ends the waits for what has not settled, now and later: these changes are refused, and those behind them have their
   * turn.
   */
  endWaits(refusal) {
    this.#refusal = refusal;
    for (const change of this.#waiting) if (!change.isReady) this.#refuse(change, refusal);
  }

  /** Has `call` called once no change waits: at once if none does. */
  whenNoneWaits(call) {
    if (this.#waiting.size === 0) call();
    else this.#listeners.push(call);
  }

  async #await(change, ready) {
    try {
      change.given = await ready;
      change.isReady = true;
    } catch (error) {
      this.#refuse(change, error);
      return;
    }
    this.#handOverReady();
  }

  /** Ends the wait of a change, unless it has ended. */
  #refuse(change, error) {
    if (!this.#remove(change)) return;
    change.refuse(error);
    this.#handOverReady();
  }

  /** Hands over those whose turn it is. */
  #handOverReady() {
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    for (const change of this.#waiting) {
      if (!change.isReady) break;
      // From now on nothing calls it off. It still waits for whoever calls meanwhile.
      change.unlisten();
      try {
        change.handOver(change.given);
      } catch (error) {
        change.refuse(error);
      }
      this.#remove(change);
    }
    this.#isHandingOver = false;
    if (this.#waiting.size > 0) return;
    for (const call of this.#listeners.splice(0)) call();
  }

  /** Returns whether it was waiting. */
  #remove(change) {
    if (!this.#waiting.delete(change)) return false;
    this.#bytes -= change.bytes;
    change.unlisten();
    return true;
  }
}

/** A change that was not handed over. */
class WaitingChange {
  /** Whether there is nothing more of the program's to wait for. */
  isReady = false;
  /** What that has come to. */
  given;
  /** Ends the listening to what ends the wait. */
  unlisten = () => {};

  constructor(handOver, refuse, bytes) {
    this.handOver = handOver;
    this.refuse = refuse;
    this.bytes = bytes;
  }
}

/** What a call is refused with for which there is no room, in the words of the addon's own queue. */
function overloaded(queued, bytes, bytesMax) {
  return new Refusal(
    'OVERLOADED',
    `${queued} bytes wait for schemas and this call has ${bytes}, over the limit of ${bytesMax} ` +
      '(queuedBytesMax): await some calls before making more',
  );
}

module.exports = { ChangeOrder };
