'use strict';

// The values that JSON keeps as they are, which almost all are.

const { unkeptPrimitive } = require('./unkept.js');

/** The levels that are looked through by recursion. */
const DEPTH_MAX = 100;

/**
 * Whether JSON keeps all of an object as it is, the fields of its fields included. `false` only says that it has to be
 * looked at more closely. This is asked of each call, and is a small part of what JSON.stringify takes.
 */
function isPlainObject(object, depth) {
  if (depth > DEPTH_MAX) return false;
  if (Array.isArray(object)) {
    for (let i = 0; i < object.length; i += 1) {
      const element = object[i];
      if (element === undefined || !isPlain(element, depth)) return false;
    }
    return true;
  }
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype) {
    return prototype === Date.prototype && !Number.isNaN(object.getTime());
  }
  // Faster than over Object.keys. What is inherited besides is looked at needlessly.
  let isEmpty = true;
  // oxlint-disable-next-line guard-for-in
  for (const key in object) {
    isEmpty = false;
    if (!isPlain(object[key], depth)) return false;
  }
  // It may have something that JSON does not see.
  return !isEmpty || Reflect.ownKeys(object).length === 0;
}

function isPlain(value, depth) {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object') return unkeptPrimitive(value) === undefined;
  return value === null || isPlainObject(value, depth + 1);
}

/** Whether JSON keeps all arguments of a call as they are. */
function arePlain(args) {
  for (let i = 0; i < args.length; i += 1) if (!isPlain(args[i], 0)) return false;
  return true;
}

/** How many values a copy may have. What has more is read back from its text. */
const COPIED_MAX = 1_000_000;

/** How many elements an array of it may have: as many events as a batch has whose payloads are not sent back. */
const ELEMENTS_MAX = 2000;

/** What every object inherits that JSON would take for its own. */
const NOTHING = {};

/** How many more values the copy may have that is being made. */
let left = 0;

/**
 * A copy of the arguments of a call, as `JSON.parse` would read it from their text: nobody else has it, and nothing of it is
 * left out of the text that `JSON.stringify` makes of it, or altered there. `undefined` if the arguments are not plain, or
 * too many. It takes no longer than to look whether they are plain, and a fifth of the time of reading the text.
 */
function plainCopy(args) {
  return plainCopyBy(copyOfArray, args);
}

/** As {@link plainCopy}, of the one argument of a call, if it is an object that does not say itself what stands for it. */
function plainCopyOfOne(argument) {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const copy = plainCopyBy(copyOf, argument);
  return typeof copy === 'object' ? copy : undefined;
}

function plainCopyBy(copy, value) {
  // oxlint-disable-next-line guard-for-in
  for (const _ in NOTHING) return undefined;
  // A getter of the program may make another call.
  const ofOuter = left;
  left = COPIED_MAX;
  try {
    return copy(value, 0);
  } catch {
    // Where that is told, the getter throws again.
    return undefined;
  } finally {
    left = ofOuter;
  }
}

/** A copy of an object or an array; `undefined` if it is not plain. */
function copyOf(object, depth, key) {
  left -= 1;
  if (depth > DEPTH_MAX || left < 0) return undefined;
  if (object.toJSON !== undefined) return textOfDate(object, key);
  if (Array.isArray(object)) return copyOfArray(object, depth);
  if (Object.getPrototypeOf(object) !== Object.prototype) return undefined;
  return copyOfObject(object, depth);
}

function copyOfObject(object, depth) {
  // This calls each getter once, and is faster than any loop.
  const copy = { ...object };
  let isEmpty = true;
  let isWhole = true;
  // oxlint-disable-next-line guard-for-in
  for (const key in copy) {
    isEmpty = false;
    const value = copy[key];
    if (typeof value === 'string') continue;
    if (value === undefined) {
      isWhole = false;
      continue;
    }
    const kept = copyOfValue(value, depth, key);
    if (kept === undefined) return undefined;
    // Most are what they were, and to write one takes time.
    if (kept !== value || kept === 0) copy[key] = kept;
  }
  // JSON does not see what is under a symbol, nor what an empty one may have.
  if (
    isEmpty ? Reflect.ownKeys(object).length > 0 : Object.getOwnPropertySymbols(copy).length > 0
  ) {
    return undefined;
  }
  return isWhole ? copy : withoutUndefined(copy);
}

function withoutUndefined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function copyOfArray(array, depth) {
  if (Object.getPrototypeOf(array) !== Array.prototype) return undefined;
  left -= array.length;
  if (array.length > ELEMENTS_MAX || left < 0) return undefined;
  const copy = [];
  for (let i = 0; i < array.length; i += 1) {
    const value = array[i];
    const kept = typeof value === 'string' ? value : copyOfValue(value, depth, i);
    if (kept === undefined) return undefined;
    copy.push(kept);
  }
  return copy;
}

function copyOfValue(value, depth, key) {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON has no -0.
      return Number.isFinite(value) ? value + 0 : undefined;
    case 'object':
      return value === null ? null : copyOf(value, depth + 1, key);
    default:
      return undefined;
  }
}

/** What stands for a date in JSON; `undefined` for anything else that says itself what does. */
function textOfDate(object, key) {
  if (Object.getPrototypeOf(object) !== Date.prototype) return undefined;
  const text = object.toJSON(String(key));
  return typeof text === 'string' ? text : undefined;
}

module.exports = { arePlain, plainCopy, plainCopyOfOne };
