'use strict';

// What has to live in JavaScript: promises and JSON belong to the context that loads this module
// (Jest gives each test file one of its own), so they are made here, and only text goes further.

const { join } = require('node:path');
const { fileURLToPath } = require('node:url');

const native = require('./native.js');

const realm = native.createRealm();

/** What to do with each response that is still to come, by the number that it comes under. */
const waiting = new Map();
let lastNumber = 0;

/** Takes the responses of one wake-up: the JSON text `[number, response, number, response, …]`. */
function settle(text) {
  const responses = JSON.parse(text);
  for (let i = 0; i < responses.length; i += 2) {
    const resolve = waiting.get(responses[i]);
    waiting.delete(responses[i]);
    resolve(responses[i + 1]);
  }
}

/** Keeps `resolve` under a new number. */
function expect(resolve) {
  lastNumber = (lastNumber + 1) >>> 0;
  waiting.set(lastNumber, resolve);
  return lastNumber;
}

/** Arguments that cannot be JSON text, with the code of the failure that this is. */
class Unencodable extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

// `where[0].value[0]` is the deepest place where a query holds anything.
const CHECKED_DEPTH = 4;

/**
 * Refuses functions and symbols where a call has its own keys: JSON.stringify would leave them out
 * without a word, and a payload that is a function would become an empty one. Within payload and
 * metadata that is what JSON does, and what the caller gets.
 */
function check(value, path, depth) {
  const type = typeof value;
  if (type === 'function' || type === 'symbol') {
    throw new Unencodable('INVALID_ARGUMENT', `${path}: expected JSON, found a ${type}`);
  }
  if (type !== 'object' || value === null || depth > CHECKED_DEPTH) return;
  if (typeof value.toJSON === 'function') return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) check(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    const isData = key === 'payload' || key === 'metadata';
    check(value[key], depth === 0 ? key : `${path}.${key}`, isData ? CHECKED_DEPTH + 1 : depth + 1);
  }
}

/** The JSON text of a call's arguments. */
function encode(args) {
  try {
    for (let i = 0; i < args.length; i += 1) check(args[i], `argument ${i + 1}`, 0);
    return JSON.stringify(args);
  } catch (error) {
    throw error instanceof Unencodable ? error : unencodable(error, args);
  }
}

/** What went wrong in JSON.stringify, in a toJSON method or in a getter, for a person. */
function unencodable(error, args) {
  if (error instanceof RangeError && /string length/.test(error.message)) {
    return new Unencodable(
      'LIMIT_EXCEEDED',
      'expected arguments whose JSON text fits into one string, found more',
    );
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return new Unencodable(
      'INVALID_ARGUMENT',
      'expected a value that JSON.stringify can write, found one that is nested too deeply',
    );
  }
  return new Unencodable(
    'INVALID_ARGUMENT',
    `expected a value that can be JSON, found ${blame(args)}: ${reason(error)}`,
  );
}

/** Where JSON.stringify fails: it asks for the value at fault last. */
function blame(args) {
  let last = '';
  try {
    JSON.stringify(args, (key, value) => {
      last = key;
      return value;
    });
  } catch {
    return `a problem at the key ${JSON.stringify(last)}`;
  }
  return 'a problem';
}

/** The text of whatever was thrown, which need not be an Error. */
function reason(thrown) {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'it threw a value that has no text';
  }
}

/** A failed response that is known without asking the engine. */
function refusal(method, code, error) {
  return JSON.parse(native.refusal(method, code, error));
}

/** The code of what was thrown here. What the engine throws is a fault of its own. */
function codeOf(thrown) {
  return thrown instanceof Unencodable ? thrown.code : 'STORAGE_FAILED';
}

/** What `open` and `close` reject with. */
function failure({ code, error }) {
  return Object.assign(new Error(error), { name: 'EventLogError', code });
}

/** The file of the default log, which the environment may name. */
function defaultPath() {
  return process.env.CODEBOLT_EVENTLOG_PATH || join('.codebolt', 'eventlog.redb');
}

/** A path as text. A URL would lose what it is on its way through JSON. */
function pathText(path) {
  if (typeof path !== 'object' || path === null || typeof path.href !== 'string') return path;
  try {
    return fileURLToPath(path.href);
  } catch (error) {
    throw new Unencodable('INVALID_ARGUMENT', `path: expected a file: URL: ${error.message}`);
  }
}

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

  static {
    openLog = (log) => log.#open();
  }

  /** `locate` gives the path and the options when the log is opened. */
  constructor(key, locate) {
    if (key !== KEY) throw new TypeError('expected EventLog.open(path), found new EventLog()');
    this.#locate = locate;
  }

  static async open(path, options) {
    const log = new EventLog(KEY, () => [pathText(path), options]);
    await openLog(log);
    return log;
  }

  createInstance = (name, description) => this.#call('createInstance', [name, description]);

  getInstance = (instanceId) => this.#call('getInstance', [instanceId]);

  listInstances = () => this.#call('listInstances', []);

  updateInstance = (instanceId, updates) => this.#call('updateInstance', [instanceId, updates]);

  deleteInstance = (instanceId) => this.#call('deleteInstance', [instanceId]);

  appendEvent = (params) => this.#call('appendEvent', [params]);

  appendEvents = (params) => this.#call('appendEvents', [params]);

  queryEvents = (query) => this.#call('queryEvents', [query]);

  getInstanceStats = (instanceId) => this.#call('getInstanceStats', [instanceId]);

  close = () =>
    new Promise((resolve, reject) => {
      this.#closed = true;
      if (this.#native === undefined) {
        resolve();
        return;
      }
      const closed = (response) => (response.success ? resolve() : reject(failure(response)));
      this.#native.close(settle, expect(closed));
    });

  [Symbol.asyncDispose] = () => this.close();

  /** A log that cannot be opened tries again at the next call. */
  #open() {
    this.#opening ??= new Promise((resolve, reject) => {
      const opened = (response) => {
        if (response.success) {
          resolve();
          return;
        }
        this.#opening = undefined;
        this.#native = undefined;
        reject(failure(response));
      };
      try {
        const text = encode(this.#locate());
        this.#native = native.EventLog.open(realm, settle, expect(opened), text);
      } catch (error) {
        opened({ success: false, code: codeOf(error), error: reason(error) });
      }
    });
    return this.#opening;
  }

  #call(method, args) {
    return new Promise((resolve) => {
      if (this.#closed) {
        resolve(refusal(method, 'CLOSED', 'the log was closed: open it again with EventLog.open'));
        return;
      }
      try {
        const text = encode(args);
        if (this.#native === undefined) {
          // The call itself is answered with the reason if the log cannot be opened.
          this.#open().catch(() => {});
        }
        this.#native[method](settle, expect(resolve), text);
      } catch (error) {
        resolve(refusal(method, codeOf(error), reason(error)));
      }
    });
  }
}

/** The default log: opened at the first call, in a file that is looked up then. */
const eventLog = new EventLog(KEY, () => [defaultPath(), undefined]);

function waitForConnection() {
  return openLog(eventLog);
}

function attach(codebolt, log = eventLog) {
  codebolt.eventLog = log;
  return codebolt;
}

module.exports = {
  __esModule: true,
  default: { eventLog, waitForConnection },
  eventLog,
  EventLog,
  attach,
  waitForConnection,
};
