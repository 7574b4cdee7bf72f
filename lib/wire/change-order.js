'use strict';

// Changes in the order of their calls, where some of them have to wait before they are handed over to the addon.

const { Promise } = require('../intrinsics.js');

/** The changes of one log that wait for something of the program's, and those behind them. */
class ChangeOrder {
  /** Resolves once the change that was called last was handed over; `undefined` if none waits. @type {Promise<void> | undefined} */
  #last;

  /**
   * Has `handOver` called once `ready` has resolved, with what it has resolved with, and after the changes that were added
   * before; at once if there is nothing to wait for. If that or `ready` fails, `refuse` is told, and the next change has its turn.
   *
   * @param {PromiseLike<unknown> | undefined} ready - What is waited for.
   * @param {(given?: unknown) => void} handOver - What hands the change over.
   * @param {(error: unknown) => void} refuse - What is called with what has failed.
   */
  add(ready, handOver, refuse) {
    if (this.#last === undefined && ready === undefined) {
      handOver();
      return;
    }
    const taken = this.#takeTurn(this.#last, ready, handOver, refuse);
    const turn = taken.then(() => this.#rest(turn));
    this.#last = turn;
  }

  #rest(turn) {
    if (this.#last === turn) this.#last = undefined;
  }

  /** Has `call` called once no change waits: at once if none does. */
  whenNoneWaits(call) {
    if (this.#last === undefined) call();
    else void this.#last.then(() => this.whenNoneWaits(call));
  }

  async #takeTurn(earlier, ready, handOver, refuse) {
    // It may fail while those before it have not been handed over.
    const settled = Promise.resolve(ready);
    settled.catch(() => {});
    await earlier;
    try {
      handOver(await settled);
    } catch (error) {
      refuse(error);
    }
  }
}

module.exports = { ChangeOrder };
