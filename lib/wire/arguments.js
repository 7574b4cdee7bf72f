'use strict';

// The arguments of a call on their way to JSON text, which is all that goes further.

const { types } = require('../builtins.js');

const { Refusal, invalid, invalidBy } = require('../failure.js');
const { JSON } = require('../intrinsics.js');
const { arePlain, plainCopy, plainCopyOfOne } = require('./plain.js');
const { isError, unkeptObject, unkeptPrimitive } = require('./unkept.js');

/** What looks closer at arguments that are not plain, or cannot be JSON. Most programs give none. */
let loadedSurvey;
const closer = () => (loadedSurvey ??= require('./survey.js'));

// `failIf[0].where[0].value[0]` is the deepest place where a call holds anything, but for what is in trees of conditions.
const CHECKED_DEPTH = 6;

/** What makes a tree of conditions. What is in it is looked at as if it stood in its place. */
const TREES = ['any', 'all', 'not'];

/** As many levels of trees as a query may have. What is deeper is refused. */
const TREES_MAX = 64;

/** What JSON.stringify would leave out or alter without a word; else `undefined`. */
function lostInJson(value) {
  if (typeof value !== 'object') return unkeptPrimitive(value);
  // Almost every object, and the tests below cost a call into C++ each.
  if (value === null || Array.isArray(value)) return undefined;
  if (Object.getPrototypeOf(value) === Object.prototype) return undefined;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : undefined;
  if (typeof value.toJSON === 'function') return undefined;
  // It would be null, and count as not given.
  if (types.isNumberObject(value) && !Number.isFinite(Number(value))) return String(value);
  return isError(value) ? 'an Error: give its name, message and stack' : unkeptObject(value);
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
 * payload and metadata errors are kept, and the response names what is lost.
 */
function findLoss(value, depth, trees = 0) {
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
  return Array.isArray(value)
    ? findLostElement(value, depth, trees)
    : findLostMember(value, depth, trees);
}

function findLostElement(array, depth, trees) {
  for (let i = 0; i < array.length; i += 1) {
    const element = array[i];
    const loss =
      element === undefined ? new Loss('undefined') : findLoss(element, depth + 1, trees);
    if (loss !== undefined) return loss.within(`[${i}]`);
  }
  return undefined;
}

function findLostMember(object, depth, trees) {
  for (const key of Object.keys(object)) {
    const value = object[key];
    const isData = key === 'payload' || key === 'metadata';
    if (isData && isError(value)) continue;
    const loss =
      TREES.includes(key) && trees < TREES_MAX
        ? findLoss(value, Array.isArray(value) ? depth - 1 : depth, trees + 1)
        : findLoss(value, isData ? CHECKED_DEPTH + 1 : depth + 1, trees);
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

/** How many values are looked at for errors where JSON.stringify has failed. */
const SURVEYED_MAX = 100_000;

/**
 * The JSON `text` of the arguments of a call, whose names are `parameters`. If it is an append, `remark` is what its
 * response has to say of what JSON does not keep of payload and metadata.
 */
function encodeWithRemark(parameters, args) {
  let text;
  let failure;
  try {
    try {
      text = JSON.stringify(args);
      if (arePlain(args)) return { text, remark: undefined };
    } catch (error) {
      failure = error;
    }
    check(parameters, args);
    const { Survey, createReplacer } = closer();
    // Errors may lead to each other in a circle.
    if (failure !== undefined && !(failure instanceof TypeError)) throw failure;
    const survey = new Survey(args[0], failure === undefined ? Infinity : SURVEYED_MAX);
    if (survey.hasErrors) text = JSON.stringify(args, createReplacer());
    else if (failure !== undefined) throw failure;
    return { text, remark: survey.remark };
  } catch (error) {
    throw error instanceof Refusal ? error : unencodable(error, parameters, args);
  }
}

/**
 * As {@link encodeWithRemark}, for a call that appends. `given` is what `JSON.parse` would read from the text as its
 * parameters, which nobody else has. It is `undefined` if only that can tell.
 */
function encodeAppend(parameters, args) {
  const encoded = encodePlain(args);
  if (encoded !== undefined) return { ...encoded, remark: undefined };
  const { text, remark } = encodeWithRemark(parameters, args);
  return { text, remark, given: undefined };
}

/** As {@link encodeAppend}, of arguments that are plain; `undefined` for others. */
function encodePlain(args) {
  const copy = plainCopy(args);
  const text = textOf(copy);
  return text === undefined ? undefined : { text, given: copy[0] };
}

/**
 * The JSON `text` of the one argument of a call that JSON keeps as it is, and what `JSON.parse` would read from that as what is
 * `given`, which nobody else has. `undefined` if it is none of those: {@link encodeWithRemark} says why.
 */
function encodePlainOne(argument) {
  const given = plainCopyOfOne(argument);
  const text = textOf(given);
  return text === undefined ? undefined : { text, given };
}

/** The JSON text of a copy; `undefined` if there is none, or it is too long for a string. */
function textOf(copy) {
  try {
    return JSON.stringify(copy);
  } catch {
    return undefined;
  }
}

/** The JSON text of the arguments of a call, whose names are `parameters`. */
function encode(parameters, args) {
  return encodeWithRemark(parameters, args).text;
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

/** Whether a value says itself what is stored of it. */
function saysItself(value) {
  return typeof value.toJSON === 'function';
}

function failingPath(value, holders) {
  if (typeof value === 'bigint' || types.isBigIntObject(value)) {
    return saysItself(value) ? undefined : '';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { isRecorded, recordOf } = closer();
  if (holders.includes(value)) return isRecorded(value) ? undefined : '';
  if (holders.length > BLAMED_DEPTH) return '';
  const inner = [...holders, value];
  try {
    if (typeof value.toJSON === 'function') return failingPath(value.toJSON(), inner);
  } catch {
    return '';
  }
  let members = value;
  try {
    if (isRecorded(value)) members = recordOf(value);
  } catch {
    return '';
  }
  for (const key of Object.keys(members)) {
    const isList = Array.isArray(value) || types.isTypedArray(value);
    const step = isList ? `[${key}]` : `.${key}`;
    try {
      const path = failingPath(members[key], inner);
      if (path !== undefined) return step + path;
    } catch {
      return step;
    }
  }
  return undefined;
}

module.exports = { encode, encodeAppend, encodePlainOne };
