'use strict';

// Columns that an export makes of fields of events: which field, of what type, and its value exactly.

const { types } = require('../builtins.js');
const { TIME_MAX, TIME_MIN, millisecondsOf } = require('../cloud-events/time.js');
const { describe, describeValue, invalid } = require('../failure.js');
const { stringOf } = require('../json-text.js');
const { Paths } = require('./paths.js');

/** What the columns of an event's own are named. */
const OWN_COLUMNS = [
  'position',
  'instanceId',
  'stream_id',
  'sequence_number',
  'event_type',
  'timestamp',
  'id',
  'payload',
  'metadata',
];

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The integer of 64 bits that a number is; `undefined` for another value. */
function int64Of(value) {
  if (typeof value !== 'bigint' && !Number.isInteger(value)) return undefined;
  const integer = BigInt(value);
  return integer >= INT64_MIN && integer <= INT64_MAX ? integer : undefined;
}

function timeOf(value) {
  const time = typeof value === 'string' ? millisecondsOf(value) : value;
  return Number.isSafeInteger(time) && time >= TIME_MIN && time <= TIME_MAX ? time : undefined;
}

const ofType = (type) => (value) => (typeof value === type ? value : undefined);

/** What each type takes: a value, or `undefined` for what is none. */
const TYPES = {
  string: { read: ofType('string'), expected: 'a string' },
  int64: { read: int64Of, expected: 'an integer of 64 bits' },
  double: {
    read: (value) => (typeof value === 'bigint' ? Number(value) : ofType('number')(value)),
    expected: 'a number',
  },
  boolean: { read: ofType('boolean'), expected: 'true or false' },
  timestamp: {
    read: timeOf,
    expected: 'a time of RFC 3339, or whole milliseconds since 1970',
  },
  json: { read: () => undefined, expected: 'JSON' },
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
  if (OWN_COLUMNS.includes(name)) {
    throw invalid(`${place}: expected a name that no column of each event has`);
  }
  const {
    field,
    type = 'json',
    ...rest
  } = typeof given === 'string' ? { field: given } : (given ?? {});
  const [unknown] = Object.keys(rest);
  if (typeof field !== 'string' || unknown !== undefined) {
    const what = unknown === undefined ? describe(given) : `the key ${JSON.stringify(unknown)}`;
    throw invalid(`${place}: expected a path, or { field, type }, found ${what}`);
  }
  if (typeof type !== 'string' || !Object.hasOwn(TYPES, type)) {
    throw invalid(
      `${place}.type: expected one of ${Object.keys(TYPES).join(', ')}, found ${describeValue(type)}`,
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
  if (typeof given !== 'object' || given === null || Array.isArray(given) || types.isMap(given)) {
    throw invalid(`options.columns: expected an object, found ${describe(given)}`);
  }
  return Object.entries(given).map(([name, column]) => columnOf(name, column));
}

/** The value of a JSON text that is no object and no array; that of an integer exactly. */
function valueOfText(text) {
  const first = text.charCodeAt(0);
  if (first === 0x22) return stringOf(text);
  if (first === 0x7b || first === 0x5b) return JSON.parse(text);
  // Most numbers are integers that JavaScript keeps.
  if (text.length > 15 && /^-?\d+$/.test(text)) return BigInt(text);
  return JSON.parse(text);
}

/** The value of a column, whose text is `undefined` where the event has none; `null` for that. */
function valueOf(event, text, { name, type }) {
  if (text === undefined || text === 'null') return null;
  if (type === 'json') return text;
  const { read, expected } = TYPES[type];
  const taken = read(valueOfText(text));
  if (taken !== undefined) return taken;
  const place = `event ${event.sequence_number} of the stream ${JSON.stringify(event.stream_id)}`;
  throw invalid(
    `options.columns[${JSON.stringify(name)}]: expected ${expected}, found ${text.slice(0, 100)} in ${place}`,
  );
}

/** Why the columns of an event cannot be read that is encrypted: an export has it as it is stored. */
function encrypted({ sequence_number: number, stream_id: stream }) {
  const place = `event ${number} of the stream ${JSON.stringify(stream)}`;
  return invalid(
    `options.columns: expected events that are not encrypted, found ${place}: query them for their fields, ` +
      'or export without columns',
  );
}

/** Reads the values of columns, all of those of one text in one go. */
class ColumnReader {
  #columns;
  /** What is looked for in each text. */
  #places;

  /** @param {ReturnType<typeof columnsOf>} columns - The columns. */
  constructor(columns) {
    this.#columns = columns;
    this.#places = ['payload', 'metadata'].map((root) => {
      const paths = columns.map((column) => (column.root === root ? column.keys : undefined));
      return { root, paths: new Paths(paths) };
    });
  }

  /** The values of all columns. */
  values(event) {
    if (this.#columns.length === 0) return [];
    const texts = new Array(this.#columns.length);
    for (const { root, paths } of this.#places) {
      // An object or an array, or what is encrypted, in which there is nothing to be found.
      if (event[root].charCodeAt(0) === 0x22 && paths.areSome) throw encrypted(event);
      paths.find(event[root], texts);
    }
    return this.#columns.map((column, index) => valueOf(event, texts[index], column));
  }
}

module.exports = { ColumnReader, OWN_COLUMNS, columnsOf };
