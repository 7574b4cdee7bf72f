'use strict';

// What takes long and is one call: told how far it is by looking, and called off by a signal.

const { clearInterval, setInterval } = require('node:timers');

const { Refusal, codeOf, reason } = require('./failure.js');
const native = require('../native.js');
const { INTERVAL_MS, Progress, optionsOf } = require('./options.js');
const { abortedText, onAbort } = require('./signal.js');
const { realm, refusal } = require('./wire/calls.js');

/** The options of what tells how far it is. */
const OPTIONS = ['signal', 'onProgress'];

/**
 * Does what `call(native progress)` calls for, and returns the response to it. `what` names it for a
 * person. Once it was called off it is waited for all the same: then nothing of it is left.
 */
async function operate(type, what, call, options, known = OPTIONS) {
  let work;
  try {
    work = new Work(what, options, known);
    if (work.isAborted) return refusal(type, 'ABORTED', work.abortedText);
    return work.settled(await call(work.progress));
  } catch (error) {
    return refusal(type, codeOf(error, 'STORAGE_FAILED'), reason(error));
  } finally {
    work?.end();
  }
}

/** One piece of work, with those who want to hear of it and may call it off. */
class Work {
  progress;
  #what;
  #signal;
  #listener;
  #unlisten;
  #timer;
  /** What `onProgress` has thrown, for which the work was called off. */
  #thrown;

  constructor(what, options, known) {
    const { signal, onProgress } = optionsOf(options, known);
    this.progress = native.createProgress(realm);
    this.#what = what;
    this.#signal = signal;
    this.#listener = new Progress(onProgress);
    if (signal !== undefined) {
      this.#unlisten = onAbort(signal, () => native.callOff(this.progress));
    }
    if (onProgress !== undefined) this.#timer = setInterval(() => this.#tell(), INTERVAL_MS);
  }

  get isAborted() {
    return this.#signal?.aborted === true;
  }

  get abortedText() {
    return abortedText(this.#signal, this.#what);
  }

  #tell() {
    const [done, total] = native.progressOf(this.progress);
    // It may not have begun.
    if (total === 0) return;
    try {
      this.#listener.report({ done, total }, false);
    } catch (error) {
      this.#thrown = error;
      clearInterval(this.#timer);
      native.callOff(this.progress);
    }
  }

  /** What the caller gets for the engine's response. */
  settled(response) {
    if (!response.success) {
      if (response.code !== 'ABORTED') return response;
      if (this.#thrown !== undefined) throw this.#thrown;
      return { ...response, error: this.abortedText };
    }
    const [, total] = native.progressOf(this.progress);
    try {
      this.#listener.report({ done: total, total }, true);
    } catch (error) {
      this.#thrown ??= error;
    }
    if (this.#thrown === undefined) return response;
    const { code, message } = this.#thrown;
    throw new Refusal(code, `${message}; the ${this.#what} was finished`);
  }

  end() {
    clearInterval(this.#timer);
    this.#unlisten?.();
  }
}

module.exports = { operate };
