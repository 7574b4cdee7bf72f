'use strict';

// What the package exports, for both of its entries.
//
// It does not call itself an ES module (`__esModule`), as index.js does for TypeScript: what the default import of such
// a file is differs between Node.js, which takes all of it, and Bun and Rollup, which take its `default`.

const { Codebolt, codebolt } = require('./codebolt.js');
const { watchReady } = require('./default-log.js');
const { EventLog } = require('./event-log.js');
const { EventLogError } = require('./failure.js');
const { responseOf } = require('./wire/responses.js');

// Loaded by their first calls.

const attach = (holder, log) => require('./attach.js').attach(holder, log);

const unwrap = (response) => require('./strict.js').unwrap(response, responseOf);

const isStringified = (json) => require('./wire/json-calls.js').isStringified(json);

const fromCloudEvent = (cloudEvent, options) =>
  require('./cloud-events/mapping.js').fromCloudEvent(cloudEvent, options);

const toCloudEvent = (event, options) =>
  require('./cloud-events/mapping.js').toCloudEvent(event, options);

const openReplica = async (from, path, options) =>
  require('./replica/replica.js').openReplica(from, path, options);

module.exports = {
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
  watchReady,
};
