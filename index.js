'use strict';

// What has to live in JavaScript: promises and JSON belong to the context that loads this module
// (Jest gives each test file one of its own), so they are made here, and only text goes further.

const { join } = require('node:path');
const { fileURLToPath } = require('node:url');
const types = require('node:util/types');

const native = require('./native.js');

const realm = native.createRealm();
drainAtExit();

/** Whether the process is ending, so that nothing can be waited for any more. */
let ending = false;

/**
 * Has what was called committed when the process ends in a way that can be noticed.
 *
 * `process.exit()` and an uncaught exception end it with calls in flight, and what was called last
 * often says why. A process has one listener, whatever number of times this module is loaded.
 */
function drainAtExit() {
  const key = Symbol.for('codebolt-eventlog.drains');
  if (process[key] === undefined) {
    const drains = new Set();
    Object.defineProperty(process, key, { value: drains });
    process.on('exit', () => drains.forEach((drain) => drain()));
  }
  process[key].add(() => {
    ending = true;
    native.drain(realm);
  });
}

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

/** Objects that JSON.stringify writes as `{}`, or without what they are there for. */
const LOST_OBJECTS = [
  [types.isNativeError, 'an Error: give its name, message and stack'],
  [types.isMap, 'a Map: give Object.fromEntries(map)'],
  [types.isSet, 'a Set: give [...set]'],
  [types.isPromise, 'a promise: await it'],
  [types.isRegExp, 'a RegExp: give its source'],
];

/** What JSON.stringify would leave out or alter without a word; else `undefined`. */
function lostInJson(value) {
  const type = typeof value;
  if (type === 'function' || type === 'symbol') return `a ${type}`;
  if (type === 'number' && !Number.isFinite(value)) return String(value);
  if (type !== 'object' || value === null) return undefined;
  // Almost every value, and the tests below cost a call into C++ each.
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) return undefined;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : undefined;
  if (typeof value.toJSON === 'function') return undefined;
  return LOST_OBJECTS.find(([is]) => is(value))?.[1];
}

/**
 * Refuses such values where a call has keys of its own: a payload that is a function would become
 * an empty one, and a comparison with NaN one with null. Within payload and metadata that is what
 * JSON does, and what the caller gets.
 */
function check(value, path, depth) {
  const lost = lostInJson(value);
  if (lost !== undefined) {
    throw new Unencodable('INVALID_ARGUMENT', `${path}: expected JSON, found ${lost}`);
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > CHECKED_DEPTH && typeof value.toJSON !== 'function') return;
  if (typeof value.toJSON === 'function') return checkWritten(value, path);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      if (value[i] === undefined) {
        throw new Unencodable('INVALID_ARGUMENT', `${path}[${i}]: expected JSON, found undefined`);
      }
      check(value[i], `${path}[${i}]`, depth + 1);
    }
    return;
  }
  for (const key of Object.keys(value)) {
    const isData = key === 'payload' || key === 'metadata';
    check(value[key], member(path, key), isData ? CHECKED_DEPTH + 1 : depth + 1);
  }
}

/** Refuses a value whose own `toJSON` writes nothing. */
function checkWritten(value, path) {
  if (JSON.stringify(value) === undefined) {
    throw new Unencodable('INVALID_ARGUMENT', `${path}: expected JSON, found a toJSON without any`);
  }
}

/** The path of a member. The keys of the object that is the call itself are named without it. */
function member(path, key) {
  return path === 'params' || path === 'query' ? key : `${path}.${key}`;
}

/** The JSON text of a call's arguments, which are given by name. */
function encode(args) {
  try {
    for (const name of Object.keys(args)) check(args[name], name, 0);
    return JSON.stringify(Object.values(args));
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
    `${blame(args)}: expected a value that can be JSON: ${reason(error)}`,
  );
}

/** How deep the place of a failure is looked for. */
const BLAMED_DEPTH = 200;

/** The path of the first value that JSON.stringify cannot write: it reads values in this order. */
function blame(args) {
  return failingPath(args, '', []) ?? 'arguments';
}

function failingPath(value, path, holders) {
  if (typeof value === 'bigint' && typeof value.toJSON !== 'function') return path;
  if (typeof value !== 'object' || value === null) return undefined;
  if (holders.includes(value) || holders.length > BLAMED_DEPTH) return path;
  const inner = [...holders, value];
  try {
    if (typeof value.toJSON === 'function') return failingPath(value.toJSON(), path, inner);
  } catch {
    return path;
  }
  for (const key of Object.keys(value)) {
    const place = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : member(path, key);
    try {
      const found = failingPath(value[key], place, inner);
      if (found !== undefined) return found;
    } catch {
      return place;
    }
  }
  return undefined;
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

/** What a closed log answers. */
const CLOSED = { code: 'CLOSED', error: 'the log was closed: open it again with EventLog.open' };

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
    const log = new EventLog(KEY, () => ({ path: pathText(path), options }));
    await openLog(log);
    return log;
  }

  createInstance = (name, description) => this.#call('createInstance', { name, description });

  getInstance = (instanceId) => this.#call('getInstance', { instanceId });

  listInstances = () => this.#call('listInstances', {});

  updateInstance = (instanceId, updates) => this.#call('updateInstance', { instanceId, updates });

  deleteInstance = (instanceId) => this.#call('deleteInstance', { instanceId });

  appendEvent = (params) => this.#call('appendEvent', { params });

  appendEvents = (params) => this.#call('appendEvents', { params });

  queryEvents = (query) => this.#call('queryEvents', { query });

  getInstanceStats = (instanceId) => this.#call('getInstanceStats', { instanceId });

  close = () =>
    new Promise((resolve, reject) => {
      this.#closed = true;
      if (this.#native === undefined) {
        resolve();
        return;
      }
      const closed = (response) => {
        if (response.success) resolve();
        else reject(failure(response));
      };
      this.#native.close(settle, expect(closed));
    });

  [Symbol.asyncDispose] = () => this.close();

  /** A log that cannot be opened tries again at the next call. */
  #open() {
    if (this.#closed) return Promise.reject(failure(CLOSED));
    if (this.#opening === undefined) {
      const opening = this.#start();
      this.#opening = opening;
      opening.catch(() => {
        if (this.#opening === opening) this.#opening = undefined;
      });
    }
    return this.#opening;
  }

  #start() {
    return new Promise((resolve, reject) => {
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
  }

  #call(method, args) {
    return new Promise((resolve) => {
      if (this.#closed) {
        resolve(refusal(method, CLOSED.code, CLOSED.error));
        return;
      }
      try {
        const text = encode(args);
        if (this.#native === undefined) {
          // The call itself is answered with the reason if the log cannot be opened.
          this.#open().catch(() => {});
        }
        this.#native[method](settle, expect(resolve), text);
        if (ending) native.drain(realm);
      } catch (error) {
        resolve(refusal(method, codeOf(error), reason(error)));
      }
    });
  }
}

/** The default log: opened at the first call, in a file that is looked up then. */
const eventLog = new EventLog(KEY, () => ({ path: defaultPath(), options: undefined }));

function waitForConnection() {
  return openLog(eventLog);
}

function attach(codebolt, log = eventLog) {
  // An assignment would fail where a class has a getter of that name.
  Object.defineProperty(codebolt, 'eventLog', {
    value: log,
    configurable: true,
    enumerable: true,
    writable: true,
  });
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
