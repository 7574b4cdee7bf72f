'use strict';

// Where something is in a line: a path such as `$.order.id`, or a text that is meant as it is.

const { invalid } = require('../../failure.js');

const STEP = /\.([\p{L}\p{N}_$@-]+)|\[(\d+)\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/uy;

/** A key in quotes, without the backslashes before what they escape. */
function unquoted(text) {
  return text?.replaceAll(/\\(.)/g, '$1');
}

/**
 * The keys and indexes of a path.
 *
 * @param {string} path - `$` for all of it, `.key`, `['key']` and `[0]` for what is in it.
 * @param {string} place - What it is called in what is wrong with it.
 */
function keysOf(path, place) {
  const keys = [];
  let at = 1;
  while (at < path.length) {
    STEP.lastIndex = at;
    const step = STEP.exec(path);
    if (step === null) {
      throw invalid(
        `${place}: expected a path such as $.order.id, $['a b'] or $.items[0], found ${JSON.stringify(path)}`,
      );
    }
    keys.push(step[1] ?? step[2] ?? unquoted(step[3] ?? step[4]));
    at = STEP.lastIndex;
  }
  return keys;
}

/** Whether a text of a mapping is a path, and no text that is meant as it is. */
function isPath(text) {
  return text === '$' || text.startsWith('$.') || text.startsWith('$[');
}

module.exports = { isPath, keysOf };
