'use strict';

// The log that programs use without opening one.

const { defaultPath } = require('./default-path.js');
const { openLog, unopenedLog } = require('./event-log.js');
const { openingOf } = require('./opening.js');

let ready = false;

/** Those who are told whenever the default log is open, and when it is closed. */
const watchers = [];

function readyIs(value) {
  ready = value;
  for (const watcher of watchers) watcher(value);
}

/**
 * The default log: opened at the first call, in a file that is looked up then. Its appends make instances, as the
 * documented programs take for granted.
 */
const eventLog = unopenedLog(defaultPath, (path) => openingOf(path, undefined, true), readyIs);

/** Whether the default log is open. */
function isReady() {
  return ready;
}

/** Has `watcher` called with `true` when the default log is open, and with `false` once it is closed. */
function watchReady(watcher) {
  watchers.push(watcher);
}

function waitForReady() {
  return openLog(eventLog);
}

module.exports = { eventLog, isReady, waitForReady, watchReady };
