'use strict';

// What counts as given among the keys of an object, and what is not known of them.

const { invalid } = require('./failure.js');
const native = require('./native.js');

/**
 * A copy of `object` with the keys that are given: a key whose value is `undefined` or `null` is not. Of the keys in
 * `withNull`, `null` is a value. Each value is looked at once.
 */
function givenOf(object, withNull = []) {
  const isGiven = ([key, value]) =>
    value !== undefined && (value !== null || withNull.includes(key));
  return Object.fromEntries(Object.entries(object).filter(isGiven));
}

/** Refuses an AbortController in the place of options: nothing could be called off by it. */
function refuseController(options) {
  if (Object.hasOwn(options, 'signal') || (options.signal ?? undefined) === undefined) return;
  throw invalid('options: expected { signal }, found an AbortController: give its signal');
}

/** The refusal of an option that is none of those that are known, in the object at `path`. */
function unknownOption(option, known, path = 'options') {
  const likely = native.meantKey(option, known);
  const advice =
    likely === null
      ? `expected one of ${known.join(', ')}`
      : `did you mean ${JSON.stringify(likely)}?`;
  return invalid(`${path}: unknown option ${JSON.stringify(option)}: ${advice}`);
}

module.exports = { givenOf, refuseController, unknownOption };
