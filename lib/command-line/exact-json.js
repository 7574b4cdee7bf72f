'use strict';

// JSON that comes as text: a number that JavaScript would alter is refused, since nobody would notice.

const { invalid } = require('./failure.js');

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Text that has no such number: most has not. */
const MAY_HAVE_ONE = /\d{16}|\d[eE]\+?\d/;

/** Where the string that begins at `start` ends. */
function endOfString(text, start) {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end;
  }
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
function alteredNumber(text) {
  if (!MAY_HAVE_ONE.test(text)) return undefined;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') {
      at = endOfString(text, at);
      continue;
    }
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(text);
    if (found === null) continue;
    if (!isKept(found[0])) return found[0];
    at = NUMBER.lastIndex - 1;
  }
  return undefined;
}

/** The value of a JSON text that stands at `place`. */
function parseJson(text, place) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(`${place}: expected JSON: ${error.message.replaceAll('\n', ' ')}`);
  }
  const altered = alteredNumber(text);
  if (altered === undefined) return value;
  throw invalid(
    `${place}: expected numbers that JavaScript keeps, found ${altered}: write it as a string`,
  );
}

module.exports = { alteredNumber, parseJson };
