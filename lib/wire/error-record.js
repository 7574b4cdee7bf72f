'use strict';

// Errors in payload and metadata, as they are stored. JSON alone would keep nothing of them, or only what a program
// has put onto them.

const { isError } = require('./unkept.js');

/** What an AggregateError and a SuppressedError hold, which is not enumerable. */
const INNER_ERRORS = ['errors', 'error', 'suppressed'];

/** An error without what may lead back to it: what is stored of one within itself. */
function outlineOf({ name, message }) {
  return { name, message };
}

/** What is stored of an error: name, message and stack, the errors that it is about, and its enumerable fields. */
function recordOf(error) {
  // Without a prototype, so that a field may have any name.
  const record = Object.assign(Object.create(null), outlineOf(error));
  // A program may have put a function of its own in charge of stacks, which makes something else of them.
  const { stack, cause } = error;
  if (typeof stack === 'string') record.stack = stack;
  // Of some older classes it is a method.
  if (typeof cause !== 'function') record.cause = cause;
  for (const key of INNER_ERRORS) {
    if (Object.hasOwn(error, key)) record[key] = error[key];
  }
  for (const key of Object.keys(error)) record[key] = error[key];
  return record;
}

/** Whether an error is stored by its record: one with a toJSON of its own says itself what is stored. */
function isRecorded(value) {
  return isError(value) && typeof value.toJSON !== 'function';
}

/** A replacer for one JSON.stringify, which puts their records into the place of errors. */
function createReplacer() {
  // The values that JSON.stringify is within, outermost first, each with the error that it is the record of.
  const holders = [];
  return /** @this {unknown} */ function replace(key, value) {
    while (holders.length > 0 && holders.at(-1).value !== this) holders.pop();
    if (typeof value !== 'object' || value === null) return value;
    if (!isError(value)) {
      holders.push({ value });
      return value;
    }
    const isWithin = holders.some(({ error }) => error === value);
    const record = isWithin ? outlineOf(value) : recordOf(value);
    holders.push({ value: record, error: value });
    return record;
  };
}

module.exports = { createReplacer, isRecorded, recordOf };
