'use strict';

// Standard output: in large pieces, no faster than its reader, and no failure of it unnoticed.

const { CommandFailure } = require('../failure.js');

/** How much text is gathered before it is written. */
const GATHERED_CHARACTERS = 64 * 1024;

/** Writes text to a stream. Once nobody reads the stream any more, text is dropped and `onClosed` was called. */
class Writer {
  #stream;
  #text = '';
  #isClosed = false;
  #error;
  /** Wakes who waits for the stream to have written. @type {(value?: void) => void} */
  #wake = () => {};

  constructor(stream, onClosed) {
    this.#stream = stream;
    stream.on('error', (error) => {
      // Windows says EOF where a pipe is closed.
      this.#isClosed = error.code === 'EPIPE' || error.code === 'EOF';
      if (!this.#isClosed) this.#error = error;
      this.#wake();
      if (this.#isClosed) onClosed();
    });
  }

  /** Whether its reader has gone, as `head` does. */
  get isClosed() {
    return this.#isClosed;
  }

  /** Takes text. Returns a promise where the caller has to wait before it gives more. */
  write(text) {
    this.#text += text;
    return this.#text.length < GATHERED_CHARACTERS ? undefined : this.flush();
  }

  /** Writes what was gathered, and waits until the stream takes more. */
  async flush() {
    const text = this.#text;
    this.#text = '';
    await this.writeNow(text);
  }

  /** Writes text or bytes at once, after which nothing was gathered. */
  async writeNow(data) {
    this.#check();
    if (data.length === 0 || this.#isClosed) return;
    const written = /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        this.#wake = resolve;
        this.#stream.write(data, () => resolve());
      })
    );
    await written;
    this.#check();
  }

  #check() {
    if (this.#error === undefined) return;
    const { code, message } = this.#error;
    throw new CommandFailure('OUTPUT_FAILED', `standard output: ${code ?? message}`);
  }
}

module.exports = { Writer };
