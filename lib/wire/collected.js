'use strict';

// Calls that cross over to the addon together: those that are made without anything else in between, up to some number of
// them. `addon/src/collected.rs` reads them where they lie, also of a thread that is ended before they are handed over.

/** How many are handed over together at most. The writer is to have something to do early. */
const CALLS_MAX = 32;

/** How many numbers stand for a call: its own, that of its method, and where its text begins and ends. */
const CALL_NUMBERS = 4;

/** Where the first text begins: before it is how many calls there are, and their numbers. */
const TEXTS_AT = Uint32Array.BYTES_PER_ELEMENT * (1 + CALLS_MAX * CALL_NUMBERS);

/** The bytes of all. */
const BYTES = 64 * 1024;

/** How many bytes a UTF-16 unit takes at most. */
const UNIT_BYTES_MAX = 3;

class Collected {
  #addon;
  #realm;
  #settle;
  #fail;
  /** The log that the calls are of. */
  #opened;
  #bytes;
  #numbers;
  #count = 0;
  /** Where the next text begins. */
  #end = TEXTS_AT;
  /** Whether they are handed over without anybody asking for it. */
  #isComing = false;

  /**
   * Collects calls for an addon.
   *
   * @param {typeof import('../native.js')} addon - The addon.
   * @param {object} realm - What it has of this load of the package.
   * @param {Function} settle - Takes the answers.
   * @param {(number: number, error: unknown) => void} fail - Answers a call that could not be handed over.
   */
  constructor(addon, realm, settle, fail) {
    this.#addon = addon;
    this.#realm = realm;
    this.#settle = settle;
    this.#fail = fail;
  }

  /**
   * Adds a call of a log. `false` if its text is too long for that; those before it are handed over then.
   *
   * @param {object} opened - The native log.
   * @param {number} number - What the call is answered under.
   * @param {number} method - The place of the method in the addon's table.
   * @param {string} text - The JSON text of the arguments.
   */
  add(opened, number, method, text) {
    const bytesMax = text.length * UNIT_BYTES_MAX;
    if (this.#opened !== opened || this.#end + bytesMax > BYTES) {
      this.handOver();
      if (TEXTS_AT + bytesMax > BYTES) return false;
    }
    if (this.#count === 0) this.#begin(opened);
    const end = this.#end + this.#bytes.write(text, this.#end);
    const at = 1 + this.#count * CALL_NUMBERS;
    const numbers = this.#numbers;
    numbers[at] = number;
    numbers[at + 1] = method;
    numbers[at + 2] = this.#end;
    numbers[at + 3] = end;
    this.#end = end;
    this.#count += 1;
    // Last: from now on the addon finds the call.
    numbers[0] = this.#count;
    if (this.#count === CALLS_MAX) this.handOver();
    return true;
  }

  /** Hands over those that there are. */
  handOver() {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.#end = TEXTS_AT;
    this.#opened = undefined;
    let failure;
    try {
      this.#addon.handOverCollected(this.#realm);
    } catch (error) {
      failure = { error };
    }
    const numbers = this.#numbers;
    numbers[0] = 0;
    if (failure === undefined) return;
    const failed = Array.from({ length: count }, (_, call) => numbers[1 + call * CALL_NUMBERS]);
    for (const number of failed) this.#fail(number, failure.error);
  }

  #begin(opened) {
    if (this.#bytes === undefined) {
      this.#bytes = Buffer.allocUnsafeSlow(BYTES);
      this.#numbers = new Uint32Array(
        this.#bytes.buffer,
        0,
        TEXTS_AT / Uint32Array.BYTES_PER_ELEMENT,
      );
      this.#numbers[0] = 0;
    }
    opened.collect(this.#settle, this.#bytes);
    this.#opened = opened;
    if (!this.#isComing) void this.#handOverSoon();
  }

  /** Hands them over once what runs now is at its end. No function is asked for that which a test may have replaced. */
  async #handOverSoon() {
    this.#isComing = true;
    await undefined;
    this.#isComing = false;
    this.handOver();
  }
}

module.exports = { Collected };
