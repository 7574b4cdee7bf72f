'use strict';

// What the language itself has, whatever a program has put into its place.

/** The class of the promises that async functions return. */
const Promise = (async () => {})().constructor;

module.exports = { Promise };
