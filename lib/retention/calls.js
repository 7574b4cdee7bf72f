'use strict';

// What a trim calls, and who applies rules of retention.

const {
  DUE_RETENTION,
  DUE_STREAMS,
  HASH_EVENTS,
  MEASURE_STREAM_TRIM,
  MEASURE_TRIM,
  NOTE_RETENTION,
  STORE_STREAM_TRIM,
  STORE_TREE,
  STORE_TRIM,
} = require('../methods.js');
const { exportingCalls } = require('../transfer/calls.js');
const { Export } = require('../transfer/export.js');

/**
 * What a trim is made with, of a log with that connection: `call(method, args, options, until)` calls a method, and gives the
 * response.
 */
function trimmingCalls(connection, call) {
  return {
    measure: (page) => call(MEASURE_TRIM, [page]),
    store: (given, until) => call(STORE_TRIM, [given], undefined, until),
    measureStream: (page) => call(MEASURE_STREAM_TRIM, [page]),
    storeStream: (given, until) => call(STORE_STREAM_TRIM, [given], undefined, until),
    hash: (page) => call(HASH_EVENTS, [page]),
    storeTree: (page, until) => call(STORE_TREE, [page], undefined, until),
    due: (page) => call(DUE_RETENTION, [{ ...page, now: connection.ownTime }]),
    dueStreams: (page) => call(DUE_STREAMS, [{ ...page, now: connection.ownTime }]),
    note: (noted) => call(NOTE_RETENTION, [noted]),
    exportOf: (own, range) => new Export(exportingCalls(connection), own, range),
  };
}

module.exports = { trimmingCalls };
