'use strict';

// What JSON.stringify leaves out, or alters without a word.

const { types } = require('../builtins.js');

/** Objects of which JSON.stringify writes `{}`, or not what they are there for. */
const UNKEPT_OBJECTS = [
  [types.isMap, 'a Map: give Object.fromEntries(map)'],
  [types.isSet, 'a Set: give [...set]'],
  [types.isPromise, 'a promise: await it'],
  [types.isRegExp, 'a RegExp: give its source'],
  [types.isAnyArrayBuffer, bytes('an ArrayBuffer', 'buffer')],
  [types.isDataView, bytes('a DataView', 'view.buffer')],
  [types.isWeakMap, 'a WeakMap'],
  [types.isWeakSet, 'a WeakSet'],
  [types.isGeneratorObject, 'a generator: give [...generator]'],
  [types.isSymbolObject, 'a symbol'],
];

/** More of them, by the names that they have in Object.prototype.toString. */
const UNKEPT_TAGS = new Map([
  ['Headers', 'Headers: give Object.fromEntries(headers)'],
  ['URLSearchParams', 'URLSearchParams: give their text, String(parameters)'],
  ['FormData', 'a FormData: give Object.fromEntries(data)'],
  ['Blob', 'a Blob: give await blob.text()'],
  ['File', 'a File: give its name and await file.text()'],
  ['Request', 'a Request: give its method and its url'],
  ['Response', 'a Response: give its status and await response.text()'],
  ['WeakRef', 'a WeakRef: give what it refers to'],
]);

function bytes(name, what) {
  return `${name}: give [...new Uint8Array(${what})], or text such as base64`;
}

function tagOf(object) {
  return Object.prototype.toString.call(object).slice('[object '.length, -1);
}

/** What an object is whose content JSON does not keep, with what to give instead; else `undefined`. */
function unkeptObject(object) {
  const known = UNKEPT_OBJECTS.find(([is]) => is(object));
  if (known !== undefined) return known[1];
  const tag = tagOf(object);
  if (tag.endsWith('Iterator') || tag === 'Iterator Helper') {
    return 'an iterator: give what it yields, as in [...iterator]';
  }
  return UNKEPT_TAGS.get(tag);
}

/** What a value is that is no object and that JSON leaves out, or makes `null`; else `undefined`. */
function unkeptPrimitive(value) {
  switch (typeof value) {
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'number':
      return Number.isFinite(value) ? undefined : String(value);
    default:
      return undefined;
  }
}

/**
 * Whether it is an error: also one of another context (`vm`, Jest), where `instanceof` does not hold, and a
 * DOMException, which in some versions of Node.js is an error by its prototype alone.
 */
function isError(value) {
  return types.isNativeError(value) || value instanceof Error || tagOf(value) === 'DOMException';
}

module.exports = { isError, unkeptObject, unkeptPrimitive };
