'use strict';

// The table of the methods of a log: each one's name, the names of its parameters, and its place in the addon's table
// (`src/request/methods.rs`), by which it is called there.

const native = require('./native.js');

const names = native.methodNames();

/**
 * @typedef {object} Method
 * @property {string} name - Its name.
 * @property {number} number - Its place in the addon's table.
 * @property {string[]} parameters - The names of its parameters.
 * @property {string} type - The type that its responses have.
 * @property {boolean} [appends] - Whether a response says what JSON does not keep of a payload.
 * @property {boolean} [keepsGiven] - Whether the events are kept for its response.
 * @property {boolean} [isAbortable] - Whether a signal can call it off.
 */

/**
 * @param {string} name - What the addon's table has it under.
 * @param {...string} parameters - The names of its parameters.
 * @returns {Method} The method.
 */
function method(name, ...parameters) {
  const number = names.indexOf(name);
  if (number === -1) throw new Error(`expected a method of the addon, found ${name}`);
  return { name, number, parameters, type: `eventLog.${name}` };
}

/** What is answered as a method is, and is no call of one in the addon's table. */
function other(name, ...parameters) {
  return { name, parameters, type: `eventLog.${name}` };
}

/**
 * The methods that do no more than call the addon with their arguments. Those that append tell what JSON does not keep of
 * a payload; the events of a batch are kept for its response.
 */
const CALLED = [
  method('createInstance', 'name', 'description', 'options'),
  method('getInstance', 'instanceId'),
  method('listInstances'),
  method('updateInstance', 'instanceId', 'updates'),
  method('deleteInstance', 'instanceId'),
  method('getInstanceStats', 'instanceId'),
  { ...method('appendEvent', 'params'), appends: true },
  { ...method('appendEvents', 'params'), appends: true, keepsGiven: true },
  { ...method('queryEvents', 'query'), isAbortable: true },
  method('listStreams', 'options'),
  method('listConsumers', 'options'),
  method('resetConsumer', 'options'),
  method('deleteConsumer', 'options'),
  method('listParked', 'options'),
  method('retryParked', 'options'),
  method('discardParked', 'options'),
  method('deleteSnapshots', 'options'),
];

module.exports = {
  CALLED,

  OPEN: other('open', 'path', 'options', 'autoCreateInstances'),
  CLOSE: other('close'),

  READ_ALL: method('readAll', 'options'),
  READ_STREAM: method('readStream', 'options'),
  SUBSCRIBE: method('subscribe', 'options'),
  AWAIT_COMMIT: other('awaitCommit'),
  MOVE_CONSUMER: other('moveConsumer'),
  FINISH_EVENT: other('finishEvent'),
  PARK_EVENT: other('parkEvent'),
  AWAIT_END: other('awaitEnd'),

  LOAD_SNAPSHOT: method('loadSnapshot', 'options'),
  STORE_SNAPSHOT: method('storeSnapshot', 'options'),

  LOAD_DECISION: method('loadDecision', 'options'),
  STORE_DECISION: { ...method('storeDecision', 'params'), appends: true },

  EXPORT_EVENTS: method('exportEvents', 'options'),
  IMPORT_EVENTS: method('importEvents', 'source', 'options'),

  VERIFY: method('verify'),
  BACKUP: method('backup', 'path'),
  COMPACT: method('compact'),
};
