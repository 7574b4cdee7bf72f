'use strict';

// Exceptions of code that is not this package's, thrown where nobody is left to be told.

const native = require('./native.js');

/**
 * Hands over what a listener or a signal of the program has thrown, where its caller has been told what became of
 * the call, or is to be told: to where Node.js puts uncaught exceptions. It does not go by a timer or a microtask,
 * which a test may have replaced.
 */
function uncaught(thrown) {
  native.raise(thrown);
}

module.exports = { uncaught };
