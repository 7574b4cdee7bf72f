'use strict';

// The options of what takes long: which there are, what it is called off with, who hears of it.

const { performance } = require('node:perf_hooks');

const { Refusal, describe, invalid, reason } = require('./failure.js');
const { isSignal } = require('./signal.js');

/** The values of the `known` options; `undefined` for those that are not given. */
function optionsOf(options, known) {
  if (options === undefined || options === null) return {};
  try {
    return pick(options, known);
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalid(`options: ${reason(error)}`);
  }
}

function pick(options, known) {
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw invalid(`options: expected an object, found ${describe(options)}`);
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw invalid(
      `options: unknown option ${JSON.stringify(unknown)}: expected one of ${known.join(', ')}`,
    );
  }
  const { signal, onProgress } = options;
  if (signal !== undefined && !isSignal(signal)) {
    throw invalid(`options.signal: expected an AbortSignal, found ${describe(signal)}`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalid(`options.onProgress: expected a function, found ${describe(onProgress)}`);
  }
  return Object.fromEntries(known.map((key) => [key, options[key]]));
}

/** Calls of `onProgress` are at least that far apart, but for the last one. */
const INTERVAL_MS = 100;

/** Tells `onProgress`, if there is one, how far something has come. */
class Progress {
  #onProgress;
  #nextMs = 0;

  constructor(onProgress) {
    this.#onProgress = onProgress;
  }

  /** Tells it, unless it was told just now and there is more to come. */
  report(progress, isLast) {
    if (this.#onProgress === undefined) return;
    const nowMs = performance.now();
    if (nowMs < this.#nextMs && !isLast) return;
    this.#nextMs = nowMs + INTERVAL_MS;
    const onProgress = this.#onProgress;
    try {
      onProgress(progress);
    } catch (error) {
      throw invalid(`options.onProgress: it threw: ${reason(error)}`);
    }
  }
}

module.exports = { INTERVAL_MS, Progress, optionsOf };
