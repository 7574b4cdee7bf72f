'use strict';

const { attach } = require('./lib/attach.js');
const { Codebolt, codebolt } = require('./lib/codebolt.js');
const { eventLog, watchReady } = require('./lib/default-log.js');
const { EventLog } = require('./lib/event-log.js');
const { EventLogError } = require('./lib/failure.js');

const { getMessage, onMessage, onReady, waitForConnection, waitForReady } = codebolt;

module.exports = {
  __esModule: true,
  default: codebolt,
  Codebolt,
  eventLog,
  EventLog,
  EventLogError,
  attach,
  getMessage,
  onMessage,
  onReady,
  get ready() {
    return codebolt.ready;
  },
  waitForConnection,
  waitForReady,
};

// For the ES module, whose `ready` is a variable.
Object.defineProperty(module.exports, 'watchReady', { value: watchReady });
