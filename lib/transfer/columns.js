'use strict';

// Columns that an export makes of fields of events: which field, of what type, and its value exactly.

const { types } = require('../builtins.js');
const { TIME_MAX, TIME_MIN, millisecondsOf } = require('../cloud-events/time.js');
const { describe, describeValue, invalid } = require('../failure.js');
const { alteredNumber, valueAt } = require('../json-text.js');

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

/** The value at a path; `undefined` where there is none. */
function at(value, keys) {
  let found = value;
  for (const key of keys) {
    const isIndex = Array.isArray(found) && /^(?:0|[1-9]\d*)$/.test(key);
    if (typeof found !== 'object' || found === null) return undefined;
    if (Array.isArray(found) ? !isIndex : !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** A number that JavaScript would alter, as an integer if it is one; any other value as `JSON.parse` has it. */
function exactValue(text) {
  return /^-?\d+$/.test(text) ? BigInt(text) : JSON.parse(text);
}

/** The payload and the metadata of an event, parsed at most once each, and not at all where that would alter a number. */
class Fields {
  #event;
  #parsed = {};

  constructor(event) {
    this.#event = event;
  }

  /** The value of a column; `undefined` where there is none. */
  value({ type, root, keys }) {
    const text = this.#event[root];
    if (type === 'json') return valueAt(text, keys);
    this.#parsed[root] ??= alteredNumber(text) === undefined ? [JSON.parse(text)] : [];
    const [parsed] = this.#parsed[root];
    if (parsed !== undefined) return at(parsed, keys);
    const found = valueAt(text, keys);
    return found === undefined ? undefined : exactValue(found);
  }
}

/** The value of a column; `null` where the event has none. */
function valueOf(event, fields, column) {
  const { name, type, root, keys } = column;
  const value = fields.value(column);
  if (type === 'json') return value === undefined || value === 'null' ? null : value;
  if (value === undefined || value === null) return null;
  const { read, expected } = TYPES[type];
  const taken = read(value);
  if (taken !== undefined) return taken;
  const text = valueAt(event[root], keys)?.slice(0, 100);
  const place = `event ${event.sequence_number} of the stream ${JSON.stringify(event.stream_id)}`;
  throw invalid(
    `options.columns[${JSON.stringify(name)}]: expected ${expected}, found ${text} in ${place}`,
  );
}

/** The values of all columns. */
function valuesOf(event, columns) {
  if (columns.length === 0) return [];
  const fields = new Fields(event);
  return columns.map((column) => valueOf(event, fields, column));
}

module.exports = { OWN_COLUMNS, columnsOf, valuesOf };
