'use strict';

// A log from JSON Lines, or an instance from what another program has written: what `importEvents` does with its source,
// batch by batch.

const { describe, invalid, told } = require('../failure.js');
const native = require('../native.js');
const { Progress, optionsOf } = require('../options.js');
const { abortion, isAborted, onAbort } = require('../signal.js');
const { awaited, bySignal, unlessEnded } = require('../wait.js');
const { refusal } = require('../wire/calls.js');
const { ForeignLines, instanceFor, readerOf } = require('./foreign/import.js');
const { OWN } = require('./format-names.js');
const { Source } = require('./source.js');

const OPTIONS = ['signal', 'onProgress', 'format', 'instance', 'map', 'dryRun'];

/** Those of another format than the log's own. */
const FOREIGN = ['instance', 'map', 'dryRun'];

/** What an import is made of, however it is asked for. */
function askedFor(options) {
  const { format = OWN, ...asked } = optionsOf(options, OPTIONS);
  const { dryRun } = asked;
  if (dryRun !== undefined && typeof dryRun !== 'boolean') {
    throw invalid(`options.dryRun: expected true or false, found ${describe(dryRun)}`);
  }
  if (format !== OWN) return { ...asked, reader: readerOf(format) };
  const other = FOREIGN.find((key) => asked[key] !== undefined);
  if (other === undefined) return asked;
  throw invalid(`options.${other}: expected it with a format other than ${OWN}`);
}

/**
 * Imports what `source` gives. `create()` makes a native import, and `step(until, native import, bytes, last)` stores
 * the lines of the next bytes and gives the response to that, unless the wait for its turn is ended before:
 * `withdraw(native import)` does that, and says whether it was in time. `onClose` tells when the log is closed,
 * `getInstance` asks the log for an instance, and `readStored` reads its events as they are stored. Returns the last
 * response, or that of the failure.
 */
async function importEvents(type, log, source, options) {
  let asked;
  let lines;
  let instance;
  try {
    asked = askedFor(options);
    if (asked.reader === undefined) return await importLines(type, log, source, asked);
    instance = await instanceFor(log.getInstance, asked.instance);
    lines = new ForeignLines(source, asked, instance.instance);
  } catch (error) {
    const { code, error: text } = told(error);
    return refusal(type, { code, error: `${text}; ${stored(0)}` });
  }
  const response = asked.dryRun
    ? await tryLines(type, log, lines, asked, instance)
    : await importLines(type, log, lines, asked, (line) => lines.placeOf(line));
  const { remark } = lines;
  return response.success && remark !== undefined ? { ...response, message: remark } : response;
}

/** The events of an instance that is not there. */
async function* none() {}

/** Says what an import of another format would store. */
async function tryLines(type, log, lines, { signal }, { instance, exists }) {
  try {
    if (isAborted(signal)) return refusal(type, abortion(signal, 'import'));
    const there = exists ? log.readStored({ instance: instance.id }) : none();
    // A source that never answers is not waited for.
    const report = await awaited(lines.report(there), { log, signal, what: 'import' });
    const [timestamp, requestId] = native.stampRefusal();
    const data = { dryRun: true, instance: instance.name, exists, ...report };
    return { type, success: true, data, timestamp, requestId };
  } catch (error) {
    return refusal(type, told(error));
  } finally {
    lines.destroy();
  }
}

/** Imports lines of the log's own format. `placeOf` says what the source of these lines calls the one of a number. */
async function importLines(
  type,
  { create, step, withdraw, onClose },
  source,
  { signal, onProgress },
  placeOf = (line) => `line ${line}`,
) {
  /** Up to that line everything is stored. */
  let lines = 0;
  const storedSoFar = () => stored(lines, placeOf);
  const failed = ({ code, error }) => refusal(type, { code, error: `${error}; ${storedSoFar()}` });
  let bytes;
  let unlisten;
  let forget;
  let closed;
  try {
    bytes = new Source(source);
    const progress = new Progress(onProgress);
    if (signal !== undefined) unlisten = onAbort(signal, () => bytes.interrupt());
    forget = onClose((response) => {
      closed = response;
      bytes.interrupt();
    });
    const lineImport = create();
    const until = bySignal(signal, 'import');
    /** @type {import('../wait.js').Listen} */
    const withdrawn = (end) =>
      until((error) => {
        if (withdraw(lineImport)) end(error);
      });
    for (;;) {
      const batch = isAborted(signal) ? undefined : await bytes.next();
      if (isAborted(signal)) return failed(abortion(signal, 'import'));
      if (closed !== undefined) return failed(closed);
      // They may wait for another process.
      const response = await unlessEnded(
        step(until, lineImport, batch.bytes, batch.last),
        withdrawn,
      );
      if (!response.success) {
        const error = response.error.replace(/^line (\d+)/, (_, line) => placeOf(Number(line)));
        return { ...response, error: `${error}; ${storedSoFar()}` };
      }
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

function stored(lines, placeOf) {
  return lines === 0 ? 'nothing was stored' : `all that stands up to ${placeOf(lines)} is stored`;
}

module.exports = { importEvents };
