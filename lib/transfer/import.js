'use strict';

// A log from JSON Lines: what `importEvents` does with its source, batch by batch.

const { told } = require('../failure.js');
const { Progress, optionsOf } = require('../options.js');
const { abortion, isAborted, onAbort } = require('../signal.js');
const { refusal } = require('../wire/calls.js');
const { Source } = require('./source.js');

const OPTIONS = ['signal', 'onProgress'];

/**
 * Imports what `source` gives. `create()` makes a native import, and `step(native import, bytes, last)` stores
 * the lines of the next bytes and gives the response to that. `onClose` tells when the log is closed. Returns the last
 * response, or that of the failure.
 */
async function importEvents(type, { create, step, onClose }, source, options) {
  /** Up to that line everything is stored. */
  let lines = 0;
  const failed = ({ code, error }) => refusal(type, { code, error: `${error}; ${stored(lines)}` });
  let bytes;
  let unlisten;
  let forget;
  let closed;
  try {
    const { signal, onProgress } = optionsOf(options, OPTIONS);
    bytes = new Source(source);
    const progress = new Progress(onProgress);
    if (signal !== undefined) unlisten = onAbort(signal, () => bytes.interrupt());
    forget = onClose((response) => {
      closed = response;
      bytes.interrupt();
    });
    const lineImport = create();
    for (;;) {
      const batch = isAborted(signal) ? undefined : await bytes.next();
      if (isAborted(signal)) return failed(abortion(signal, 'import'));
      if (closed !== undefined) return failed(closed);
      const response = await step(lineImport, batch.bytes, batch.last);
      if (!response.success) return { ...response, error: `${response.error}; ${stored(lines)}` };
      const { done, total, counts } = response.data;
      lines = response.data.lines;
      const soFar = total === null ? { done } : { done, total };
      if (batch.last) {
        progress.finish(soFar);
        return { ...response, data: counts };
      }
      progress.report(soFar);
    }
  } catch (error) {
    return failed(told(error));
  } finally {
    unlisten?.();
    forget?.();
    bytes?.release();
  }
}

function stored(lines) {
  return lines === 0 ? 'nothing was stored' : `all that stands up to line ${lines} is stored`;
}

module.exports = { importEvents };
