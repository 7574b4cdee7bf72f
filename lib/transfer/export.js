'use strict';

// A log as JSON Lines: the stream that `exportEvents` returns.

const { stream } = require('../builtins.js');
const { CallSite, asFailure, failure } = require('../failure.js');
const { Progress, optionsOf } = require('../options.js');
const { abortion, isAborted, onAbort } = require('../signal.js');
const { uncaught } = require('../uncaught.js');
const { encode } = require('../wire/arguments.js');

/** The stream asks for another page, of about 256 KiB, while it has less than that. */
const BUFFERED_BYTES = 512 * 1024;

const OPTIONS = ['instance', 'signal', 'onProgress'];

class Export extends stream.Readable {
  #site = new CallSite();
  #step;
  #takePage;
  #export;
  /** The answer to the step that decided on what there is to export. */
  #begun;
  #progress;
  #unlisten;
  /** What went wrong before anybody read, who is told then. */
  #failure;
  #isRead = false;
  #ended = false;

  /**
   * `create(text)` makes a native export; `step(native export)` makes its next step, and gives the response, and
   * `takePage(native export)` has the lines that it has read. `range` can have the positions `first` and `last`, for a part
   * of an instance; or a `stream`, `first` and `last` of its numbers, and the `positions` of these events.
   */
  constructor({ create, step, takePage }, options, range = {}) {
    super({ highWaterMark: BUFFERED_BYTES });
    this.#step = step;
    this.#takePage = takePage;
    try {
      const { instance, signal, onProgress } = optionsOf(options, OPTIONS);
      this.#progress = new Progress(onProgress);
      this.#export = create(encode(['options'], [{ instance, ...range }]).slice(1, -1));
      if (isAborted(signal)) this.#fail(this.#aborted(signal));
      else this.#begin(signal);
    } catch (error) {
      this.#fail(this.#site.in(asFailure(error)));
    }
  }

  #begin(signal) {
    if (signal !== undefined) {
      this.#unlisten = onAbort(signal, () => this.#fail(this.#aborted(signal)));
    }
    // Now, and not once somebody reads: the export is of the log as it is when it is called for.
    this.#begun = this.#step(this.#export);
  }

  /** An error that nobody can listen for yet would end the process. */
  #fail(error) {
    if (this.#isRead) this.destroy(error);
    else this.#failure ??= error;
  }

  _read() {
    this.#isRead = true;
    if (this.#failure !== undefined) {
      this.destroy(this.#failure);
    } else if (this.#ended) {
      this.push(null);
    } else {
      this.#readPage().catch((error) => this.destroy(this.#site.in(asFailure(error))));
    }
  }

  async #readPage() {
    const begun = await this.#begun;
    if (this.destroyed) return;
    const response = begun.success ? await this.#step(this.#export) : begun;
    if (this.destroyed) return;
    if (!response.success) throw failure(response, this.#site);
    const { done, total, ended } = response.data;
    this.#ended = ended;
    const page = this.#takePage(this.#export);
    if (ended) this.#progress.finish({ done, total });
    else this.#progress.report({ done, total });
    // Whoever was told of the progress may have destroyed the stream.
    if (!this.destroyed) this.#give(page);
  }

  /** Gives a page to those who listen for one, whose exceptions are no failure of the stream. */
  #give(page) {
    try {
      this.push(page);
    } catch (error) {
      uncaught(error);
      // The stream has stopped in the middle of giving.
      if (!this.destroyed) this.read(0);
    }
  }

  #aborted(signal) {
    return failure(abortion(signal, 'export'), this.#site);
  }

  _destroy(error, callback) {
    this.#unlisten?.();
    this.#export = undefined;
    callback(error);
  }
}
module.exports = { Export };
