'use strict';

// The attributes of a CloudEvent 1.0, and what each may be.

const { describe, invalid } = require('../failure.js');
const { millisecondsOf } = require('./time.js');

/** The members of the JSON format that are no attributes. */
const DATA_MEMBERS = ['data', 'data_base64'];

/** What is required comes first; this is the order of the attributes in what is made here. */
const REQUIRED = ['specversion', 'id', 'source', 'type'];

const INTEGER_MIN = -(2 ** 31);
const INTEGER_MAX = 2 ** 31 - 1;

const NAME = /^[a-z\d]+$/;

/** A type and a subtype, and parameters. */
const MEDIA_TYPE =
  /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+[ \t]*(?:;[ \t]*[\w!#$&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"(?:[\t !#-[\]-~]|\\[\t -~])*")[ \t]*)*$/;

/** Characters that no URI has. */
const NOT_OF_URI = /[\s<>"\\^`{|}\p{Cc}]|%(?![\dA-Fa-f]{2})/u;

const isText = (value) => typeof value === 'string' && value !== '';
const isReference = (value) => isText(value) && !NOT_OF_URI.test(value);

/** What the attributes of the specification have to be, for those that are no extensions. */
const SHAPES = {
  specversion: { is: (value) => value === '1.0', expected: '"1.0"' },
  id: { is: isText, expected: 'a text that is not empty' },
  source: { is: isReference, expected: 'a URI reference that is not empty' },
  type: { is: isText, expected: 'a text that is not empty' },
  datacontenttype: {
    is: (value) => typeof value === 'string' && MEDIA_TYPE.test(value),
    expected: 'a media type, such as application/json',
  },
  dataschema: {
    is: (value) => isReference(value) && /^[A-Za-z][A-Za-z\d+.-]*:/.test(value),
    expected: 'an absolute URI',
  },
  subject: { is: isText, expected: 'a text that is not empty' },
  time: {
    is: (value) => typeof value === 'string' && millisecondsOf(value) !== undefined,
    expected: 'a time of RFC 3339, such as 2026-01-31T12:00:00.5+01:00',
  },
};

const EXTENSION = {
  is: (value) =>
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (Number.isInteger(value) && value >= INTEGER_MIN && value <= INTEGER_MAX),
  expected: 'a string, a boolean, or an integer of 32 bits',
};

/** The value that was found, for a person. */
function found(value) {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : describe(value);
}

/**
 * The attributes of a CloudEvent, in an order that does not depend on how they were given. One that is `null` or
 * `undefined` is not set.
 *
 * @param {Record<string, unknown>} given - The members of the JSON format, with `data` and `data_base64` or without.
 * @param {string} place - What the event is called in what is wrong with it.
 * @returns {Record<string, string | boolean | number>} The attributes that are set.
 */
function attributesOf(given, place) {
  const attributes = {};
  const others = Object.keys(given)
    .filter((name) => !REQUIRED.includes(name) && !DATA_MEMBERS.includes(name))
    .toSorted();
  for (const name of [...REQUIRED, ...others]) {
    const value = given[name] ?? undefined;
    if (value === undefined) {
      if (!REQUIRED.includes(name)) continue;
      throw invalid(`${place}.${name}: expected ${SHAPES[name].expected}, found nothing`);
    }
    if (!NAME.test(name)) {
      throw invalid(
        `${place}: expected attributes named with the letters a to z and digits, found ${found(name)}`,
      );
    }
    const { is, expected } = Object.hasOwn(SHAPES, name) ? SHAPES[name] : EXTENSION;
    if (!is(value)) {
      throw invalid(`${place}.${name}: expected ${expected}, found ${found(value)}`);
    }
    attributes[name] = value;
  }
  return attributes;
}

module.exports = { DATA_MEMBERS, attributesOf, isReference };
