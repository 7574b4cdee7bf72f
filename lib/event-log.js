'use strict';

// What has to live in JavaScript: promises and JSON belong to the context that loads this module
// (Jest gives each test file one of its own), so they are made here, and only text goes further.

const { Caller } = require('./caller.js');
const { Connection } = require('./connection.js');
const { contextOf, isTraced, traced } = require('./diagnostics.js');
const { CallSite, asFailure } = require('./failure.js');
const { Promise } = require('./intrinsics.js');
const methods = require('./methods.js');
const { hasKeyFunction, hasKeyService, withKey } = require('./keys.js');
const { eventTypesOf, openingOf, pathText } = require('./opening.js');
const seldom = require('./seldom.js');
const { isServerPath } = require('./server-path.js');
const { wantsJson } = require('./signal.js');
const { encode } = require('./wire/arguments.js');
const wire = require('./wire/calls.js');
const { responseOf } = require('./wire/responses.js');

/** Only this module makes logs: with `EventLog.open`, and the default one. */
const KEY = Symbol('EventLog');

/** Opens a log, or waits for it to be open. */
let openLog;

/** The connection of a log; `undefined` if something else was given. */
let connectionIn;

// The methods are own properties, bound to their log: programs take them off the object, as in
// `const { appendEvent } = codebolt.eventLog`.
class EventLog {
  #connection;
  #caller;
  /** The methods that throw, once somebody has asked for them. */
  #strict;

  static {
    openLog = (log) => log.#connection.open(new CallSite());
    connectionIn = (value) => {
      const isObject = typeof value === 'object' && value !== null;
      return isObject && #connection in value ? value.#connection : undefined;
    };
  }

  constructor(key, connection, ownTypes) {
    if (key !== KEY) throw new TypeError('expected EventLog.open(path), found new EventLog()');
    this.#connection = connection;
    this.#caller = new Caller(connection, ownTypes);
    for (const method of methods.CALLED) this[method.name] = this.#calling(method);
    // By this, servers know a reader that is the log's own, and whether it gives lines of text.
    const get = () => this.#caller.eventTypes?.looksAtReads !== true;
    for (const reader of [this.readAll, this.readStream, this.subscribe]) {
      Object.defineProperty(reader, 'givesLines', { get });
    }
  }

  static async open(path, options) {
    const site = new CallSite();
    const open = async (given) => {
      const log = unopenedLog(
        () => path,
        (at) => openingOf(at, given, false),
      );
      await openLog(log);
      return log;
    };
    let given = options;
    try {
      if (hasKeyFunction(options)) given = await withKey(options);
      else if (hasKeyService(options, path)) {
        return await seldom.openHeld(path, options, open);
      }
    } catch (error) {
      throw site.in(asFailure(error));
    }
    return open(given);
  }

  callJson = (name, json, options) => {
    const { describedOf, givenJson, jsonMethod, outcomeOf, unknownMethod } = seldom.jsonCalls();
    const method = jsonMethod(name);
    if (method === undefined) return Promise.resolve(unknownMethod(name));
    const describe = () => contextOf(name, describedOf(json, options));
    const make = (context) =>
      this.#caller.makeJson(method, givenJson(method, json, options), context);
    return traced(method.channel, describe, make, outcomeOf);
  };

  callJsonBatch = (calls, answered) => {
    // What schemas have to look at, and what is told of, is made one by one.
    const isDirect = this.#caller.eventTypes === undefined && !isTraced('append');
    return isDirect ? seldom.jsonBatches().callBatch(this.#connection, wire, calls, answered) : 0;
  };

  project = (options) => seldom.project(this.#projecting, options);

  decide = (options) => seldom.decide(this.#deciding, options);

  readAll = (options) => seldom.read(this.#readingOf(methods.READ_ALL), options);

  readStream = (options) => seldom.read(this.#readingOf(methods.READ_STREAM), options);

  subscribe = (options) => new seldom.Subscription(this.#readingOf(methods.SUBSCRIBE), options);

  exportEvents = (options) => seldom.exportEvents(this.#connection, options);

  importEvents = (source, options) => {
    const calls = seldom.importingCalls(this.#connection, /** @type {any} */ (this).getInstance);
    return seldom.importEvents(methods.IMPORT_EVENTS.type, calls, source, options);
  };

  trimEvents = (options) => seldom.trim(methods.TRIM_EVENTS.type, this.#trimming(), options);

  trimStream = (options) => seldom.trimStream(methods.TRIM_STREAM.type, this.#trimming(), options);

  eraseEvents = (options) => {
    const { ERASE_EVENTS, FIND_ERASABLE } = methods;
    // What is stored is looked for, whatever the program's types of events make of it.
    const calls = seldom.readingCalls(this.#connection, undefined, FIND_ERASABLE);
    const find = (own) => seldom.read(calls, own);
    const operate = (own, signal) =>
      this.#operate(ERASE_EVENTS, 'erasure', [own], { signal }, ['signal']);
    return seldom.erase(ERASE_EVENTS.type, { find, operate }, options);
  };

  applyRetention = (options) =>
    seldom.applyRetention(methods.APPLY_RETENTION.type, this.#trimming(), options);

  copyTo = (other, options) =>
    seldom.copyTo(
      methods.COPY.type,
      this.#connection,
      { other, connection: connectionIn(other) },
      options,
    );

  checkpoint = (options) =>
    seldom.checkpoint(
      methods.CHECKPOINT.type,
      {
        hash: (page) => this.#caller.call(methods.HASH_EVENTS, [page]),
        store: (page, until) => this.#caller.call(methods.STORE_TREE, [page], undefined, until),
      },
      options,
    );

  verify = (options) =>
    seldom.verifyWith(
      methods.VERIFY.type,
      {
        verify: (own, known) => this.#operate(methods.VERIFY, 'check', [], own, known),
        check: (page) => this.#caller.call(methods.CHECK_TREE, [page]),
      },
      options,
    );

  backup = (path, options) => this.#operate(methods.BACKUP, 'backup', [path], options);

  compact = (options) =>
    this.#operate(methods.COMPACT, 'compaction', [], options, ['signal'], (signal) => {
      // What is over rules of retention goes first, and with it its space. Servers have nothing to be compacted.
      const { path, retention } = this.#connection;
      return isServerPath(path) ? undefined : retention?.applyAll(signal);
    });

  rotateKey = (key) => {
    const call = (text) => this.#caller.call(methods.ROTATE_KEY, [text]);
    return seldom.rotateKey(methods.ROTATE_KEY.type, call, key, this.#connection);
  };

  metrics = () => {
    const { getInstanceStats } = /** @type {any} */ (this);
    return seldom.metricsOf(methods.METRICS.type, this.#connection, getInstanceStats);
  };

  close = () => this.#connection.close();

  [Symbol.asyncDispose] = () => this.close();

  // A map of events alone is nothing but types.
  typed = (options) =>
    (options ?? undefined) === undefined
      ? this
      : new EventLog(KEY, this.#connection, eventTypesOf(options));

  get strict() {
    this.#strict ??= seldom.strictOf(this, responseOf);
    return this.#strict;
  }

  /** The function by which a method is called. */
  #calling(method) {
    const { name, parameters, isAbortable, isJson, setsRetention } = method;
    const { length } = parameters;
    const named = {
      [name]: (...given) => {
        const options = isAbortable ? given[length] : undefined;
        // Setting it takes some time even where nothing changes.
        if (given.length !== length) given.length = length;
        if (isAbortable && wantsJson(options))
          return this.#caller.callForJson(method, given, options);
        const response = this.#caller.call(method, given, options);
        if (setsRetention) void this.#lookSoonAfter(response);
        return response;
      },
    };
    // By this, servers know a method that is the log's own, and how to call it with text.
    if (isJson) Object.defineProperty(named[name], 'callJson', { value: this.callJson });
    if (isJson && !isAbortable) {
      Object.defineProperty(named[name], 'callJsonBatch', { value: this.callJsonBatch });
    }
    return named[name];
  }

  /**
   * Calls a method that takes long.
   *
   * @param {import('./methods.js').Method} method - The method.
   * @param {string} what - Its name for a person.
   * @param {unknown[]} given - What it is given, if it takes something.
   * @param {unknown} [options] - Its options.
   * @param {string[]} [known] - The options that there are, where these are fewer than those of all.
   * @param {(signal?: AbortSignal) => Promise<void> | undefined} [before] - Does what is to be done before it.
   */
  #operate(method, what, given, options, known, before) {
    const call = (progress, signal) => {
      const paths = method.parameters.includes('path')
        ? given.map((path) => pathText(path))
        : given;
      const text = encode(method.parameters, paths);
      const args = [method.number, text, progress];
      return this.#connection.step(method, 'operate', args, before?.(signal));
    };
    const addonOf = () => this.#connection.addon;
    return seldom.operate(method.type, { what, addonOf, call }, options, known);
  }

  /** Has events be looked for that are over the retention of an instance which has got one. */
  async #lookSoonAfter(responding) {
    const { success, data } = await responding;
    if (success && data.instance.retention !== undefined) this.#connection.retention?.lookSoon();
  }

  /** What trims are made with. */
  #trimming() {
    const call = (method, given, more, until) => this.#caller.call(method, given, more, until);
    return seldom.trimmingCalls(this.#connection, call);
  }

  /** What events in a row are read with by a method. */
  #readingOf(method) {
    return seldom.readingCalls(this.#connection, this.#caller.eventTypes, method);
  }

  /** What a projection is made with. */
  #projecting = {
    versions: () => this.#caller.eventTypes?.versions,
    load: (options) => this.#caller.call(methods.LOAD_SNAPSHOT, [options]),
    store: (options, until) =>
      this.#caller.call(methods.STORE_SNAPSHOT, [options], undefined, until),
    readAll: (options, site) => seldom.read(this.#readingOf(methods.READ_ALL), options, site),
    readStream: (options, site) => seldom.read(this.#readingOf(methods.READ_STREAM), options, site),
    awaitInstance: (options, site) =>
      new seldom.InstanceWait(this.#readingOf(methods.SUBSCRIBE), options, site),
    onClose: (listener) => this.#connection.onClose(listener),
  };

  /** What is decided with. */
  #deciding = {
    ...this.#projecting,
    loadDecision: (options) => this.#caller.call(methods.LOAD_DECISION, [options]),
    storeDecision: (params, until) =>
      this.#caller.call(methods.STORE_DECISION, [params], undefined, until),
    // Known once a call was answered.
    createsInstances: () => this.#connection.createsInstances,
  };
}

/**
 * A log that is opened at the first call, at the path that `locate()` gives then, with what `openingAt(path)` gives, as
 * `openingOf` does. `tellOpen` is called with `true` once it is open, and with `false` once it is closed.
 */
function unopenedLog(locate, openingAt, tellOpen = () => {}) {
  return new EventLog(KEY, new Connection(locate, openingAt, tellOpen));
}

module.exports = { EventLog, connectionIn, openLog, unopenedLog };
