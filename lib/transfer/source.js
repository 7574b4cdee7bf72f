'use strict';

// What is imported, as bytes: a source of strings or bytes, cut anywhere, read a batch at a time.

const { types } = require('../builtins.js');
const { Refusal, describe, invalid, invalidBy } = require('../failure.js');
const { Promise } = require('../intrinsics.js');
const { uncaught } = require('../uncaught.js');

/** How many bytes are stored together. A line that is longer comes in several batches. */
const BATCH_BYTES = 1 << 20;

/** How many code units of a string become bytes at once. */
const PIECE_UNITS = 1 << 18;

/** The iterator of what can be imported. */
function iteratorOf(source) {
  if (typeof source === 'string') {
    throw invalid(
      'source: expected a Readable, or an iterable of strings or bytes, found a string: give ' +
        'createReadStream(path) for a file, or [text]',
    );
  }
  // A file that is read as one. Iterating over it would give numbers.
  if (types.isUint8Array(source)) {
    throw invalid(
      'source: expected a Readable, or an iterable of strings or bytes, found bytes: give [bytes]',
    );
  }
  const iterate = source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator];
  if (typeof iterate !== 'function') {
    throw invalid(
      `source: expected a Readable, or an iterable of strings or bytes, found ${describe(source)}`,
    );
  }
  return iterate.call(source);
}

function isHighSurrogate(unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

class Source {
  #source;
  #iterator;
  #batch = Buffer.allocUnsafe(BATCH_BYTES);
  /** What has come and was not taken yet. */
  #bytes = Buffer.alloc(0);
  /** Text that has come and is not bytes yet. */
  #text = '';
  #ended = false;
  #interrupted = false;
  #interrupt;

  constructor(source) {
    this.#source = source;
    try {
      this.#iterator = iteratorOf(source);
    } catch (error) {
      throw error instanceof Refusal ? error : invalidBy('source', error);
    }
  }

  /**
   * The next bytes, as many as are stored together, and whether they are the last ones; `undefined`
   * once it was interrupted. They are there until the next call.
   */
  async next() {
    const batch = this.#batch;
    let length = 0;
    try {
      while (length < BATCH_BYTES && (await this.#fill())) {
        const taken = this.#bytes.subarray(0, BATCH_BYTES - length);
        // Copied at once: a source may use its memory again.
        batch.set(taken, length);
        length += taken.length;
        this.#bytes = this.#bytes.subarray(taken.length);
      }
    } catch (error) {
      // Of what it gives, the members may be code of its own.
      throw error instanceof Refusal ? error : invalidBy('source: it failed', error);
    }
    if (this.#interrupted) return undefined;
    return { bytes: batch.subarray(0, length), last: length < BATCH_BYTES };
  }

  /** Ends the waiting for the source. */
  interrupt() {
    this.#interrupted = true;
    this.#interrupt?.();
  }

  /** Lets a source go that is not read to its end. */
  release() {
    if (this.#ended) return;
    try {
      // A stream's iterator would wait for the chunk that was asked for.
      if (typeof this.#source.destroy === 'function') this.#source.destroy();
      else Promise.resolve(this.#iterator.return?.()).catch(uncaught);
    } catch (error) {
      // The import has failed for a reason of its own, which is what its caller hears.
      uncaught(error);
    }
  }

  /** Sees to it that there are bytes. Returns `false` if there are none any more. */
  async #fill() {
    while (this.#bytes.length === 0) {
      if (this.#interrupted) return false;
      if (this.#text.length > 1 || (this.#ended && this.#text.length > 0)) {
        this.#encode();
      } else if (this.#ended) {
        return false;
      } else {
        this.#take(await this.#nextChunk());
      }
    }
    return !this.#interrupted;
  }

  #nextChunk() {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve({ done: false, value: '' });
      Promise.resolve(this.#iterator.next()).then(resolve, reject);
    }).catch((error) => {
      this.#ended = true;
      // What makes lines of another source tells itself what is wrong with that.
      throw error instanceof Refusal ? error : invalidBy('source: it failed', error);
    });
  }

  #take({ done, value }) {
    if (done) {
      this.#ended = true;
    } else if (typeof value === 'string') {
      this.#text += value;
    } else if (!types.isUint8Array(value)) {
      throw invalid(`source: expected strings or Uint8Arrays, found ${describe(value)}`);
    } else if (this.#text.length > 0) {
      throw loneSurrogate();
    } else {
      this.#bytes = value;
    }
  }

  /** Makes bytes of the text, but for half a character at its end. */
  #encode() {
    let end = Math.min(PIECE_UNITS, this.#text.length);
    const more = !this.#ended || end < this.#text.length;
    if (more && isHighSurrogate(this.#text.charCodeAt(end - 1))) end -= 1;
    const piece = this.#text.slice(0, end);
    if (!piece.isWellFormed()) throw loneSurrogate();
    this.#text = this.#text.slice(end);
    this.#bytes = Buffer.from(piece);
  }
}

function loneSurrogate() {
  return invalid('source: expected text of well-formed Unicode, found a lone surrogate');
}

module.exports = { Source };
