'use strict';

// What takes long and is one call: told how far it is by looking, and called off by a signal.

const { told } = require('./failure.js');
const { INTERVAL_MS, Progress, optionsOf } = require('./options.js');
const { Pause } = require('./pause.js');
const { abortion, isAborted, onAbort } = require('./signal.js');
const { uncaught } = require('./uncaught.js');
const { realmOf, refusal } = require('./wire/calls.js');

/** The options of what tells how far it is. */
const OPTIONS = ['signal', 'onProgress'];

/**
 * Does what `call(native progress, signal)` calls for, and returns the response to it. `what` names it for a
 * person, and `addonOf()` gives the addon that does it. Once it was called off it is waited for all the same: then nothing
 * of it is left.
 */
async function operate(type, { what, addonOf, call }, options, known = OPTIONS) {
  let work;
  try {
    work = new Work(what, addonOf, options, known);
    if (work.isAborted) return refusal(type, work.abortion);
    const response = await call(work.progress, work.signal);
    return work.settled(response);
  } catch (error) {
    return refusal(type, told(error));
  } finally {
    work?.end();
  }
}

/** One piece of work, with those who want to hear of it and may call it off. */
class Work {
  progress;
  #addon;
  #what;
  #signal;
  #listener;
  #unlisten;
  #pause = new Pause();
  /** What the work was called off with because `onProgress` has thrown, which is its `cause`. */
  #refusal;

  constructor(what, addonOf, options, known) {
    const { signal, onProgress } = optionsOf(options, known);
    this.#addon = addonOf();
    this.progress = this.#addon.createProgress(realmOf(this.#addon));
    this.#what = what;
    this.#signal = signal;
    this.#listener = new Progress(onProgress);
    if (signal !== undefined) {
      this.#unlisten = onAbort(signal, () => this.#addon.callOff(this.progress));
    }
    if (onProgress !== undefined) this.#watch();
  }

  get signal() {
    return this.#signal;
  }

  get isAborted() {
    return isAborted(this.#signal);
  }

  get abortion() {
    return abortion(this.#signal, this.#what);
  }

  async #watch() {
    while ((await this.#pause.for(INTERVAL_MS)) && this.#refusal === undefined) this.#tell();
  }

  #tell() {
    const [done, total] = this.#addon.progressOf(this.progress);
    // It may not have begun.
    if (total === 0) return;
    try {
      this.#listener.report({ done, total });
    } catch (error) {
      this.#refusal = error;
      this.#addon.callOff(this.progress);
    }
  }

  /** What the caller gets for the engine's response. */
  settled(response) {
    if (!response.success && response.code === 'ABORTED') {
      if (this.#refusal !== undefined) throw this.#refusal;
      return { ...response, error: this.abortion.error };
    }
    // What was done is told as done, and what failed with its own reason.
    if (this.#refusal !== undefined) {
      uncaught(this.#refusal.cause);
    } else if (response.success) {
      const [, total] = this.#addon.progressOf(this.progress);
      this.#listener.finish({ done: total, total });
    }
    return response;
  }

  end() {
    this.#pause.end();
    this.#unlisten?.();
  }
}

module.exports = { operate };
