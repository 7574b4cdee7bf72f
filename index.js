'use strict';

const {
  Codebolt,
  EventLog,
  EventLogError,
  attach,
  codebolt,
  fromCloudEvent,
  isStringified,
  openReplica,
  toCloudEvent,
  unwrap,
} = require('./lib/exports.js');

const { eventLog, getMessage, onMessage, onReady, waitForConnection, waitForReady } = codebolt;

module.exports = {
  __esModule: true,
  // For TypeScript's `esModuleInterop`, which takes this for an import without braces.
  default: codebolt,
  Codebolt,
  eventLog,
  EventLog,
  EventLogError,
  attach,
  fromCloudEvent,
  getMessage,
  isStringified,
  onMessage,
  onReady,
  openReplica,
  get ready() {
    return codebolt.ready;
  },
  toCloudEvent,
  unwrap,
  waitForConnection,
  waitForReady,
};
