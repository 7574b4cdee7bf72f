'use strict';

// What queries, exports, imports, checks and backups are called off with.

const { Refusal, describe, describeValue, invalid, invalidBy, reason } = require('./failure.js');
const { givenOf, refuseController, unknownOption } = require('./given.js');
const { uncaught } = require('./uncaught.js');

/** Whether it is an AbortSignal. A context of a test runner has a class of its own. */
function isSignal(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof value.aborted === 'boolean' &&
    typeof value.addEventListener === 'function' &&
    typeof value.removeEventListener === 'function'
  );
}

/** The signal that `value` is, which stands at `path` in a call. */
function signalAt(path, value) {
  let found;
  try {
    if (isSignal(value)) return value;
    found = describe(value);
  } catch (error) {
    throw invalidBy(`${path}: expected an AbortSignal, found one that throws`, error);
  }
  throw invalid(`${path}: expected an AbortSignal, found ${found}`);
}

/** What a query is answered as if that is said: JSON text. */
const JSON_FORMAT = 'json';

/** Whether a query's options ask for JSON text. */
function wantsJson(options) {
  if (typeof options !== 'object' || options === null) return false;
  try {
    return !isSignal(options) && options.format === JSON_FORMAT;
  } catch {
    // A getter has thrown. It does so again where that is told.
    return false;
  }
}

/** The signal in a query's options, or in their place; `undefined` if there is none. */
function signalOf(options) {
  // `queries.map(log.queryEvents)` gives an index, and has always worked.
  if (options === undefined || options === null || typeof options === 'number') return undefined;
  try {
    return isSignal(options) ? options : signalIn(options);
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalidBy('options', error);
  }
}

function signalIn(options) {
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw invalid(`options: expected { signal } or an AbortSignal, found ${describe(options)}`);
  }
  refuseController(options);
  const given = givenOf(options);
  const { signal, format = JSON_FORMAT, ...others } = given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw unknownOption(unknown, ['signal', 'format']);
  if (format !== JSON_FORMAT) {
    throw invalid(`options.format: expected "${JSON_FORMAT}", found ${describeValue(format)}`);
  }
  return signal === undefined ? undefined : signalAt('options.signal', signal);
}

/** The signals that have called a listener. One of the program's own need not have `aborted` say so as well. */
const fired = new WeakSet();

/** Whether a signal, if there is one, was aborted. */
function isAborted(signal) {
  if (signal === undefined) return false;
  try {
    return fired.has(signal) || signal.aborted === true;
  } catch (error) {
    throw invalidBy('signal: expected an AbortSignal, found one that throws', error);
  }
}

/** For each signal that is listened to: what is called, and what ends the listening. */
const listening = new WeakMap();

/**
 * Listens once for all that wait for a signal, which warns of more than ten listeners. Those in `calls` are called, also
 * by a signal of the program's own that calls its listener at once.
 */
function listen(signal, calls) {
  let ended = false;
  const fire = () => {
    if (ended) return;
    fired.add(signal);
    calls.forEach((call) => call());
  };
  try {
    signal.addEventListener('abort', fire);
  } catch (error) {
    throw invalidBy('signal: expected an AbortSignal, found one that throws', error);
  }
  const end = () => {
    listening.delete(signal);
    ended = true;
    try {
      signal.removeEventListener('abort', fire);
    } catch (error) {
      // Whoever waits for a response gets it all the same. The listener does nothing any more.
      uncaught(error);
    }
  };
  return { calls, end };
}

/** Has `call` called once the signal is aborted. Returns what takes that back, which does not throw. */
function onAbort(signal, call) {
  if (listening.has(signal)) listening.get(signal).calls.add(call);
  else listening.set(signal, listen(signal, new Set([call])));
  const { calls, end } = listening.get(signal);
  return () => {
    if (calls.delete(call) && calls.size === 0) end();
  };
}

/** What a signal was aborted with. */
function reasonOf(signal) {
  try {
    return signal.reason;
  } catch (error) {
    return error;
  }
}

/** What is answered where something, such as a query, was called off by that signal. */
function abortion(signal, what = 'query') {
  const cause = reasonOf(signal);
  return {
    code: 'ABORTED',
    error: `the ${what} was called off by its signal: ${reason(cause)}`,
    cause,
  };
}

module.exports = { abortion, isAborted, onAbort, signalAt, signalOf, wantsJson };
