'use strict';

// What has to live in JavaScript: promises and JSON belong to the context that loads this module
// (Jest gives each test file one of its own), so they are made here, and only text goes further.

const { CallSite, asFailure, failure, told } = require('./failure.js');
const { Promise } = require('./intrinsics.js');
const {
  AWAIT_COMMIT,
  AWAIT_END,
  BACKUP,
  CALLED,
  CLOSE,
  COMPACT,
  EXPORT_EVENTS,
  FINISH_EVENT,
  IMPORT_EVENTS,
  LOAD_DECISION,
  LOAD_SNAPSHOT,
  MOVE_CONSUMER,
  OPEN,
  PARK_EVENT,
  READ_ALL,
  READ_STREAM,
  STORE_DECISION,
  STORE_SNAPSHOT,
  SUBSCRIBE,
  VERIFY,
} = require('./methods.js');
const native = require('./native.js');
const { openingOf, pathText, timeOf } = require('./opening.js');
const { operate } = require('./operation.js');
const { decide } = require('./projection/decide.js');
const { project } = require('./projection/project.js');
const { InstanceWait } = require('./reading/instance-wait.js');
const { read } = require('./reading/reader.js');
const { Subscription } = require('./reading/subscription.js');
const { abortion, isAborted, signalOf } = require('./signal.js');
const { strictOf } = require('./strict.js');
const { Export } = require('./transfer/export.js');
const { exportIn } = require('./transfer/formatted-export.js');
const { importEvents } = require('./transfer/import.js');
const { encode, encodeWithRemark } = require('./wire/arguments.js');
const {
  Watch,
  drainIfEnding,
  expect,
  keepGiven,
  realm,
  refusal,
  settle,
} = require('./wire/calls.js');
const { remarked } = require('./wire/responses.js');

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
  /** Whether an append makes an instance that is not there, if it does not say so itself. */
  #createsInstances;
  /** Called with `true` once the log is open, and with `false` once it is closed. */
  #tellOpen;
  /** Called when the log is closed, with what it answers from then on. */
  #closeListeners = new Set();
  /** The methods that throw, once somebody has asked for them. */
  #strict;

  static {
    openLog = (log) => log.#open(new CallSite());
  }

  /** `locate` gives what the log is opened with, as `openingOf` does, when that is to be known. */
  constructor(key, locate, tellOpen = () => {}) {
    if (key !== KEY) throw new TypeError('expected EventLog.open(path), found new EventLog()');
    this.#locate = locate;
    this.#tellOpen = tellOpen;
    for (const method of CALLED) this[method.name] = this.#calling(method);
  }

  static async open(path, options) {
    const log = new EventLog(KEY, () => openingOf(path, options, false));
    await openLog(log);
    return log;
  }

  project = (options) => project(this.#projecting, options);

  decide = (options) => decide(this.#deciding, options);

  readAll = (options) => read(this.#readingOf(READ_ALL), options);

  readStream = (options) => read(this.#readingOf(READ_STREAM), options);

  subscribe = (options) => new Subscription(this.#readingOf(SUBSCRIBE), options);

  exportEvents = (options) => {
    const create = (text) => native.createExport(EXPORT_EVENTS.number, text);
    const step = (made) => this.#step(EXPORT_EVENTS, 'exportPage', [made]);
    const inOwnFormat = (own) => /** @type {any} */ (new Export(create, step, own));
    return exportIn(inOwnFormat, options);
  };

  importEvents = (source, options) => {
    const create = () => native.createImport(IMPORT_EVENTS.number);
    const step = (...given) => this.#step(IMPORT_EVENTS, 'importLines', given);
    const onClose = (listener) => this.#onClose(listener);
    const { getInstance } = /** @type {any} */ (this);
    return importEvents(
      IMPORT_EVENTS.type,
      { create, step, onClose, getInstance },
      source,
      options,
    );
  };

  verify = (options) => this.#operate(VERIFY, 'check', [], options);

  backup = (path, options) => this.#operate(BACKUP, 'backup', [path], options);

  compact = (options) => this.#operate(COMPACT, 'compaction', [], options, ['signal']);

  close = () => {
    const site = new CallSite();
    return new Promise((resolve, reject) => {
      this.#closed = true;
      this.#tellOpen(false);
      for (const listener of this.#closeListeners) listener(CLOSED);
      if (this.#native === undefined) {
        resolve(undefined);
        return;
      }
      const closed = (response) => {
        if (response.success) resolve(undefined);
        else reject(failure(response, site));
      };
      this.#native.close(settle, expect(CLOSE.type, closed));
    });
  };

  [Symbol.asyncDispose] = () => this.close();

  // A map of events is nothing but types.
  typed = () => this;

  get strict() {
    this.#strict ??= strictOf(this);
    return this.#strict;
  }

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
    const { given, clock, createsInstances } = this.#locate();
    const text = encode(OPEN.parameters, given);
    this.#clock = clock;
    this.#createsInstances = createsInstances;
    this.#native = native.EventLog.open(realm, settle, expect(OPEN.type, opened), text);
    this.#opening = opening;
    return opening;
  }

  /** The function by which a method is called. */
  #calling(method) {
    const { name, parameters, isAbortable } = method;
    const { length } = parameters;
    const named = {
      [name]: (...given) => {
        const options = isAbortable ? given[length] : undefined;
        given.length = length;
        return this.#call(method, given, options);
      },
    };
    return named[name];
  }

  /**
   * Calls a method with its arguments.
   *
   * @param {import('./methods.js').Method} method - The method.
   * @param {unknown[]} args - What it is given, in the order of its parameters.
   * @param {unknown} [options] - What has the signal that calls it off.
   */
  #call({ number: method, parameters, type, appends, keepsGiven }, args, options) {
    return this.#respond(type, (resolve) => {
      const signal = signalOf(options);
      const { text, remark } = appends
        ? encodeWithRemark(parameters, args)
        : { text: encode(parameters, args) };
      if (isAborted(signal)) {
        resolve(refusal(type, abortion(signal)));
        return;
      }
      const watch = signal && new Watch(signal);
      const answered =
        remark === undefined ? resolve : (response) => resolve(remarked(response, remark));
      const number = expect(type, answered);
      try {
        const isAbortable = watch !== undefined;
        const cancellation = this.#opened().call(settle, number, method, text, isAbortable);
        watch?.over(number, cancellation);
      } catch (error) {
        watch?.end();
        throw error;
      }
      if (keepsGiven) keepGiven(number, text);
    });
  }

  /**
   * Calls a method that takes long.
   *
   * @param {import('./methods.js').Method} method - The method.
   * @param {string} what - Its name for a person.
   * @param {unknown[]} given - The path that it is given, if it takes one.
   * @param {unknown} [options] - Its options.
   * @param {string[]} [known] - The options that there are, where these are fewer than those of all.
   */
  #operate(method, what, [path], options, known) {
    const call = (progress) => {
      const text = encode(method.parameters, path === undefined ? [] : [pathText(path)]);
      return this.#step(method, 'operate', [method.number, text, progress]);
    };
    return operate(method.type, what, call, options, known);
  }

  /**
   * What events in a row are read with: `step` reads a page, and `wait` waits for a commit; `move` moves
   * the consumer of a subscription, and tells where that stands. `finish` has an event be done that had been parked,
   * and `park` parks one. `event` reads one event anew, and `hold` keeps the process alive until it is ended or the log
   * is closed.
   */
  #readingOf(method) {
    return {
      create: (text) => native.createReading(method.number, text),
      step: (reading) => this.#step(method, 'readPage', [reading]),
      wait: (reading) => this.#step(AWAIT_COMMIT, 'awaitCommit', [reading]),
      move: (reading, ...to) => this.#step(MOVE_CONSUMER, 'moveConsumer', [reading, to]),
      finish: (reading, turn, position) =>
        this.#step(FINISH_EVENT, 'finishEvent', [reading, turn, position]),
      park: (reading, failed) => this.#step(PARK_EVENT, 'parkEvent', [reading, failed]),
      event: (_, text) => {
        const reading = native.createReading(READ_ALL.number, text);
        return this.#step(READ_ALL, 'readPage', [reading]);
      },
      hold: () => {
        const hold = native.createHold();
        const ended = this.#step(AWAIT_END, 'awaitEnd', [hold]);
        return { ended, end: () => native.endHold(hold) };
      },
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
    onClose: (listener) => this.#onClose(listener),
  };

  /** What is decided with. */
  #deciding = {
    ...this.#projecting,
    loadDecision: (options) => this.#call(LOAD_DECISION, [options]),
    storeDecision: (params) => this.#call(STORE_DECISION, [params]),
    // Known once a call was answered.
    createsInstances: () => this.#createsInstances,
  };

  /** Has `listener` called with what a closed log answers once this one is closed. Returns what takes that back. */
  #onClose(listener) {
    if (this.#closed) listener(CLOSED);
    else this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /** Makes a call that is more than its arguments, such as a step of an export: the addon's of that name. */
  #step({ type }, name, given) {
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
