'use strict';

// The methods of a log as the engine knows them: each one's name, and the names of its parameters.

/** A method, with the type that its responses have. */
function method(name, ...parameters) {
  return { name, parameters, type: `eventLog.${name}` };
}

module.exports = {
  OPEN: method('open', 'path', 'options', 'autoCreateInstances'),
  CLOSE: method('close'),

  CREATE_INSTANCE: method('createInstance', 'name', 'description', 'options'),
  GET_INSTANCE: method('getInstance', 'instanceId'),
  LIST_INSTANCES: method('listInstances'),
  UPDATE_INSTANCE: method('updateInstance', 'instanceId', 'updates'),
  DELETE_INSTANCE: method('deleteInstance', 'instanceId'),
  APPEND_EVENT: method('appendEvent', 'params'),
  APPEND_EVENTS: method('appendEvents', 'params'),
  QUERY_EVENTS: method('queryEvents', 'query'),
  GET_INSTANCE_STATS: method('getInstanceStats', 'instanceId'),

  LIST_STREAMS: method('listStreams', 'options'),
  READ_ALL: method('readAll', 'options'),
  READ_STREAM: method('readStream', 'options'),
  SUBSCRIBE: method('subscribe', 'options'),
  AWAIT_EVENTS: method('awaitEvents'),

  LIST_CONSUMERS: method('listConsumers', 'options'),
  RESET_CONSUMER: method('resetConsumer', 'options'),
  DELETE_CONSUMER: method('deleteConsumer', 'options'),
  REGISTER_CONSUMER: method('registerConsumer'),
  ACKNOWLEDGE: method('acknowledge'),
  ADVANCE_CONSUMER: method('advanceConsumer'),

  LOAD_SNAPSHOT: method('loadSnapshot', 'options'),
  STORE_SNAPSHOT: method('storeSnapshot', 'options'),
  DELETE_SNAPSHOTS: method('deleteSnapshots', 'options'),

  EXPORT_EVENTS: method('exportEvents', 'options'),
  IMPORT_EVENTS: method('importEvents', 'source', 'options'),
  VERIFY: method('verify'),
  BACKUP: method('backup', 'path'),
  COMPACT: method('compact'),
};
