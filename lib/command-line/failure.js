'use strict';

// What ends a command before its time.

/** A failure of the command line itself, with one of the codes of `exit-codes.js`. */
class CommandFailure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The refusal of what was written on the command line, or read from a file. */
function invalid(text) {
  return new CommandFailure('INVALID_ARGUMENT', text);
}

/** The `data` of a response; a failed one is thrown. */
function dataOf(response) {
  if (response.success) return response.data;
  throw Object.assign(new CommandFailure(response.code, response.error), {
    conflict: response.conflict,
  });
}

module.exports = { CommandFailure, dataOf, invalid };
