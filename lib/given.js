'use strict';

// What counts as given among the keys of an object.

/**
 * A copy of `object` with the keys that are given: a key whose value is `undefined` or `null` is not. Of the keys in
 * `withNull`, `null` is a value. Each value is looked at once.
 */
function givenOf(object, withNull = []) {
  const isGiven = ([key, value]) =>
    value !== undefined && (value !== null || withNull.includes(key));
  return Object.fromEntries(Object.entries(object).filter(isGiven));
}

module.exports = { givenOf };
