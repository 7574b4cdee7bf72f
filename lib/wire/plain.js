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

module.exports = { arePlain };
