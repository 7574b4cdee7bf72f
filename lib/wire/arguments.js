'use strict';

// The arguments of a call on their way to JSON text, which is all that goes further.

const { types } = require('../builtins.js');

const { Refusal, invalid, invalidBy } = require('../failure.js');

// `failIf[0].where[0].value[0]` is the deepest place where a call holds anything.
const CHECKED_DEPTH = 6;

/** Objects that JSON.stringify writes as `{}`, or without what they are there for. */
const LOST_OBJECTS = [
  [types.isNativeError, 'an Error: give its name, message and stack'],
  [types.isMap, 'a Map: give Object.fromEntries(map)'],
  [types.isSet, 'a Set: give [...set]'],
  [types.isPromise, 'a promise: await it'],
  [types.isRegExp, 'a RegExp: give its source'],
  [(value) => types.isNumberObject(value) && !Number.isFinite(Number(value)), 'no finite number'],
];

/** What JSON.stringify would leave out or alter without a word; else `undefined`. */
function lostInJson(value) {
  const type = typeof value;
  if (type === 'function' || type === 'symbol') return `a ${type}`;
  if (type === 'number' && !Number.isFinite(value)) return String(value);
  if (type !== 'object' || value === null) return undefined;
  // Almost every value, and the tests below cost a call into C++ each.
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) return undefined;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : undefined;
  if (typeof value.toJSON === 'function') return undefined;
  return LOST_OBJECTS.find(([is]) => is(value))?.[1];
}

/** A value at a place in the arguments that JSON does not keep. */
class Loss {
  constructor(what) {
    this.what = what;
    this.path = '';
  }

  /** The same value, seen from the holder of the value that it was found in. */
  within(step) {
    this.path = step + this.path;
    return this;
  }
}

/**
 * The first value that would be lost where a call has keys of its own; else `undefined`. A payload
 * that is a function would become an empty one, and a comparison with NaN one with null. Within
 * payload and metadata that is what JSON does, and what the caller gets.
 */
function findLoss(value, depth) {
  const lost = lostInJson(value);
  if (lost !== undefined) return new Loss(lost);
  if (typeof value !== 'object' || value === null) return undefined;
  if (typeof value.toJSON === 'function') {
    const text = JSON.stringify(value);
    if (text === undefined) return new Loss('a toJSON without any');
    // It would count as not given, which is not what it is.
    return text === 'null' ? new Loss('an object whose toJSON gives null') : undefined;
  }
  if (depth > CHECKED_DEPTH) return undefined;
  return Array.isArray(value) ? findLostElement(value, depth) : findLostMember(value, depth);
}

function findLostElement(array, depth) {
  for (let i = 0; i < array.length; i += 1) {
    const element = array[i];
    const loss = element === undefined ? new Loss('undefined') : findLoss(element, depth + 1);
    if (loss !== undefined) return loss.within(`[${i}]`);
  }
  return undefined;
}

function findLostMember(object, depth) {
  for (const key of Object.keys(object)) {
    const isData = key === 'payload' || key === 'metadata';
    const loss = findLoss(object[key], isData ? CHECKED_DEPTH + 1 : depth + 1);
    if (loss !== undefined) return loss.within(`.${key}`);
  }
  return undefined;
}

/** The arguments whose keys are named without them: the object is the call itself. */
const CALLS = ['params', 'query'];

/** Refuses arguments that hold something which would be lost. */
function check(parameters, args) {
  for (let i = 0; i < args.length; i += 1) {
    const loss = findLoss(args[i], 0);
    if (loss !== undefined) {
      const path = pathOf(parameters[i], loss.path);
      throw invalid(`${path}: expected JSON, found ${loss.what}`);
    }
  }
}

/** The path of the place `rest`, such as `.where[0]`, within the argument of that name. */
function pathOf(parameter, rest) {
  return CALLS.includes(parameter) && rest.startsWith('.') ? rest.slice(1) : parameter + rest;
}

/** The JSON text of a call's arguments, whose names are `parameters`. */
function encode(parameters, args) {
  try {
    check(parameters, args);
    return JSON.stringify(args);
  } catch (error) {
    throw error instanceof Refusal ? error : unencodable(error, parameters, args);
  }
}

/** What went wrong in JSON.stringify, in a toJSON method or in a getter, for a person. */
function unencodable(error, parameters, args) {
  if (error instanceof RangeError && /string length/.test(error.message)) {
    return new Refusal(
      'LIMIT_EXCEEDED',
      'expected arguments whose JSON text fits into one string, found more',
    );
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return invalid(
      'expected a value that JSON.stringify can write, found one that is nested too deeply',
    );
  }
  return invalidBy(`${blame(parameters, args)}: expected a value that can be JSON`, error);
}

/** How deep the place of a failure is looked for. */
const BLAMED_DEPTH = 200;

/** The path of the first value that JSON.stringify cannot write: it reads values in this order. */
function blame(parameters, args) {
  for (let i = 0; i < args.length; i += 1) {
    try {
      const path = failingPath(args[i], []);
      if (path !== undefined) return pathOf(parameters[i], path);
    } catch {
      return parameters[i];
    }
  }
  return 'arguments';
}

function failingPath(value, holders) {
  if (typeof value === 'bigint' && typeof value.toJSON !== 'function') return '';
  if (typeof value !== 'object' || value === null) return undefined;
  if (holders.includes(value) || holders.length > BLAMED_DEPTH) return '';
  const inner = [...holders, value];
  try {
    if (typeof value.toJSON === 'function') return failingPath(value.toJSON(), inner);
  } catch {
    return '';
  }
  for (const key of Object.keys(value)) {
    const step = Array.isArray(value) ? `[${key}]` : `.${key}`;
    try {
      const path = failingPath(value[key], inner);
      if (path !== undefined) return step + path;
    } catch {
      return step;
    }
  }
  return undefined;
}

module.exports = { encode };
