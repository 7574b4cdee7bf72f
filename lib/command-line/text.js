'use strict';

// Text that a terminal shows and does not obey.

/**
 * What a terminal may obey, or what shows other text than is there: control characters, also those of C1, marks that turn
 * the direction of writing, separators of lines, characters without width, halves of a surrogate pair.
 */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The same, where the text is JSON: there, its own escapes stand for all of C0, and line ends are its own. */
const UNSAFE_IN_JSON =
  // oxlint-disable-next-line no-control-regex
  /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text that is shown as it is, which most is. */
const isPlain = (text) => /^[\u0020-\u007e]*$/.test(text);

const NOT_ASCII = /[\u0080-\uffff]/g;

const SHORT = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A character as JSON writes it where it may not write it as it is. */
function escaped(character) {
  const short = SHORT[character];
  return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A text for a terminal, in one line. With `ascii`, it is in ASCII. */
function shown(text, { ascii = false } = {}) {
  if (isPlain(text)) return text;
  const safe = text.replace(UNSAFE, escaped);
  return ascii ? safe.replace(NOT_ASCII, escaped) : safe;
}

/** A JSON text of the same value that does nothing to a terminal. With `ascii`, it is in ASCII. */
function shownJson(json, { ascii = false } = {}) {
  if (isPlain(json)) return json;
  return json.replace(ascii ? NOT_ASCII : UNSAFE_IN_JSON, escaped);
}

module.exports = { isPlain, shown, shownJson };
