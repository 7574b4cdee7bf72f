'use strict';

// What programs import as `codebolt`: the default log, and as much of the SDK's object as programs call around it.

const { eventLog, isReady, waitForReady } = require('./default-log.js');
const { describe, invalid } = require('./failure.js');

/** The methods that nobody has been warned of yet. */
const unwarned = new Set(['onMessage', 'getMessage']);

/** Says once that there is nobody who could send a message. */
function warnOfMessages(method) {
  if (!unwarned.delete(method)) return;
  process.emitWarning(`codebolt.${method} never gets a message from codebolt-eventlog alone`, {
    code: 'CODEBOLT_EVENTLOG_NO_MESSAGES',
    detail:
      'Messages need the SDK: import codebolt from @codebolt/codeboltjs, and give it to `attach` ' +
      'of codebolt-eventlog, so that its eventLog is this one.',
  });
}

/** A callback, which a mistake must not replace by nothing. */
function checkCallback(path, callback) {
  if (typeof callback === 'function') return;
  throw invalid(`${path}: expected a function, found ${describe(callback)}`);
}

async function callWhenReady(callback) {
  await waitForReady();
  await callback();
}

// The methods are own properties, as those of a log are: programs take them off the object.
class Codebolt {
  eventLog = eventLog;

  waitForReady = waitForReady;

  waitForConnection = waitForReady;

  onReady = (callback) => {
    checkCallback('onReady', callback);
    // Nobody waits for this promise: a log that cannot be opened, or a callback that fails, ends the program with
    // the reason, as any other rejection that is not handled does.
    void callWhenReady(callback);
  };

  onMessage = (callback) => {
    checkCallback('onMessage', callback);
    warnOfMessages('onMessage');
  };

  getMessage = () => {
    warnOfMessages('getMessage');
    return new Promise(() => {});
  };

  get ready() {
    return isReady();
  }
}

module.exports = { Codebolt, codebolt: new Codebolt() };
