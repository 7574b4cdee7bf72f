'use strict';

// The attributes of a CloudEvent 1.0, and what each may be.

const { describe, invalid } = require('../failure.js');
const { withoutBlanks } = require('../json-text.js');
const { millisecondsOf } = require('./time.js');

/** The members of the JSON format that are no attributes. */
const DATA_MEMBERS = ['data', 'data_base64'];

/** The extension with the metadata of an event, as JSON text. What has it was made of an event here. */
const METADATA = 'eventlogmetadata';

/** What is required comes first; this is the order of the attributes in what is made here. */
const REQUIRED = ['specversion', 'id', 'source', 'type'];

const INTEGER_MIN = -(2 ** 31);
const INTEGER_MAX = 2 ** 31 - 1;

const NAME = /^[a-z\d]+$/;

/** A type and a subtype, and parameters. */
const MEDIA_TYPE =
  /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+[ \t]*(?:;[ \t]*[\w!#$&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"(?:[\t !#-[\]-~]|\\[\t -~])*")[ \t]*)*$/;

/** Characters that URIs have, and bytes in percent-encoding. */
const REFERENCE = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\dA-Fa-f]{2})+$/;

/** Characters that no text of an attribute has: control characters, halves of pairs, and what is no character. */
const NOT_OF_TEXT = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const ALL_NOT_OF_TEXT = new RegExp(NOT_OF_TEXT, 'gu');

const isText = (value) => typeof value === 'string' && value !== '' && !NOT_OF_TEXT.test(value);
const isReference = (value) => typeof value === 'string' && REFERENCE.test(value);

const TEXT = 'a text that is not empty, without control characters';

/** What attributes have to be that are no extensions of others. */
const SHAPES = {
  specversion: { is: (value) => value === '1.0', expected: '"1.0"' },
  id: { is: isText, expected: TEXT },
  source: { is: isReference, expected: 'a URI reference that is not empty' },
  type: { is: isText, expected: TEXT },
  datacontenttype: {
    is: (value) => typeof value === 'string' && MEDIA_TYPE.test(value),
    expected: 'a media type, such as application/json',
  },
  dataschema: {
    is: (value) => isReference(value) && /^[A-Za-z][A-Za-z\d+.-]*:/.test(value),
    expected: 'an absolute URI',
  },
  subject: { is: isText, expected: TEXT },
  time: {
    is: (value) => typeof value === 'string' && millisecondsOf(value) !== undefined,
    expected: 'a time of RFC 3339, such as 2026-01-31T12:00:00.5+01:00',
  },
  // Whoever prints JSON for people has line feeds in it, which mean nothing.
  [METADATA]: {
    is: (value) => typeof value === 'string',
    expected: 'JSON of an object or an array, as text',
  },
};

const EXTENSION = {
  is: (value) =>
    (typeof value === 'string' && !NOT_OF_TEXT.test(value)) ||
    typeof value === 'boolean' ||
    (Number.isInteger(value) && value >= INTEGER_MIN && value <= INTEGER_MAX),
  expected: 'a string without control characters, a boolean, or an integer of 32 bits',
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

/**
 * A text as that of an attribute: with U+FFFD for each character that such a text cannot have.
 *
 * @param {string} text - Any text.
 */
function attributeOfText(text) {
  return text.replaceAll(ALL_NOT_OF_TEXT, '\ufffd');
}

/**
 * JSON text as the text of an attribute: what such a text cannot have is escaped, which means the same.
 *
 * @param {string} text - JSON.
 */
function attributeOfJson(text) {
  if (!NOT_OF_TEXT.test(text)) return text;
  // Blanks between values may be control characters.
  return withoutBlanks(text).replaceAll(ALL_NOT_OF_TEXT, (character) =>
    Array.from(
      { length: character.length },
      (_, n) => `\\u${character.charCodeAt(n).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

module.exports = {
  DATA_MEMBERS,
  METADATA,
  attributeOfJson,
  attributeOfText,
  attributesOf,
  isReference,
  isText,
};
