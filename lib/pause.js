'use strict';

// Waiting for some time without a timer: tests put clocks of their own in the place of those that programs have.

/** A wait that can be ended before its time. It does not keep the process alive. */
class Pause {
  #cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  /** Waits for so many milliseconds. Returns whether it was not ended before. */
  async for(ms) {
    const { value } = Atomics.waitAsync(this.#cell, 0, 0, ms);
    return (await value) === 'timed-out';
  }

  /** Ends the waiting, for good. */
  end() {
    Atomics.store(this.#cell, 0, 1);
    Atomics.notify(this.#cell, 0);
  }
}

module.exports = { Pause };
