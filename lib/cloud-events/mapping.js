'use strict';

// CloudEvents of events, and events of CloudEvents: as values for programs, and as JSON text for exports and imports, where
// no number is altered.

const { types } = require('../builtins.js');
const { describe, invalid } = require('../failure.js');
const { unknownOption } = require('../given.js');
const { membersOf, withoutBlanks } = require('../json-text.js');
const { METADATA, attributeOfJson, attributesOf, isReference } = require('./attributes.js');
const {
  SEQUENCE,
  STREAM,
  TYPE,
  attributesFor,
  isObject,
  isPlain,
  keptBy,
  metadataTextFor,
  restTextOf,
} = require('./kept.js');
const { millisecondsOf } = require('./time.js');

const BASE_64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** The source of the events of an instance, if nobody says another one. */
function sourceOf({ instanceId }) {
  return `/eventlog/${encodeURIComponent(String(instanceId).toWellFormed())}`;
}

/** What `options` are to say, as a function of an event. */
function chosen(options, name, otherwise) {
  if (options !== undefined && options !== null && !isObject(options)) {
    throw invalid(`options: expected an object, found ${describe(options)}`);
  }
  const unknown = Object.keys(options ?? {}).find((key) => key !== name);
  if (unknown !== undefined) throw unknownOption(unknown, [name]);
  const given = options?.[name] ?? undefined;
  if (given === undefined) return otherwise;
  if (typeof given === 'function') return given;
  if (typeof given === 'string') return () => given;
  throw invalid(`options.${name}: expected a text or a function, found ${describe(given)}`);
}

/** The source that was chosen for an event, which may be anything that a program has returned. */
function sourceFor(event, source) {
  const found = source(event);
  if (isReference(found)) return found;
  throw invalid(
    `options.source: expected a URI reference that is not empty, found ${JSON.stringify(found) ?? describe(found)}`,
  );
}

/** Where in the payload the data of a kept CloudEvent is: the whole, under a key, or nowhere. */
function keyOf(wraps) {
  return wraps === 'nothing' ? undefined : wraps;
}

/** Attributes that were kept, with what else the event has as metadata. */
function withRest(attributes, metadataText) {
  const rest = restTextOf(metadataText, attributes);
  return rest === undefined ? attributes : { ...attributes, [METADATA]: attributeOfJson(rest) };
}

/** The JSON format of an event as a value. See `index.d.ts`. */
function toCloudEvent(event, options) {
  if (!isObject(event) || typeof event.event_type !== 'string' || typeof event.id !== 'string') {
    throw invalid(`event: expected an event as the log returns it, found ${describe(event)}`);
  }
  const source = chosen(options, 'source', sourceOf);
  const kept = keptBy(event);
  if (kept === undefined) {
    const metadataText = JSON.stringify(event.metadata ?? {});
    const attributes = attributesFor(event, metadataText, sourceFor(event, source));
    return { ...attributes, data: event.payload };
  }
  const attributes = withRest(kept.attributes, JSON.stringify(event.metadata));
  if (kept.wraps === undefined) return { ...attributes, data: event.payload };
  const key = keyOf(kept.wraps);
  return key === undefined || event.payload?.[key] === undefined
    ? attributes
    : { ...attributes, [key]: event.payload[key] };
}

/**
 * The JSON format of an event as text.
 *
 * @param {Record<string, any>} event - The event, without its payload, and with its metadata.
 * @param {string} payloadText - Its payload as JSON text.
 * @param {string} metadataText - Its metadata as JSON text.
 * @param {(event: any) => string} [source] - Its source.
 */
function cloudEventText(event, payloadText, metadataText, source = sourceOf) {
  const kept = keptBy(event);
  const attributes =
    kept === undefined
      ? attributesFor(event, metadataText, sourceFor(event, source))
      : withRest(kept.attributes, metadataText);
  const key = kept?.wraps === undefined ? 'data' : keyOf(kept.wraps);
  const dataText =
    kept?.wraps === undefined || key === undefined ? payloadText : membersOf(payloadText).get(key);
  const head = JSON.stringify(attributes);
  return key === undefined || dataText === undefined
    ? head
    : `${head.slice(0, -1)},"${key}":${dataText}}`;
}

/**
 * @param {Record<string, any>} given - A CloudEvent.
 * @param {string} place - What it is called in what is wrong with it.
 * @returns {import('./kept.js').Kept['wraps']} How the payload has its data; `undefined` if the data is the payload.
 */
function wrapping({ data, data_base64: encoded }, place) {
  const isEncoded = encoded !== undefined && encoded !== null;
  if (isEncoded && data !== undefined) {
    throw invalid(`${place}: expected data or data_base64, found both`);
  }
  if (isEncoded) {
    if (typeof encoded !== 'string' || !BASE_64.test(encoded)) {
      throw invalid(`${place}.data_base64: expected bytes in base64, found ${describe(encoded)}`);
    }
    return 'data_base64';
  }
  if (data === undefined) return 'nothing';
  checkData(data, place);
  return typeof data === 'object' && data !== null ? undefined : 'data';
}

/** The metadata that an event had before it became this CloudEvent; `undefined` for what was made elsewhere. */
function metadataTextOf(attributes, place) {
  const text = attributes[METADATA];
  if (text === undefined) return undefined;
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (typeof value === 'object' && value !== null) return withoutBlanks(text);
  throw invalid(
    `${place}.${METADATA}: expected JSON of an object or an array, found ${describe(text)}`,
  );
}

/** What an event has of a CloudEvent, but for the payload. */
function envelopeOf(given, stream, place) {
  if (!isObject(given)) {
    throw invalid(`${place}: expected an object, found ${describe(given)}`);
  }
  const attributes = attributesOf(given, place);
  const wraps = wrapping(given, place);
  const restText = metadataTextOf(attributes, place);
  const isOurs =
    restText !== undefined &&
    wraps === undefined &&
    attributes[SEQUENCE] !== undefined &&
    isPlain(attributes, JSON.parse(restText));
  // An attribute that has been looked at.
  const time = /** @type {string | undefined} */ (attributes.time);
  const streamId = stream(given);
  if (typeof streamId !== 'string' || streamId === '') {
    throw invalid(`${place}: expected options.stream to give a text, found ${describe(streamId)}`);
  }
  const milliseconds = time === undefined ? undefined : millisecondsOf(time);
  return {
    id: attributes.id,
    source: attributes.source,
    isOurs,
    wraps,
    streamId,
    eventType: textOfJson(attributes[TYPE]) ?? attributes.type,
    timestamp: milliseconds === undefined ? undefined : new Date(milliseconds).toISOString(),
    metadataText: isOurs ? restText : metadataTextFor(attributes, wraps, restText),
  };
}

/** The text that an extension has as JSON; `undefined` if it has none. */
function textOfJson(json) {
  if (typeof json !== 'string') return undefined;
  try {
    const text = JSON.parse(json);
    return typeof text === 'string' && text !== '' ? text : undefined;
  } catch {
    // An extension of somebody else, of the same name.
    return undefined;
  }
}

/**
 * @param {Record<string, any>} cloudEvent - A CloudEvent.
 * @returns {string} Its stream, if nobody says another one.
 */
function streamOf({ [STREAM]: stream, subject, source }) {
  return textOfJson(stream) ?? subject ?? source;
}

/** The bytes that a value is; `undefined` for what is none. */
function bytesOf(value) {
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return types.isAnyArrayBuffer(value) ? Buffer.from(value) : undefined;
}

/** A CloudEvent with its data as the JSON format has it: bytes in base64, and no object that is written as another value. */
function withJsonData(given) {
  const data = given?.data;
  if (typeof data !== 'object' || data === null) return given;
  const bytes = bytesOf(data);
  if (bytes !== undefined) {
    const { data: _, ...rest } = given;
    return { ...rest, data_base64: bytes.toString('base64') };
  }
  if (typeof data.toJSON !== 'function') return given;
  // A time that is none becomes `null`, which would be data too.
  return { ...given, data: data.toJSON() ?? NaN };
}

/** Refuses data that JSON has no value for. */
function checkData(data, place) {
  const isNone =
    ['function', 'symbol', 'bigint'].includes(typeof data) ||
    (typeof data === 'number' && !Number.isFinite(data));
  if (isNone) throw invalid(`${place}.data: expected a value of JSON, found ${describe(data)}`);
}

/** The parameters of an append for a CloudEvent as a value. See `index.d.ts`. */
function fromCloudEvent(cloudEvent, options) {
  const given = withJsonData(cloudEvent);
  const stream = chosen(options, 'stream', streamOf);
  const { streamId, eventType, timestamp, metadataText, wraps } = envelopeOf(
    given,
    stream,
    'cloudEvent',
  );
  const key = keyOf(wraps);
  const wrapped = key === undefined ? {} : { [key]: given[key] };
  const params = {
    streamId,
    eventType,
    payload: wraps === undefined ? given.data : wrapped,
    metadata: JSON.parse(metadataText),
  };
  return timestamp === undefined ? params : { ...params, timestamp };
}

/**
 * What an event has of a CloudEvent as text.
 *
 * @param {string} text - The JSON format: an object.
 * @param {unknown} given - Its value.
 * @param {(cloudEvent: object) => string} stream - Which stream it goes to.
 * @param {string} place - What it is called in what is wrong with it.
 */
function eventOfText(text, given, stream, place) {
  const { wraps, ...envelope } = envelopeOf(given, stream, place);
  const key = keyOf(wraps);
  const members = membersOf(text);
  const wrapped = key === undefined ? '{}' : `{"${key}":${members.get(key)}}`;
  return {
    ...envelope,
    payloadText: withoutBlanks(wraps === undefined ? members.get('data') : wrapped),
  };
}

module.exports = { chosen, cloudEventText, eventOfText, fromCloudEvent, streamOf, toCloudEvent };
