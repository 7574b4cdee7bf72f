'use strict';

// Calls whose arguments are JSON text already, and whose responses are handed on as JSON text: those of servers.

const { types } = require('../builtins.js');
const { describe, describeValue, invalid, invalidBy } = require('../failure.js');
const { JSON } = require('../intrinsics.js');
const {
  alteredNumber,
  elementsOf,
  isSameDecimal,
  keptText,
  membersOf,
} = require('../json-text.js');
const { CALLED } = require('../methods.js');
const native = require('../native.js');
const { optionsOf } = require('../options.js');
const { encode } = require('./arguments.js');
const { refusal } = require('./calls.js');

/** What JSON text is called where something is wrong with it. */
const PATH = 'json';

const OPTIONS = ['signal', 'requestId', 'under'];

/**
 * The methods that can be called with JSON text, by their names.
 *
 * @type {Map<unknown, any>}
 */
const JSON_METHODS = new Map(CALLED.filter((row) => row.isJson).map((row) => [row.name, row]));

/** What a call is made with beside its text. */
function jsonOptionsOf(options) {
  const { signal, requestId, under } = optionsOf(options, OPTIONS);
  if (under !== undefined && typeof under !== 'string') {
    throw invalid(`options.under: expected a string, found ${describe(under)}`);
  }
  return {
    signal,
    requestId: requestId === undefined ? undefined : requestIdText(requestId),
    under,
  };
}

/**
 * The method of that name, if it can be called with JSON text.
 *
 * @returns {(import('../methods.js').Method & { channel: string }) | undefined} `undefined` if it cannot.
 */
function jsonMethod(name) {
  return JSON_METHODS.get(name);
}

/** What reads what a call of a method is made with, and throws what is wrong with that. */
function givenJson(method, json, options) {
  return {
    options() {
      const asked = jsonOptionsOf(options);
      if (asked.signal === undefined || method.isAbortable) return asked;
      throw invalid(`options.signal: expected nothing: ${method.name} cannot be called off`);
    },
    bytes: (under) => argumentOf(method, json, under),
  };
}

/** The JSON text of the id that the response to a call is to have; `undefined` if it is to have none, or that is wrong. */
function requestIdOf(given) {
  try {
    return given.options().requestId;
  } catch {
    return undefined;
  }
}

/** The arguments of a call as objects, for those who are told of it; none if they cannot be read. */
function describedOf(json, options) {
  try {
    const holder = JSON.parse(Buffer.from(bytesOf(json)).toString());
    const { under } = jsonOptionsOf(options);
    return [under === undefined ? holder : holder[under]];
  } catch {
    return [];
  }
}

/** The failed response to a call of a method that cannot be called so, as JSON text. */
function unknownMethod(name) {
  const known = [...JSON_METHODS.values()].map((method) => method.name);
  const likely = typeof name === 'string' ? native.meantKey(name, known) : null;
  const advice = likely === null ? '' : `; did you mean ${likely}?`;
  const error = `method: expected one of ${known.join(', ')}, found ${describeValue(name)}${advice}`;
  return jsonOf(refusal('eventLog.callJson', { code: 'INVALID_ARGUMENT', error }));
}

/** The JSON text of the id of a request. */
function requestIdText(id) {
  if (typeof id === 'string' || Number.isFinite(id)) return JSON.stringify(id);
  throw invalid(`options.requestId: expected a string or a finite number, found ${describe(id)}`);
}

/** The bytes of a JSON text, which no other thread can change. */
function bytesOf(json) {
  if (typeof json === 'string') return Buffer.from(json);
  if (!types.isUint8Array(json)) {
    throw invalid(`${PATH}: expected a string or a Uint8Array, found ${describe(json)}`);
  }
  return types.isSharedArrayBuffer(json.buffer) ? Buffer.from(json) : json;
}

/** Whether a JSON text, or its bytes, is as `JSON.stringify` writes it. What is not sure to be so counts as not so. */
function isStringified(json) {
  return native.isStringified(bytesOf(json));
}

/**
 * The argument of a call as bytes of the JSON that is stored: as `JSON.stringify` writes it. But numbers of payload and
 * metadata that JavaScript would alter stay as they are written.
 *
 * @param {import('../methods.js').Method} method - The method that is called.
 * @param {unknown} json - The JSON text of its argument, as a string or as bytes in UTF-8.
 * @param {string} [under] - The key of the object in that text which the argument stands under.
 * @returns {Uint8Array} The bytes.
 */
function argumentOf(method, json, under) {
  const bytes = bytesOf(json);
  if (under === undefined && native.isStringified(bytes)) return bytes;
  const given = typeof json === 'string' ? json : decoded(bytes);
  const text = under === undefined ? given : memberOf(given, under);
  const argument = parsed(text);
  const stringified = encode(method.parameters, [argument]).slice(1, -1);
  const isAltered = method.appends && alteredNumber(text, isSameDecimal) !== undefined;
  return Buffer.from(isAltered ? keptParams(argument, text, method.appends) : stringified);
}

function decoded(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(`${PATH}: expected JSON in UTF-8, found other bytes`);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidBy(`${PATH}: expected JSON`, error);
  }
}

/** The value under a key of the object that a text is, as it is written: the last one, as for `JSON.parse`. */
function memberOf(text, key) {
  const holder = parsed(text);
  if (typeof holder !== 'object' || holder === null || Array.isArray(holder)) {
    throw invalid(`${PATH}: expected an object, found ${describe(holder)}`);
  }
  // As where no argument is given.
  return membersOf(text).get(key) ?? 'null';
}

/**
 * The parameters of an append, or one of its events, of which `text` has payload and metadata as they are written. All else
 * is as it was parsed, so that a key which stands there twice means the same to everybody. `appends` says whether they have
 * `events` that have those.
 */
function keptParams(params, text, appends = 'one') {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return JSON.stringify(params);
  }
  const written = membersOf(text);
  const members = Object.entries(params).map(([key, value]) => {
    const given = written.get(key) ?? 'null';
    return `${JSON.stringify(key)}:${keptMember(key, value, given, appends)}`;
  });
  return `{${members.join(',')}}`;
}

function keptMember(key, value, text, appends) {
  if (key === 'payload' || key === 'metadata') return keptText(text);
  if (appends !== 'many' || key !== 'events' || !Array.isArray(value)) return JSON.stringify(value);
  const texts = elementsOf(text);
  return `[${value.map((event, at) => keptParams(event, texts[at])).join(',')}]`;
}

/** A failed response that was made here, as JSON text, under the id that the caller gives. */
function jsonOf({ requestId: own, ...response }, requestId = JSON.stringify(own)) {
  const { code } = response;
  const text = `${JSON.stringify(response).slice(0, -1)},"requestId":${requestId}}`;
  return { success: false, code, json: Buffer.from(text) };
}

/**
 * What there is to say of a response, for those who are told of calls: it as an object.
 *
 * @param {any} response - The response, as JSON text.
 */
function outcomeOf({ json }) {
  return JSON.parse(json.toString());
}

module.exports = {
  bytesOf,
  describedOf,
  givenJson,
  isStringified,
  jsonMethod,
  jsonOf,
  outcomeOf,
  requestIdOf,
  requestIdText,
  unknownMethod,
};
