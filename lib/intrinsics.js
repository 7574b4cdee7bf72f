'use strict';

// What the language itself has, whatever a program has put into its place.

/** The class of the promises that async functions return. */
const Promise = /** @type {PromiseConstructor} */ ((async () => {})().constructor);

/** How JSON is read and written. A test may have `JSON.parse` throw, and what reads responses would answer nobody. */
const { parse, stringify } = JSON;

/** Whether `value` is a promise, or is taken for one. */
function isPromise(value) {
  return typeof value?.then === 'function';
}

module.exports = { JSON: { parse, stringify }, Promise, isPromise };
