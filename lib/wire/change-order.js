'use strict';

// Changes in the order of their calls, where some of them have to wait before they are handed over to the addon.

const { Refusal } = require('../failure.js');
const { Promise } = require('../intrinsics.js');
const { unlessEnded } = require('../wait.js');

/** The changes of one log that wait for something of the program's, and those behind them. */
class ChangeOrder {
  /** Resolves once the change that was called last was handed over; `undefined` if none waits. @type {Promise<void> | undefined} */
  #last;
  /** What ends the waits for something of the program's. */
  #ends = new Set();
  /** What a change is refused with that would have to wait. */
  #refusal;
  /** The bytes of those that wait. */
  #bytes = 0;
  /** How many may wait. */
  bytesMax = Infinity;

  /**
   * Has `handOver` called once `ready` has resolved, with what it has resolved with, and after the changes that were added
   * before. If that or `ready` fails, `refuse` is told, and the next change has its turn.
   *
   * @param {PromiseLike<unknown> | undefined} ready - What is waited for.
   * @param {(given?: unknown) => void} handOver - What hands the change over.
   * @param {(error: unknown) => void} refuse - What is called with what has failed.
   * @param {string} [text] - What is kept of the change while it waits.
   */
  add(ready, handOver, refuse, text = '') {
    // It may fail while those before it have not been handed over.
    const settled = ready === undefined ? Promise.resolve() : this.#waitedFor(ready);
    settled.catch(() => {});
    const bytes = Buffer.byteLength(text);
    if (this.#bytes + bytes > this.bytesMax) throw overloaded(this.#bytes, bytes, this.bytesMax);
    this.#bytes += bytes;
    const taken = this.#takeTurn(this.#last, settled, bytes, { handOver, refuse });
    const turn = taken.then(() => this.#rest(turn));
    this.#last = turn;
  }

  /** Whether changes wait, so that those that come now have to be added. */
  get areWaiting() {
    return this.#last !== undefined;
  }

  /** Whether something of the program's is waited for. */
  get isWaiting() {
    return this.#ends.size > 0;
  }

  /**
   * Ends the waits for what has not settled, now and later: these changes are refused, and those behind them have their
   * turn.
   */
  endWaits(refusal) {
    this.#refusal = refusal;
    for (const end of this.#ends) end(refusal);
  }

  #waitedFor(ready) {
    return unlessEnded(ready, (end) => {
      if (this.#refusal !== undefined) end(this.#refusal);
      this.#ends.add(end);
      return () => this.#ends.delete(end);
    });
  }

  #rest(turn) {
    if (this.#last === turn) this.#last = undefined;
  }

  /** Has `call` called once no change waits: at once if none does. */
  whenNoneWaits(call) {
    if (this.#last === undefined) call();
    else void this.#last.then(() => this.whenNoneWaits(call));
  }

  async #takeTurn(earlier, ready, bytes, { handOver, refuse }) {
    await earlier;
    try {
      const given = await ready;
      handOver(given);
    } catch (error) {
      refuse(error);
    } finally {
      this.#bytes -= bytes;
    }
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
