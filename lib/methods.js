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
 * @property {boolean} [changes] - Whether it changes the log, so that calls of it keep their order.
 * @property {'one' | 'many'} [appends] - How many events it appends. Its response says what JSON does not keep of a payload.
 * @property {'append' | 'query'} [channel] - What tells of its calls.
 * @property {boolean} [keepsGiven] - Whether the events are kept for its response.
 * @property {boolean} [setsRetention] - Whether it may give an instance a retention.
 * @property {boolean} [isAbortable] - Whether a signal can call it off.
 * @property {boolean} [isJson] - Whether it can be called with JSON text, and be answered with it.
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

/** A method that changes the log. */
function change(name, ...parameters) {
  return { ...method(name, ...parameters), changes: true };
}

/** What is answered as a method is, and is no call of one in the addon's table. */
function other(name, ...parameters) {
  return { name, parameters, type: `eventLog.${name}` };
}

/**
 * The methods that do no more than call the addon with their arguments. Those that append tell what JSON does not keep of
 * a payload; the events of a batch are kept for its response.
 *
 * @type {Method[]}
 */
const CALLED = [
  { ...change('createInstance', 'name', 'description', 'options'), setsRetention: true },
  method('getInstance', 'instanceId'),
  method('listInstances'),
  { ...change('updateInstance', 'instanceId', 'updates'), setsRetention: true },
  change('deleteInstance', 'instanceId'),
  method('getInstanceStats', 'instanceId'),
  { ...change('appendEvent', 'params'), appends: 'one', channel: 'append', isJson: true },
  {
    ...change('appendEvents', 'params'),
    appends: 'many',
    channel: 'append',
    keepsGiven: true,
    isJson: true,
  },
  { ...method('queryEvents', 'query'), channel: 'query', isAbortable: true, isJson: true },
  method('listStreams', 'options'),
  method('listConsumers', 'options'),
  change('resetConsumer', 'options'),
  change('deleteConsumer', 'options'),
  method('listParked', 'options'),
  change('retryParked', 'options'),
  change('discardParked', 'options'),
  change('deleteSnapshots', 'options'),
  change('forgetSubject', 'subject'),
  method('listErasures', 'options'),
  method('proveInclusion', 'options'),
  method('proveConsistency', 'options'),
];

module.exports = {
  CALLED,

  OPEN: other('open', 'path', 'options', 'autoCreateInstances'),
  CLOSE: other('close'),
  NEXT_TURN: other('nextTurn'),

  READ_ALL: method('readAll', 'options'),
  READ_STREAM: method('readStream', 'options'),
  SUBSCRIBE: method('subscribe', 'options'),
  AWAIT_COMMIT: other('awaitCommit'),
  MOVE_CONSUMER: other('moveConsumer'),
  FINISH_EVENT: other('finishEvent'),
  PARK_EVENT: other('parkEvent'),
  AWAIT_END: other('awaitEnd'),

  LOAD_SNAPSHOT: method('loadSnapshot', 'options'),
  STORE_SNAPSHOT: change('storeSnapshot', 'options'),

  /** `appendEvent` with an event that is kept for its response. */
  APPEND_KEPT: change('appendKept', 'params'),
  /** `appendEvents` with events that are kept for its response, however long they are. */
  APPEND_EVENTS_KEPT: change('appendEventsKept', 'params'),

  LOAD_DECISION: method('loadDecision', 'options'),
  /** @type {Method} */
  STORE_DECISION: { ...change('storeDecision', 'params'), appends: 'many', channel: 'append' },

  CHECKPOINT: other('checkpoint'),
  HASH_EVENTS: method('hashEvents', 'options'),
  STORE_TREE: change('storeTree', 'options'),
  CHECK_TREE: method('checkTree', 'options'),

  TRIM_EVENTS: other('trimEvents'),
  TRIM_STREAM: other('trimStream'),
  MEASURE_TRIM: method('measureTrim', 'options'),
  STORE_TRIM: change('storeTrim', 'options'),
  MEASURE_STREAM_TRIM: method('measureStreamTrim', 'options'),
  STORE_STREAM_TRIM: change('storeStreamTrim', 'options'),

  APPLY_RETENTION: other('applyRetention'),
  DUE_RETENTION: method('dueRetention', 'options'),
  DUE_STREAMS: method('dueStreams', 'options'),
  NOTE_RETENTION: change('noteRetention', 'options'),

  COPY: other('copyTo', 'other', 'options'),
  COPY_INSTANCES: method('copyInstances', 'options'),
  COPY_STAND: method('copyStand', 'options'),
  COPY_DIGEST: method('copyDigest', 'options'),

  EXPORT_EVENTS: method('exportEvents', 'options'),
  IMPORT_EVENTS: method('importEvents', 'source', 'options'),

  ROTATE_KEY: change('rotateKey', 'key'),

  METRICS: other('metrics'),

  VERIFY: method('verify'),
  BACKUP: method('backup', 'path'),
  COMPACT: method('compact'),
  ERASE_EVENTS: method('eraseEvents', 'options'),
  FIND_ERASABLE: method('findErasable', 'options'),
};
