'use strict';

// Failures as errors: what rejects where there is no response, and what is wrong with a call before it is made.

const { types } = require('./builtins.js');
const { JSON } = require('./intrinsics.js');
const native = require('./native.js');

/**
 * By this, each load of the package knows the errors of the others: a program that loads it anew goes on with logs that it
 * has opened before, whose readers may be loaded later.
 */
const KIND = Symbol.for('codebolt-eventlog.failure');

/** Whether a value is an error of that class, in whatever load of the package it was made, or of one derived from it. */
function isOf(value, ownClass, asked, kinds) {
  return asked === ownClass && typeof value === 'object' && value !== null
    ? kinds.includes(value[KIND])
    : Function.prototype[Symbol.hasInstance].call(asked, value);
}

/** What rejects, is thrown by a reader, or destroys a stream: a failed response as an error. */
class EventLogError extends Error {
  static [Symbol.hasInstance](value) {
    return isOf(value, EventLogError, this, ['failure', 'refusal']);
  }

  /**
   * @param {string} code - What kind of failure it is.
   * @param {string} message - What is wrong, for a person.
   * @param {ErrorOptions} [options] - What has caused it.
   */
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }
}
Object.defineProperties(EventLogError.prototype, {
  name: { value: 'EventLogError', configurable: true, writable: true },
  [KIND]: { value: 'failure' },
});

/** A call that is refused before the engine hears of it: the log itself throws no other error on the way. */
class Refusal extends EventLogError {
  static [Symbol.hasInstance](value) {
    return isOf(value, Refusal, this, ['refusal']);
  }
}
Object.defineProperty(Refusal.prototype, KIND, { value: 'refusal' });

/** The refusal of an argument. `text` names the place, what was expected there and what was found. */
function invalid(text, options) {
  return new Refusal('INVALID_ARGUMENT', text, options);
}

/** The refusal of an argument whose own code has thrown. */
function invalidBy(text, thrown) {
  return invalid(`${text}: ${reason(thrown)}`, { cause: thrown });
}

/**
 * Where a call was made. What it fails with later is made in a turn of the event loop in which the caller is not on
 * the stack any more, and whoever reads that stack looks for the caller.
 */
class CallSite {
  constructor() {
    Error.captureStackTrace(this, CallSite);
  }

  /** Gives an error of this package the stack of the call. Returns the error. */
  in(error) {
    let frames;
    try {
      frames = String(/** @type {{ stack?: string }} */ (this).stack);
    } catch {
      // A program may have put a function of its own in charge of stacks.
      return error;
    }
    const start = frames.indexOf('\n    at ');
    const stack = `${error.name}: ${error.message}${start === -1 ? '' : frames.slice(start)}`;
    Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
    return error;
  }
}

/**
 * The error that a failed response is.
 *
 * @param {{ code: string, error: string, conflict?: unknown, cause?: unknown }} response - The response, or as much of
 *   one as there is to tell.
 * @param {CallSite} [site] - Where the call was made.
 */
function failure({ code, error, conflict, cause }, site) {
  const thrown = new EventLogError(code, error, cause === undefined ? undefined : { cause });
  if (conflict !== undefined) Object.assign(thrown, { conflict });
  return site === undefined ? thrown : site.in(thrown);
}

/** The code and the text of a failed response for what was thrown here, which is a refusal, or a fault. */
function told(thrown) {
  return thrown instanceof Refusal
    ? { code: thrown.code, error: thrown.message }
    : { code: 'INTERNAL', error: native.describeFault(reason(thrown)) };
}

/** What was thrown here, as the error of a failed response. */
function asFailure(thrown) {
  return thrown instanceof EventLogError
    ? thrown
    : new EventLogError('INTERNAL', native.describeFault(reason(thrown)), { cause: thrown });
}

/** The text of whatever was thrown, which need not be an Error. */
function reason(thrown) {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'it threw a value that has no text';
  }
}

/** What was found in the place of an argument, for a person. */
function describe(value) {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    if (Array.isArray(value)) return 'an array';
    return types.isPromise(value) ? 'a promise: await it' : 'another object';
  } catch {
    return 'a proxy that was revoked';
  }
}

/** What was found in the place of an argument, for a person, with the value of a number or a text. */
function describeValue(value) {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? JSON.stringify(value) : describe(value);
}

module.exports = {
  CallSite,
  EventLogError,
  Refusal,
  asFailure,
  describe,
  failure,
  describeValue,
  invalid,
  invalidBy,
  reason,
  told,
};
