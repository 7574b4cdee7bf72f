'use strict';

// What queries, exports, imports, checks and backups are called off with.

const { Refusal, describe, invalid, reason } = require('./failure.js');

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

/** The signal in a query's options, or in their place; `undefined` if there is none. */
function signalOf(options) {
  // `queries.map(log.queryEvents)` gives an index, and has always worked.
  if (options === undefined || options === null || typeof options === 'number') return undefined;
  try {
    return isSignal(options) ? options : signalIn(options);
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalid(`options: ${reason(error)}`);
  }
}

function signalIn(options) {
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw invalid(`options: expected { signal } or an AbortSignal, found ${describe(options)}`);
  }
  const unknown = Object.keys(options).find((key) => key !== 'signal');
  if (unknown !== undefined) {
    throw invalid(`options: unknown option ${JSON.stringify(unknown)}: expected signal`);
  }
  const { signal } = options;
  if (signal !== undefined && !isSignal(signal)) {
    throw invalid(`options.signal: expected an AbortSignal, found ${describe(signal)}`);
  }
  return signal;
}

/** For each signal that is listened to: what is called, and what ends the listening. */
const listening = new WeakMap();

/** Listens once for all that wait for a signal, which warns of more than ten listeners. */
function listen(signal) {
  const calls = new Set();
  const fire = () => calls.forEach((call) => call());
  signal.addEventListener('abort', fire);
  const end = () => {
    signal.removeEventListener('abort', fire);
    listening.delete(signal);
  };
  return { calls, end };
}

/** Has `call` called once the signal is aborted. Returns what takes that back. */
function onAbort(signal, call) {
  if (!listening.has(signal)) listening.set(signal, listen(signal));
  const { calls, end } = listening.get(signal);
  calls.add(call);
  return () => {
    if (calls.delete(call) && calls.size === 0) end();
  };
}

/** What is answered where something, such as a query, was called off by that signal. */
function abortedText(signal, what = 'query') {
  return `the ${what} was called off by its signal: ${reason(signal.reason)}`;
}

module.exports = { abortedText, isSignal, onAbort, signalOf };
