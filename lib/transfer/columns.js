'use strict';

// Columns that an export makes of fields of events: which field, of what type, and its value exactly.

const { millisecondsOf } = require('../cloud-events/time.js');
const { describe, invalid } = require('../failure.js');
const { valueAt } = require('../json-text.js');

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The integer that a JSON number is; `undefined` for another value. */
function integerOf(text) {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  const value = JSON.parse(text);
  return Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

function int64Of(text) {
  const value = integerOf(text);
  return value !== undefined && value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

function parsedAs(type) {
  return (text) => {
    const value = JSON.parse(text);
    return typeof value === type ? value : undefined;
  };
}

function timeOf(text) {
  const value = JSON.parse(text);
  const time = typeof value === 'string' ? millisecondsOf(value) : value;
  return Number.isSafeInteger(time) ? time : undefined;
}

/** What each type takes: the value of a JSON text, or `undefined` for what is none. */
const TYPES = {
  string: { read: parsedAs('string'), expected: 'a string' },
  int64: { read: int64Of, expected: 'an integer of 64 bits' },
  double: { read: parsedAs('number'), expected: 'a number' },
  boolean: { read: parsedAs('boolean'), expected: 'true or false' },
  timestamp: {
    read: timeOf,
    expected: 'a time of RFC 3339, or whole milliseconds since 1970',
  },
  json: { read: (text) => text, expected: 'JSON' },
};

/** The path of a field: what it is of, and the keys that lead to it. */
function pathOf(field, place) {
  const keys = field.startsWith('/')
    ? field
        .slice(1)
        .split('/')
        .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    : field.split('.');
  const [root, ...rest] = keys;
  if (root === 'payload' || root === 'metadata') return { root, keys: rest };
  throw invalid(
    `${place}: expected a path that begins with payload or metadata, such as payload.amount, found ${JSON.stringify(field)}`,
  );
}

/** What is asked for of a column: its field, and its type. */
function columnOf(name, given) {
  const place = `options.columns[${JSON.stringify(name)}]`;
  const {
    field,
    type = 'json',
    ...rest
  } = typeof given === 'string' ? { field: given } : (given ?? {});
  const [unknown] = Object.keys(rest);
  if (typeof field !== 'string' || unknown !== undefined) {
    const found = unknown === undefined ? describe(given) : `the key ${JSON.stringify(unknown)}`;
    throw invalid(`${place}: expected a path, or { field, type }, found ${found}`);
  }
  if (!Object.hasOwn(TYPES, type)) {
    const found = typeof type === 'string' ? JSON.stringify(type) : describe(type);
    throw invalid(
      `${place}.type: expected one of ${Object.keys(TYPES).join(', ')}, found ${found}`,
    );
  }
  return { name, type, ...pathOf(field, place) };
}

/**
 * The columns that were asked for.
 *
 * @param {unknown} given - Each column's path, or its path and type, by its name.
 */
function columnsOf(given) {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(`options.columns: expected an object, found ${describe(given)}`);
  }
  return Object.entries(given).map(([name, column]) => columnOf(name, column));
}

/** The value of a column; `null` where the event has none. */
function valueOf(event, { name, type, root, keys }) {
  const text = valueAt(event[root], keys);
  if (text === undefined || text === 'null') return null;
  const { read, expected } = TYPES[type];
  const value = read(text);
  if (value !== undefined) return value;
  const at = `event ${event.sequence_number} of the stream ${JSON.stringify(event.stream_id)}`;
  throw invalid(
    `options.columns[${JSON.stringify(name)}]: expected ${expected}, found ${text.slice(0, 100)} in ${at}`,
  );
}

/** The values of all columns. */
function valuesOf(event, columns) {
  return columns.map((column) => valueOf(event, column));
}

module.exports = { columnsOf, valuesOf };
