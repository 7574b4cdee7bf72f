'use strict';

// An event of a JSON object of any shape: a mapping says where its stream, type, time, payload, metadata and id are.

const { TIME_MAX, TIME_MIN, millisecondsOf } = require('../../cloud-events/time.js');
const { describe, invalid } = require('../../failure.js');
const { givenOf, unknownOption } = require('../../given.js');
const { keptText, valueAt } = require('../../json-text.js');
const { isPath, keysOf } = require('./path.js');

const KEYS = ['stream', 'type', 'time', 'payload', 'metadata', 'id', 'timeUnit'];

/** By which power of ten a number of each unit becomes milliseconds. */
const UNITS = { s: 3, ms: 0, us: -3, ns: -6 };

/** The parts that an event need not have: `null` in a mapping takes away what a format says. */
const OPTIONAL = ['stream', 'time', 'metadata', 'id'];

/** The parts that are JSON. */
const CONTAINERS = ['payload', 'metadata'];

/** The parts of a mapping that are paths or texts. */
const PLACED = KEYS.filter((key) => key !== 'timeUnit');

/** What a part of a mapping says: keys that lead to a value, or a text. */
function partOf(text, place) {
  if (typeof text !== 'string' || text === '') {
    throw invalid(
      `${place}: expected a path such as $.order.id, or a text, found ${text === '' ? 'an empty text' : describe(text)}`,
    );
  }
  return isPath(text) ? { path: text, keys: keysOf(text, place) } : { text };
}

/** Refuses a text that cannot be the payload or the metadata of an event. */
function checkContainer(text, key) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (typeof value === 'object' && value !== null) return;
  throw invalid(
    `options.map.${key}: expected a path such as $.data, or JSON of an object or an array, found ${JSON.stringify(text.slice(0, 100))}`,
  );
}

/**
 * A mapping that was given, complete.
 *
 * @param {unknown} given - The mapping.
 * @param {Record<string, any>} defaults - What the format says where it says nothing; `untyped` is the type of what has
 *   none there, and `lenient` has the parts that need not be what they are to be.
 */
function mappingOf(given, { untyped, lenient = [], ...defaults }) {
  if (given !== undefined && (typeof given !== 'object' || Array.isArray(given))) {
    throw invalid(`options.map: expected an object, found ${describe(given)}`);
  }
  const own = givenOf(given ?? {}, OPTIONAL);
  const unknown = Object.keys(own).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw unknownOption(unknown, KEYS, 'options.map');
  const { timeUnit, ...all } = { timeUnit: 'ms', payload: '$', ...defaults, ...own };
  if (!Object.hasOwn(UNITS, timeUnit)) {
    throw invalid(
      `options.map.timeUnit: expected one of ${Object.keys(UNITS).join(', ')}, found ${JSON.stringify(timeUnit) ?? describe(timeUnit)}`,
    );
  }
  // A mapping of the caller's own says where the type of each event is.
  const mapping = { timeUnit, untyped: own.type === undefined ? untyped : undefined };
  for (const key of PLACED) {
    if ((all[key] ?? undefined) === undefined) continue;
    const part = partOf(all[key], `options.map.${key}`);
    if (part.text !== undefined && CONTAINERS.includes(key)) checkContainer(part.text, key);
    mapping[key] =
      lenient.includes(key) && own[key] === undefined ? { ...part, isOptional: true } : part;
  }
  if (mapping.type === undefined) {
    throw invalid('options.map.type: expected a path such as $.kind, or a text, found nothing');
  }
  return mapping;
}

/** What was found at a path, for a person. */
function found(text) {
  return text === undefined ? 'nothing' : text.slice(0, 100);
}

/** A name: a text that is not empty, or a number or a boolean as it is written. */
function nameAt(part, text, place, otherwise) {
  if (part === undefined) return otherwise;
  if (part.text !== undefined) return part.text;
  const value = valueAt(text, part.keys);
  const isNothing = value === undefined || value === 'null';
  // Such as a field that an entry has several times.
  const isOther = part.isOptional && value?.startsWith('[');
  if ((isNothing || isOther) && otherwise !== undefined) return otherwise;
  if (value !== undefined && /^(?:"|-?\d|true$|false$)/.test(value)) {
    const name = value.startsWith('"') ? JSON.parse(value) : value;
    if (name !== '') return name;
  }
  throw invalid(`${place}: ${part.path}: expected a text or a number, found ${found(value)}`);
}

/** The milliseconds since 1970 of a number that is written in some unit, cut down to whole ones. */
function millisecondsIn(written, unit) {
  const power = UNITS[unit];
  if (!/^-?\d+$/.test(written)) {
    // Digits of a fraction, as in 1700000000.123, are decimal; the nearest double may lie below them.
    return Math.floor(Number((Number(written) * 10 ** power).toFixed(3)));
  }
  const count = BigInt(written);
  if (power >= 0) return Number(count * 10n ** BigInt(power));
  const divisor = 10n ** BigInt(-power);
  const whole = count / divisor;
  return Number(whole * divisor > count ? whole - 1n : whole);
}

/** The time at a path, as ISO 8601; `undefined` where the mapping names none. */
function timeAt(part, unit, text, place) {
  if (part === undefined) return undefined;
  const value =
    part.text === undefined ? valueAt(text, part.keys) : JSON.stringify(String(part.text));
  if (part.isOptional && (value === undefined || value === 'null')) return undefined;
  const given = value?.startsWith('"') ? JSON.parse(value) : value;
  const isNumber = given !== undefined && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(given);
  const time = isNumber ? millisecondsIn(given, unit) : millisecondsOf(given ?? '');
  if (time !== undefined && time >= TIME_MIN && time <= TIME_MAX) {
    return new Date(time).toISOString();
  }
  throw invalid(
    `${place}: ${part.path ?? 'time'}: expected a time of RFC 3339, or a number of ${unit} since 1970, found ${found(value)}`,
  );
}

/** The JSON text of an object or an array at a path. */
function containerAt(part, text, place) {
  if (part === undefined) return '{}';
  const value = part.text ?? valueAt(text, part.keys);
  if (value?.startsWith('{') || value?.startsWith('[')) return keptAt(value, place);
  throw invalid(`${place}: ${part.path}: expected an object or an array, found ${found(value)}`);
}

/** JSON as the log keeps it, unless it has more levels than can be written. */
function keptAt(value, place) {
  try {
    return keptText(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(`${place}: expected JSON with fewer levels of arrays and objects`);
  }
}

/** The value of a line, which has to be an object or an array. */
function checkJson(text, place) {
  try {
    JSON.parse(text);
  } catch (error) {
    throw invalid(`${place}: expected JSON: ${error.message.replaceAll('\n', ' ')}`);
  }
}

/**
 * The event of a JSON text.
 *
 * @param {{ place: string, text: string }} line - The text, and what it is called in what is wrong with it.
 * @param {any} mapping - A mapping of `mappingOf`.
 */
function mapped({ place, text }, mapping) {
  checkJson(text, place);
  return {
    place,
    streamId: nameAt(mapping.stream, text, place, 'default'),
    eventType: nameAt(mapping.type, text, place, mapping.untyped),
    timestamp: timeAt(mapping.time, mapping.timeUnit, text, place),
    payloadText: containerAt(mapping.payload, text, place),
    metadataText: containerAt(mapping.metadata, text, place),
    id: mapping.id === undefined ? undefined : nameAt(mapping.id, text, place),
  };
}

/** Refuses a mapping for a source whose events have their own shape. */
function refuseMap(map, format) {
  if (map === undefined) return;
  throw invalid(`options.map: expected none for ${format}, whose events say it themselves`);
}

module.exports = { mapped, mappingOf, refuseMap };
