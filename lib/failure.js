'use strict';

// Failures as errors: what rejects where there is no response, and what is wrong with a call before it is made.

/** What rejects, is thrown by a reader, or destroys a stream: a failed response as an error. */
class EventLogError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }
}
Object.defineProperty(EventLogError.prototype, 'name', {
  value: 'EventLogError',
  configurable: true,
  writable: true,
});

/** A call that is refused before the engine hears of it: the log itself throws no other error on the way. */
class Refusal extends EventLogError {}

/** The refusal of an argument. `text` names the place, what was expected there and what was found. */
function invalid(text, options) {
  return new Refusal('INVALID_ARGUMENT', text, options);
}

/** The error that a failed response is. */
function failure({ code, error, conflict }) {
  const thrown = new EventLogError(code, error);
  if (conflict !== undefined) thrown.conflict = conflict;
  return thrown;
}

/** The code of what was thrown here: `code`, unless it is a refusal, which has its own. */
function codeOf(thrown, code) {
  return thrown instanceof Refusal ? thrown.code : code;
}

/** Whatever was thrown, as the error of a failed response; with `code`, unless it is one already. */
function asFailure(thrown, code) {
  return thrown instanceof EventLogError
    ? thrown
    : new EventLogError(code, reason(thrown), { cause: thrown });
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
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`;
}

module.exports = { EventLogError, Refusal, asFailure, codeOf, describe, failure, invalid, reason };
