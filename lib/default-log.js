'use strict';

// The log that programs use without opening one, and the ways in which they come to it.

const { join } = require('node:path');

const { openLog, unopenedLog } = require('./event-log.js');

/** The file of the default log, which the environment may name. */
function defaultPath() {
  return process.env.CODEBOLT_EVENTLOG_PATH || join('.codebolt', 'eventlog.redb');
}

/** The default log: opened at the first call, in a file that is looked up then. */
const eventLog = unopenedLog(() => [defaultPath(), undefined]);

function waitForConnection() {
  return openLog(eventLog);
}

function attach(codebolt, log = eventLog) {
  // An assignment would fail where a class has a getter of that name.
  Object.defineProperty(codebolt, 'eventLog', {
    value: log,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return codebolt;
}

module.exports = { attach, eventLog, waitForConnection };
