'use strict';

// What has to live in JavaScript: promises and JSON belong to the context that loads this module
// (Jest gives each test file one of its own), so they are made here, and only text goes further.

const { CallSite, asFailure, failure, told } = require('./failure.js');
const { Promise } = require('./intrinsics.js');
const {
  ACKNOWLEDGE,
  ADVANCE_CONSUMER,
  APPEND_EVENT,
  APPEND_EVENTS,
  AWAIT_EVENTS,
  BACKUP,
  CLOSE,
  COMPACT,
  CREATE_INSTANCE,
  DELETE_CONSUMER,
  DELETE_INSTANCE,
  DELETE_SNAPSHOTS,
  EXPORT_EVENTS,
  GET_INSTANCE,
  GET_INSTANCE_STATS,
  IMPORT_EVENTS,
  LIST_CONSUMERS,
  LIST_INSTANCES,
  LIST_STREAMS,
  LOAD_SNAPSHOT,
  OPEN,
  QUERY_EVENTS,
  READ_ALL,
  READ_STREAM,
  REGISTER_CONSUMER,
  RESET_CONSUMER,
  STORE_SNAPSHOT,
  SUBSCRIBE,
  UPDATE_INSTANCE,
  VERIFY,
} = require('./methods.js');
const native = require('./native.js');
const { openingOf, pathText, timeOf } = require('./opening.js');
const { operate } = require('./operation.js');
const { project } = require('./projection.js');
const { InstanceWait } = require('./reading/instance-wait.js');
const { read } = require('./reading/reader.js');
const { Subscription } = require('./reading/subscription.js');
const { abortion, isAborted, signalOf } = require('./signal.js');
const { Export } = require('./transfer/export.js');
const { importEvents } = require('./transfer/import.js');
const { encode, encodeWithRemark } = require('./wire/arguments.js');
const {
  Watch,
  drainIfEnding,
  expect,
  keepGiven,
  realm,
  refusal,
  remarked,
  settle,
} = require('./wire/calls.js');

/** What a closed log answers. */
const CLOSED = { code: 'CLOSED', error: 'the log was closed: open it again with EventLog.open' };

/** Only this module makes logs: with `EventLog.open`, and the default one. */
const KEY = Symbol('EventLog');

/** Opens a log, or waits for it to be open. */
let openLog;

// The methods are own properties, bound to their log: programs take them off the object, as in
// `const { appendEvent } = codebolt.eventLog`.
class EventLog {
  #locate;
  #native;
  #opening;
  #closed = false;
  /** A clock that the program has given in the place of the system's. */
  #clock;
  /** Called with `true` once the log is open, and with `false` once it is closed. */
  #tellOpen;

  static {
    openLog = (log) => log.#open(new CallSite());
  }

  /** `locate` gives what the log is opened with, as `openingOf` does, when that is to be known. */
  constructor(key, locate, tellOpen = () => {}) {
    if (key !== KEY) throw new TypeError('expected EventLog.open(path), found new EventLog()');
    this.#locate = locate;
    this.#tellOpen = tellOpen;
  }

  static async open(path, options) {
    const log = new EventLog(KEY, () => openingOf(path, options, false));
    await openLog(log);
    return log;
  }

  createInstance = (name, description, options) =>
    this.#call(CREATE_INSTANCE, [name, description, options]);

  getInstance = (instanceId) => this.#call(GET_INSTANCE, [instanceId]);

  listInstances = () => this.#call(LIST_INSTANCES, []);

  updateInstance = (instanceId, updates) => this.#call(UPDATE_INSTANCE, [instanceId, updates]);

  deleteInstance = (instanceId) => this.#call(DELETE_INSTANCE, [instanceId]);

  appendEvent = (params) => this.#append(APPEND_EVENT, params);

  appendEvents = (params) => this.#append(APPEND_EVENTS, params);

  queryEvents = (query, options) => this.#call(QUERY_EVENTS, [query], options);

  getInstanceStats = (instanceId) => this.#call(GET_INSTANCE_STATS, [instanceId]);

  listStreams = (options) => this.#call(LIST_STREAMS, [options]);

  project = (options) => project(this.#projecting, options);

  deleteSnapshots = (options) => this.#call(DELETE_SNAPSHOTS, [options]);

  listConsumers = (options) => this.#call(LIST_CONSUMERS, [options]);

  resetConsumer = (options) => this.#call(RESET_CONSUMER, [options]);

  deleteConsumer = (options) => this.#call(DELETE_CONSUMER, [options]);

  readAll = (options) => read(this.#readingOf(READ_ALL), options);

  readStream = (options) => read(this.#readingOf(READ_STREAM), options);

  subscribe = (options) => new Subscription(this.#readingOf(SUBSCRIBE), options);

  exportEvents = (options) => new Export((...given) => this.#step(EXPORT_EVENTS, given), options);

  importEvents = (source, options) => {
    const step = (...given) => this.#step(IMPORT_EVENTS, given);
    return importEvents(IMPORT_EVENTS.type, step, source, options);
  };

  verify = (options) =>
    operate(VERIFY.type, 'check', (progress) => this.#step(VERIFY, [progress]), options);

  backup = (path, options) => {
    const call = (progress) => {
      const text = encode(BACKUP.parameters, [pathText(path)]);
      return this.#step(BACKUP, [progress, text]);
    };
    return operate(BACKUP.type, 'backup', call, options);
  };

  compact = (options) => {
    const call = (progress) => this.#step(COMPACT, [progress]);
    return operate(COMPACT.type, 'compaction', call, options, ['signal']);
  };

  close = () => {
    const site = new CallSite();
    return new Promise((resolve, reject) => {
      this.#closed = true;
      this.#tellOpen(false);
      if (this.#native === undefined) {
        resolve();
        return;
      }
      const closed = (response) => {
        if (response.success) resolve();
        else reject(failure(response, site));
      };
      this.#native.close(settle, expect(CLOSE.type, closed));
    });
  };

  [Symbol.asyncDispose] = () => this.close();

  /** Waits for the log to be open. One that cannot be opened tries again at the next call. */
  async #open(site) {
    if (this.#closed) throw failure(CLOSED, site);
    let opening;
    try {
      opening = this.#opening ?? this.#start();
    } catch (error) {
      throw site.in(asFailure(error));
    }
    const response = await opening;
    if (!response.success) throw failure(response, site);
  }

  /** Begins to open the log. Returns the response to that. */
  #start() {
    let resolve;
    const opening = new Promise((settled) => (resolve = settled));
    const opened = (response) => {
      if (response.success) {
        if (!this.#closed) this.#tellOpen(true);
      } else {
        this.#opening = undefined;
        this.#native = undefined;
      }
      resolve(response);
    };
    const { given, clock } = this.#locate();
    const text = encode(OPEN.parameters, given);
    this.#clock = clock;
    this.#native = native.EventLog.open(realm, settle, expect(OPEN.type, opened), text);
    this.#opening = opening;
    return opening;
  }

  #call({ name, parameters, type }, args, options) {
    return this.#respond(type, (resolve) => {
      const signal = signalOf(options);
      const text = encode(parameters, args);
      if (isAborted(signal)) {
        resolve(refusal(type, abortion(signal)));
        return;
      }
      const watch = signal && new Watch(signal);
      const number = expect(type, resolve);
      try {
        const cancellation = this.#opened()[name](settle, number, text, watch !== undefined);
        watch?.over(number, cancellation);
      } catch (error) {
        watch?.end();
        throw error;
      }
    });
  }

  #append({ name, parameters, type }, params) {
    return this.#respond(type, (resolve) => {
      const { text, remark } = encodeWithRemark(parameters, [params]);
      const answered =
        remark === undefined ? resolve : (response) => resolve(remarked(response, remark));
      const number = expect(type, answered);
      this.#opened()[name](settle, number, text);
      if (name === APPEND_EVENTS.name) keepGiven(number, text);
    });
  }

  /**
   * What events in a row are read with: `step` reads a page, and `wait` waits for a commit; the others move
   * the consumer of a subscription, and tell where that stands.
   */
  #readingOf(called) {
    return {
      create: (text) => native.createReading(called.name, text),
      step: (reading) => this.#step(called, [reading]),
      wait: (reading) => this.#step(AWAIT_EVENTS, [reading]),
      register: (reading) => this.#step(REGISTER_CONSUMER, [reading]),
      acknowledge: (...given) => this.#step(ACKNOWLEDGE, given),
      advance: (...given) => this.#step(ADVANCE_CONSUMER, given),
      interrupt: native.interruptReading,
    };
  }

  /** What a projection is made with. */
  #projecting = {
    load: (options) => this.#call(LOAD_SNAPSHOT, [options]),
    store: (options) => this.#call(STORE_SNAPSHOT, [options]),
    readAll: (options, site) => read(this.#readingOf(READ_ALL), options, site),
    readStream: (options, site) => read(this.#readingOf(READ_STREAM), options, site),
    awaitInstance: (options, site) => new InstanceWait(this.#readingOf(SUBSCRIBE), options, site),
  };

  /** Makes a call that is more than its arguments, such as a step of an export. */
  #step({ name, type }, given) {
    return this.#respond(type, (resolve) => {
      this.#opened()[name](settle, expect(type, resolve), ...given);
    });
  }

  /** The response to what `call` calls for. */
  #respond(type, call) {
    return new Promise((resolve) => {
      if (this.#closed) {
        resolve(refusal(type, CLOSED));
        return;
      }
      try {
        if (this.#clock !== undefined) this.#native?.setTime(timeOf(this.#clock));
        call(resolve);
        drainIfEnding();
      } catch (error) {
        // The number stays taken: it is not known whether an answer comes under it.
        resolve(refusal(type, told(error)));
      }
    });
  }

  /** The native log, which is being opened if it is not open. */
  #opened() {
    // The call itself is answered with the reason if the log cannot be opened.
    if (this.#native === undefined) this.#start();
    return this.#native;
  }
}

/**
 * A log that is opened at the first call, with what `locate` gives then, as `openingOf` does. `tellOpen` is
 * called with `true` once it is open, and with `false` once it is closed.
 */
function unopenedLog(locate, tellOpen) {
  return new EventLog(KEY, locate, tellOpen);
}

module.exports = { EventLog, openLog, unopenedLog };
