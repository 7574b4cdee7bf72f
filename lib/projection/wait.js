'use strict';

// The wait for what functions of the program promise.

const { failure } = require('../failure.js');
const { Promise } = require('../intrinsics.js');
const { abortion, isAborted, onAbort } = require('../signal.js');

/**
 * What `promise` gives, unless the signal or the closing of the log ends the wait before: a promise of the program need
 * not settle. `log` has `onClose`; `what` names for a person what is called off.
 */
async function awaited(promise, { log, signal, site, what }) {
  const ends = [];
  const ended = new Promise((_, reject) => {
    ends.push(log.onClose((response) => reject(failure(response, site))));
    if (signal === undefined) return;
    const abort = () => reject(failure(abortion(signal, what), site));
    if (isAborted(signal)) abort();
    else ends.push(onAbort(signal, abort));
  });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    for (const end of ends) end();
  }
}

module.exports = { awaited };
