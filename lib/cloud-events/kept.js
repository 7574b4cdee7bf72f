'use strict';

// How a CloudEvent is kept as an event, and what of an event a CloudEvent has. Both ways are here, so that they agree.
//
// An event's payload is an object or an array, and the data of a CloudEvent can be anything, or missing. So other data is
// wrapped: `metadata.cloudEvent.wraps` is the key under which the payload has it.

/** @typedef {{ attributes: Record<string, string | boolean | number>, wraps?: 'data' | 'data_base64' | 'nothing' }} Kept */

const { Refusal } = require('../failure.js');
const { membersOf } = require('../json-text.js');
const {
  METADATA,
  attributeOfJson,
  attributeOfText,
  attributesOf,
  isText,
} = require('./attributes.js');

/** The extension with the sequence number of an event, as text: an integer of CloudEvents has 32 bits. */
const SEQUENCE = 'eventlogsequence';

/** The extensions with the type and the stream of an event, as JSON text, if no attribute can have such a text. */
const TYPE = 'eventlogtype';
const STREAM = 'eventlogstream';

/** The extension with the subject of an event that was forgotten. What is made of it again is no event of that subject. */
const FORGOTTEN = 'eventlogforgotten';

/** The extension with when an event was erased, or fields of it. What is made of it again is an event with what is left. */
const ERASED = 'eventlogerased';

/** The attributes that each event gives to the CloudEvent that it becomes. */
const OF_EVENT = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  METADATA,
  SEQUENCE,
  TYPE,
  STREAM,
];

const WRAPS = ['data', 'data_base64', 'nothing'];

/** Keys of metadata that others know as extensions, so that they find them there. */
const SHARED = [
  ['traceparent', 'traceparent'],
  ['tracestate', 'tracestate'],
  ['correlationId', 'correlationid'],
  ['causationId', 'causationid'],
];

/**
 * @param {unknown} value - Any value.
 * @returns {value is Record<string, any>} Whether it is an object with keys.
 */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * @param {Record<string, any>} attributes - Attributes.
 * @returns {[string, string][]} The keys that others know as extensions, with the JSON texts that attributes have for them.
 */
function sharedOf(attributes) {
  return SHARED.filter(
    ([, name]) => typeof attributes[name] === 'string' && attributes[name] !== '',
  ).map(([key, name]) => [key, JSON.stringify(attributes[name])]);
}

/**
 * @param {[string, string][]} members - Keys, and JSON texts.
 * @returns {string} The JSON text of an object with these members.
 */
function objectText(members) {
  return `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}

/**
 * The metadata of an event that a CloudEvent becomes, as JSON text.
 *
 * @param {Record<string, string | boolean | number>} all - All its attributes.
 * @param {Kept['wraps']} wraps - How the payload has its data; `undefined` if that is the payload.
 * @param {string} [restText] - What else the event had as metadata: an object.
 */
function metadataTextFor(all, wraps, restText = '{}') {
  const attributes = { ...all };
  for (const name of ['type', METADATA, SEQUENCE, TYPE, STREAM]) delete attributes[name];
  const kept = wraps === undefined ? { attributes } : { attributes, wraps };
  // Metadata that is an array has no room beside it.
  const rest = restText.startsWith('[') ? objectText([['metadata', restText]]) : restText;
  const members = new Map([...sharedOf(attributes), ...membersOf(rest)]);
  members.set('cloudEvent', JSON.stringify(kept));
  return objectText([...members]);
}

/** What an event has as metadata beside the CloudEvent that it has kept, as JSON text; `undefined` if that is nothing. */
function restTextOf(metadataText, attributes) {
  const shared = new Map(sharedOf(attributes));
  const rest = [...membersOf(metadataText)].filter(
    ([key, text]) => key !== 'cloudEvent' && shared.get(key) !== text,
  );
  return rest.length === 0 ? undefined : objectText(rest);
}

/** Whether a CloudEvent has nothing but what an event here gives to one: then its metadata is all there is to keep. */
function isPlain(attributes, metadata) {
  const shared = SHARED.filter(([key, name]) => attributes[name] === metadata[key]);
  const known = [...OF_EVENT, ...shared.map(([, name]) => name)];
  const isJson = attributes.datacontenttype === 'application/json';
  return isJson && Object.keys(attributes).every((name) => known.includes(name));
}

/**
 * The CloudEvent that an event has kept, without its data.
 *
 * @param {Record<string, any>} event - The event.
 * @returns {Kept | undefined} `undefined` for one that was none.
 */
function keptBy({ event_type: type, metadata }) {
  const kept = isObject(metadata) ? metadata.cloudEvent : undefined;
  if (!isObject(kept) || !isObject(kept.attributes)) return undefined;
  const { attributes, wraps } = kept;
  if (wraps !== undefined && !WRAPS.includes(wraps)) return undefined;
  try {
    return { attributes: attributesOf({ ...attributes, type }, 'cloudEvent'), wraps };
  } catch (error) {
    // A program may use the same key for something else.
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/**
 * The attributes of the CloudEvent that an event becomes which was none before.
 *
 * @param {Record<string, any>} event - The event, without its payload.
 * @param {string} metadataText - Its metadata as JSON text.
 * @param {string} source - The source.
 */
function attributesFor(event, metadataText, source) {
  const attributes = {
    specversion: '1.0',
    id: event.id,
    source,
    type: attributeOfText(event.event_type),
    subject: attributeOfText(event.stream_id),
    time: event.timestamp,
    datacontenttype: 'application/json',
  };
  for (const [key, name] of SHARED) {
    const value = event.metadata?.[key];
    if (isText(value)) attributes[name] = value;
  }
  for (const [name, attribute, key] of [
    [TYPE, 'type', 'event_type'],
    [STREAM, 'subject', 'stream_id'],
  ]) {
    if (attributes[attribute] !== event[key]) {
      attributes[name] = attributeOfJson(JSON.stringify(event[key]));
    }
  }
  attributes[METADATA] = attributeOfJson(metadataText);
  attributes[SEQUENCE] = String(event.sequence_number);
  const subject = event.forgotten?.subject;
  if (typeof subject === 'string') attributes[FORGOTTEN] = attributeOfText(subject);
  const erasedAt = event.erased?.at;
  if (typeof erasedAt === 'string') attributes[ERASED] = erasedAt;
  return attributes;
}

module.exports = {
  SEQUENCE,
  STREAM,
  TYPE,
  attributesFor,
  isObject,
  isPlain,
  keptBy,
  metadataTextFor,
  restTextOf,
};
