'use strict';

// The waits for what a program promises, which need not settle.

const { Refusal, failure } = require('./failure.js');
const { Promise } = require('./intrinsics.js');
const { abortion, isAborted, onAbort } = require('./signal.js');
const { nextTurn } = require('./wire/calls.js');

/** @typedef {(end: (error: unknown) => void) => () => void} Listen Is given what ends a wait, and returns what takes that back. */

/**
 * What `promise` gives, unless the wait is ended before.
 *
 * @param {PromiseLike<any>} promise - What is waited for.
 * @param {Listen[]} listens - What may end the wait.
 */
async function unlessEnded(promise, ...listens) {
  const ends = [];
  const ended = new Promise((_, reject) => {
    for (const listen of listens) ends.push(listen(reject));
  });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    for (const end of ends) end();
  }
}

/** The refusal that a failed response is. */
function asRefusal({ code, error }) {
  return new Refusal(code, error);
}

/**
 * What listens to a signal, if there is one; it need not be waited for any more. `what` names for a person what is called
 * off, and `errorOf` makes the error of an abortion.
 *
 * @returns {Listen} That.
 */
function bySignal(signal, what, errorOf = asRefusal) {
  return (reject) => {
    if (signal === undefined) return () => {};
    const abort = () => reject(errorOf(abortion(signal, what)));
    if (!isAborted(signal)) return onAbort(signal, abort);
    abort();
    return () => {};
  };
}

/**
 * @typedef {object} WaitingCall A call that waits.
 * @property {{ onClose: (listener: (response: any) => void) => () => void }} log - Tells when it is closed.
 * @property {AbortSignal} [signal] - What calls it off.
 * @property {InstanceType<typeof import('./failure.js').CallSite>} [site] - Where it was made. Without one, it is refused.
 * @property {string} what - What it is for a person.
 */

/**
 * What listens to the signal of a call, if there is one, and to the closing of the log.
 *
 * @param {WaitingCall} call - The call.
 * @returns {Listen[]} That.
 */
function endsOf({ log, signal, site, what }) {
  const errorOf = site === undefined ? asRefusal : (response) => failure(response, site);
  return [
    (reject) => log.onClose((response) => reject(errorOf(response))),
    bySignal(signal, what, errorOf),
  ];
}

/**
 * What `promise` gives, unless the signal or the closing of the log ends the wait before.
 *
 * @param {PromiseLike<any>} promise - What is waited for.
 * @param {WaitingCall} call - What waits.
 */
function awaited(promise, call) {
  return unlessEnded(promise, ...endsOf(call));
}

/** As {@link awaited}, but what has settled within the turn of the event loop counts. */
function awaitedInTurn(promise, call) {
  const later = (listen) => (reject) => {
    const end = async (error) => {
      await nextTurn();
      reject(error);
    };
    return listen(end);
  };
  return unlessEnded(promise, ...endsOf(call).map(later));
}

module.exports = { awaited, awaitedInTurn, bySignal, unlessEnded };
