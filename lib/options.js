'use strict';

// The options of what takes long: which there are, what it is called off with, who hears of it.

const { Refusal, describe, invalid, invalidBy } = require('./failure.js');
const { givenOf, refuseController, unknownOption } = require('./given.js');
const native = require('./native.js');
const { signalAt } = require('./signal.js');
const { uncaught } = require('./uncaught.js');

/** The values of the `known` options that are given. */
function optionsOf(options, known) {
  if (options === undefined || options === null) return {};
  try {
    return pick(options, known);
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalidBy('options', error);
  }
}

function pick(options, known) {
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw invalid(`options: expected an object, found ${describe(options)}`);
  }
  refuseController(options);
  const given = givenOf(options);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw unknownOption(unknown, known);
  }
  const { signal, onProgress } = given;
  if (signal !== undefined) signalAt('options.signal', signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalid(`options.onProgress: expected a function, found ${describe(onProgress)}`);
  }
  return given;
}

/** Calls of `onProgress` are at least that far apart, but for the last one. */
const INTERVAL_MS = 100;

/**
 * Tells `onProgress`, if there is one, how far something has come.
 *
 * If it throws before the end, whoever reports calls the work off and says so. At the end there is nothing to call
 * off: what was done is told, and the exception goes to where Node.js puts uncaught ones. It is not called again.
 */
class Progress {
  #onProgress;
  #nextMs = 0;

  constructor(onProgress) {
    this.#onProgress = onProgress;
  }

  /** Tells it, unless it was told just now. Throws a refusal with what it throws as `cause`. */
  report(progress) {
    if (this.#onProgress === undefined) return;
    const nowMs = native.elapsedMs();
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + INTERVAL_MS;
    try {
      this.#call(progress);
    } catch (error) {
      this.#onProgress = undefined;
      throw invalidBy('options.onProgress: it threw', error);
    }
  }

  /** Tells it that all is done. */
  finish(progress) {
    try {
      this.#call(progress);
    } catch (error) {
      uncaught(error);
    }
  }

  #call(progress) {
    const onProgress = this.#onProgress;
    onProgress?.(progress);
  }
}

module.exports = { INTERVAL_MS, Progress, optionsOf };
