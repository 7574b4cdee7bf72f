'use strict';

// JSON that comes as text: a number that JavaScript would alter is refused, since nobody would notice.

const { alteredNumber } = require('../json-text.js');
const { invalid } = require('./failure.js');

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
