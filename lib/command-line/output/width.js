'use strict';

// How many columns of a terminal a text takes, and a text cut to some.

const { isPlain } = require('../text.js');

/** Measures a text. Most are ASCII, and need no library. */
let measure;

/** Loads what measures texts, if one of them needs it. */
async function prepare(texts) {
  if (measure !== undefined || texts.every(isPlain)) return;
  ({ default: measure } = await import('fast-string-truncated-width'));
}

/** How wide a text is. `prepare` has seen it. */
function widthOf(text) {
  return isPlain(text) ? text.length : measure(text).width;
}

/** A text of at most that width, with an ellipsis where it was cut. */
function cut(text, width, ellipsis) {
  if (widthOf(text) <= width) return text;
  if (isPlain(text)) return text.slice(0, Math.max(0, width - ellipsis.length)) + ellipsis;
  const ellipsisWidth = ellipsis.length;
  return text.slice(0, measure(text, { limit: width, ellipsis, ellipsisWidth }).index) + ellipsis;
}

module.exports = { cut, prepare, widthOf };
