'use strict';

// Where the values of objects and arrays stand in JSON text as JSON.stringify writes it, without spaces. A text that is
// read and written again is not always the same: numbers may be more exact than JavaScript's (JSON.rawJSON).

const { JSON } = require('../intrinsics.js');

/** Where a value begins in a text, and where it ends. @typedef {{ start: number, end: number }} Place */

/**
 * The places of the members of the object that begins at `start`, by their keys.
 *
 * @returns {Map<string, Place>} The places. The object ends after the last one's end and a brace.
 */
function membersAt(text, start) {
  const members = new Map();
  let at = start + 1;
  while (text[at] !== '}') {
    const keyEnd = endOfString(text, at);
    const place = { start: keyEnd + 1, end: endOf(text, keyEnd + 1) };
    members.set(JSON.parse(text.slice(at, keyEnd)), place);
    at = text[place.end] === ',' ? place.end + 1 : place.end;
  }
  return members;
}

/** The places of the elements of the array that begins at `start`. */
function elementsAt(text, start) {
  const elements = [];
  let at = start + 1;
  while (text[at] !== ']') {
    const place = { start: at, end: endOf(text, at) };
    elements.push(place);
    at = text[place.end] === ',' ? place.end + 1 : place.end;
  }
  return elements;
}

/** Where the value that begins at `start` ends. */
function endOf(text, start) {
  if (text[start] === '"') return endOfString(text, start);
  if (text[start] === '{' || text[start] === '[') return endOfNested(text, start);
  const end = /[,\]}]/g;
  end.lastIndex = start;
  return end.exec(text)?.index ?? text.length;
}

function endOfNested(text, start) {
  const marks = /["[\]{}]/g;
  marks.lastIndex = start;
  let depth = 0;
  for (;;) {
    const { index } = /** @type {RegExpExecArray} */ (marks.exec(text));
    if (text[index] === '"') {
      marks.lastIndex = endOfString(text, index);
    } else {
      depth += text[index] === '{' || text[index] === '[' ? 1 : -1;
      if (depth === 0) return index + 1;
    }
  }
}

function endOfString(text, start) {
  let quote = start;
  let isEscaped;
  do {
    quote = text.indexOf('"', quote + 1);
    let slash = quote;
    while (text[slash - 1] === '\\') slash -= 1;
    isEscaped = (quote - slash) % 2 === 1;
  } while (isEscaped);
  return quote + 1;
}

module.exports = { elementsAt, membersAt };
