'use strict';

// What not every program does with a log. Each is loaded by the first call that needs it: to load all of it takes longer than
// to open a log, append to it and close it.

/** What is made of calls with JSON text, and of many of them at once. To ask for it anew each time would take some time. */
let loadedJsonCalls;
let loadedJsonBatches;

module.exports = {
  get applyRetention() {
    return require('./retention/apply.js').applyRetention;
  },
  get checkpoint() {
    return require('./tree/checkpoint.js').checkpoint;
  },
  get copyTo() {
    return require('./transfer/copy/copy.js').copyTo;
  },
  get decide() {
    return require('./projection/decide.js').decide;
  },
  get erase() {
    return require('./erasing.js').erase;
  },
  exportEvents(connection, options) {
    const { Export } = require('./transfer/export.js');
    const { exportIn } = require('./transfer/formatted-export.js');
    const calls = require('./transfer/calls.js').exportingCalls(connection);
    return exportIn((own) => /** @type {any} */ (new Export(calls, own)), options);
  },
  get importEvents() {
    return require('./transfer/import.js').importEvents;
  },
  get importingCalls() {
    return require('./transfer/calls.js').importingCalls;
  },
  get InstanceWait() {
    return require('./reading/instance-wait.js').InstanceWait;
  },
  get metricsOf() {
    return require('./metrics.js').metricsOf;
  },
  get operate() {
    return require('./operation.js').operate;
  },
  get openHeld() {
    return require('./held-key/opening.js').openHeld;
  },
  get project() {
    return require('./projection/project.js').project;
  },
  get read() {
    return require('./reading/reader.js').read;
  },
  get readingCalls() {
    return require('./reading/calls.js').readingCalls;
  },
  get rotateKey() {
    return require('./held-key/rotation.js').rotateKey;
  },
  get strictOf() {
    return require('./strict.js').strictOf;
  },
  get Subscription() {
    return require('./reading/subscription.js').Subscription;
  },
  get verifyWith() {
    return require('./tree/check.js').verifyWith;
  },
  get trim() {
    return require('./retention/trim.js').trim;
  },
  get trimStream() {
    return require('./retention/trim-stream.js').trimStream;
  },
  get trimmingCalls() {
    return require('./retention/calls.js').trimmingCalls;
  },
  jsonCalls: () => (loadedJsonCalls ??= require('./wire/json-calls.js')),
  jsonBatches: () => (loadedJsonBatches ??= require('./wire/json-batch.js')),
};
