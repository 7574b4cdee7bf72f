'use strict';

// JSON as text, where JavaScript would alter a number that it reads: the members of an object, each as it is written.

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Text that has no such number: most has not. */
const MAY_HAVE_ONE = /[\d.]{16}|\d[eE][+-]?\d/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** Where the string that begins at `start` ends: after its closing quote. */
function afterString(text, start) {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    // Behind an even number of backslashes the quote is not escaped.
    if ((end - before) % 2 === 1) return end + 1;
  }
}

/** Where the value that begins at `start` ends: after its last character. */
function afterValue(text, start) {
  let depth = 0;
  let at = start;
  for (; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = afterString(text, at) - 1;
        if (depth === 0) return at + 1;
        break;
      case 0x7b:
      case 0x5b:
        depth += 1;
        break;
      case 0x7d:
      case 0x5d:
        // The end of what a number or a word stands in.
        if (depth === 0) return at;
        depth -= 1;
        if (depth === 0) return at + 1;
        break;
      case 0x2c:
        if (depth === 0) return at;
        break;
      default:
        if (depth === 0 && isBlank(text.charCodeAt(at))) return at;
    }
  }
  return at;
}

function isBlank(code) {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function afterBlanks(text, start) {
  let at = start;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** The string that a JSON text is. */
function stringOf(text) {
  return text.includes('\\') ? JSON.parse(text) : text.slice(1, -1);
}

/**
 * Calls `found(key, start, end)` for each member of an object: its key, and where its value stands.
 *
 * @param {string} text - Valid JSON.
 * @param {number} start - Where the object begins in it.
 * @param {(key: string, start: number, end: number) => void} found - Called for one after the other.
 */
function eachMember(text, start, found) {
  let at = afterBlanks(text, start + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = afterString(text, at);
    const key = stringOf(text.slice(at, keyEnd));
    const valueStart = afterBlanks(text, afterBlanks(text, keyEnd) + 1);
    const valueEnd = afterValue(text, valueStart);
    found(key, valueStart, valueEnd);
    at = afterBlanks(text, valueEnd);
    if (text.charCodeAt(at) !== 0x2c) return;
    at = afterBlanks(text, at + 1);
  }
}

/**
 * The members of an object, each with its value as it is written. Of a key that stands there twice, the last one counts, as
 * for `JSON.parse`.
 *
 * @param {string} text - Valid JSON: an object, with blanks around it or not.
 * @returns {Map<string, string>} The text of each value, by its key.
 */
function membersOf(text) {
  const members = new Map();
  eachMember(text, afterBlanks(text, 0), (key, start, end) => {
    members.set(key, text.slice(start, end));
  });
  return members;
}

/** The elements of an array, each as it is written. `text` is valid JSON. */
function elementsOf(text) {
  const elements = [];
  let at = afterBlanks(text, afterBlanks(text, 0) + 1);
  while (at < text.length && text.charCodeAt(at) !== 0x5d) {
    const end = afterValue(text, at);
    elements.push(text.slice(at, end));
    at = afterBlanks(text, end);
    if (text.charCodeAt(at) !== 0x2c) break;
    at = afterBlanks(text, at + 1);
  }
  return elements;
}

/** The value under a key of an object, or at an index of an array; `undefined` if there is none. */
function valueUnder(text, key) {
  const start = afterBlanks(text, 0);
  if (text.charCodeAt(start) === 0x7b) return membersOf(text).get(key);
  if (text.charCodeAt(start) !== 0x5b || !/^(?:0|[1-9]\d*)$/.test(key)) return undefined;
  return elementsOf(text)[Number(key)];
}

/**
 * The value at the end of a path, as it is written.
 *
 * @param {string} text - Valid JSON.
 * @param {string[]} keys - The keys and indexes that lead to it.
 * @returns {string | undefined} `undefined` if there is none.
 */
function valueAt(text, keys) {
  let found = text;
  for (const key of keys) {
    if (found === undefined) return undefined;
    found = valueUnder(found, key);
  }
  return found;
}

/** Whether JavaScript keeps a number that is written so. */
function isKept(written) {
  const number = Number(written);
  if (!Number.isFinite(number)) return false;
  return (
    !/^-?\d+$/.test(written) || Number.isSafeInteger(number) || BigInt(number) === BigInt(written)
  );
}

/** The first number in valid JSON that JavaScript would alter. */
function alteredNumber(text, isKeptNumber = isKept) {
  if (!MAY_HAVE_ONE.test(text)) return undefined;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') {
      at = afterString(text, at) - 1;
      continue;
    }
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(text);
    if (found === null) continue;
    if (!isKeptNumber(found[0])) return found[0];
    at = NUMBER.lastIndex - 1;
  }
  return undefined;
}

/** The longest exponent that is taken for a number, with its sign. A longer one makes it 0, or more than any. */
const EXPONENT_MAX = 7;

/**
 * The digits of a number without zeros at their ends, and the power of ten that they are multiplied by; `undefined` if its
 * exponent is longer than that of any number.
 */
function decimalOf(written) {
  const [, whole, fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(written) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  // A pattern would look at many zeros again and again.
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  if (end === 0) return '0';
  if (exponent.length > EXPONENT_MAX) return undefined;
  return `${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

/** Whether JavaScript writes a number as the same decimal again. */
function isSameDecimal(written) {
  const number = Number(written);
  return Number.isFinite(number) && decimalOf(written) === decimalOf(String(number));
}

/** Valid JSON without the blanks between its parts. */
function withoutBlanks(text) {
  let kept = '';
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    kept += text.slice(at, quote === -1 ? text.length : quote).replaceAll(/[ \t\r\n]+/g, '');
    if (quote === -1) break;
    at = afterString(text, quote);
    kept += text.slice(quote, at);
  }
  return kept;
}

/**
 * A JSON text as the log is to keep it: as `JSON.stringify` writes it, unless a number would be altered. Then it stays as
 * it is written, but for blanks.
 */
function keptText(text) {
  return alteredNumber(text, isSameDecimal) === undefined
    ? JSON.stringify(JSON.parse(text))
    : withoutBlanks(text);
}

module.exports = {
  alteredNumber,
  afterBlanks,
  afterString,
  afterValue,
  elementsOf,
  isSameDecimal,
  keptText,
  membersOf,
  stringOf,
  valueAt,
  withoutBlanks,
};
