'use strict';

// The waits for what a program promises, which need not settle.

const { Refusal, failure } = require('./failure.js');
const { Promise } = require('./intrinsics.js');
const { abortion, isAborted, onAbort } = require('./signal.js');

/**
 * What `promise` gives, unless the wait is ended before. Each of `listens` is called with what rejects it, and returns
 * what takes that back.
 *
 * @param {PromiseLike<any>} promise - What is waited for.
 * @param {((reject: (error: unknown) => void) => () => void)[]} listens - What may end the wait.
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

/** What {@link unlessEnded} listens to of a signal, if there is one. `errorOf` makes the error of an abortion. */
function bySignal(signal, what, errorOf) {
  return (reject) => {
    if (signal === undefined) return () => {};
    const abort = () => reject(errorOf(abortion(signal, what)));
    if (!isAborted(signal)) return onAbort(signal, abort);
    abort();
    return () => {};
  };
}

/**
 * What `promise` gives, unless the signal or the closing of the log ends the wait before. `log` has `onClose`; `what`
 * names for a person what is called off.
 */
function awaited(promise, { log, signal, site, what }) {
  const errorOf = (response) => failure(response, site);
  return unlessEnded(
    promise,
    (reject) => log.onClose((response) => reject(errorOf(response))),
    bySignal(signal, what, errorOf),
  );
}

/** What `promise` gives, unless the signal refuses the call before that waits for it. */
function unlessAborted(promise, signal, what) {
  return unlessEnded(
    promise,
    bySignal(signal, what, ({ code, error }) => new Refusal(code, error)),
  );
}

module.exports = { awaited, unlessAborted, unlessEnded };
