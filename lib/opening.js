'use strict';

// What a log is opened with, of which the addon takes the part that is JSON.

const { url } = require('./builtins.js');
const { permittedValue } = require('./environment.js');
const { DECLARED, declaredIn, eventTypesOf } = require('./event-types/declared.js');
const { describe, invalid, invalidBy, Refusal } = require('./failure.js');
const { givenOf, unknownOption } = require('./given.js');
const { keyOfEnvironment, keyText } = require('./keys.js');
const native = require('./native.js');
const { isServerPath } = require('./server-path.js');

/** A path, which is given at `place`, as text. A URL would lose what it is on its way through JSON. */
function pathText(path, place = 'path') {
  return textOf(path, place, () => false);
}

/** The path of a log as text: that of a file, or the URL of a server. */
function logPath(path) {
  return textOf(path, 'path', isServerPath);
}

/** `isText` says which URLs are text as they are. The others are those of files. */
function textOf(path, place, isText) {
  if (typeof path !== 'object' || path === null) return path;
  try {
    const { href } = path;
    if (typeof href !== 'string') return path;
    return isText(href) ? href : url.fileURLToPath(href);
  } catch (error) {
    throw invalidBy(`${place}: expected a file: URL`, error);
  }
}

/** What the environment says where `autoCreateInstances` is not given; `otherwise` if it does not. */
function autoCreateBy(otherwise) {
  const value = permittedValue('CODEBOLT_EVENTLOG_AUTO_CREATE');
  switch (value) {
    case undefined:
    case '':
      return otherwise;
    case '1':
    case 'true':
      return true;
    case '0':
    case 'false':
      return false;
    default:
      throw invalid(
        `CODEBOLT_EVENTLOG_AUTO_CREATE: expected 1 or 0, found ${JSON.stringify(value)}`,
      );
  }
}

/** The default of the option `queuedBytesMax`, as the engine has it. */
const QUEUED_BYTES_MAX = 268_435_456;

/** The names of the options of logs in files, and of those that a server keeps. */
const [OF_FILES, OF_SERVERS] = [false, true].map((ofServer) => [
  ...native.optionNames(ofServer),
  'clock',
  ...DECLARED,
]);
const KNOWN = [...OF_FILES, ...OF_SERVERS];

/** The clock among the options for that path, what they declare of types of events, and the others, which are JSON. */
function split(options, path) {
  // What is no object at all is for the addon to refuse.
  if (!isObject(options)) return { clock: undefined, eventTypes: undefined, others: options };
  const { clock, ...others } = givenOf(options);
  if (clock !== undefined && typeof clock !== 'function') {
    throw invalid(`options.clock: expected a function, found ${describe(clock)}`);
  }
  // Before it is made JSON of, which says less of a schema under another name.
  const unknown = Object.keys(others).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    throw unknownOption(unknown, isServerPath(path) ? OF_SERVERS : OF_FILES);
  }
  const eventTypes = declaredIn(others);
  for (const key of DECLARED) delete others[key];
  return { clock, eventTypes, others };
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The options for that path, with the key and the path of the keyring as texts. The environment may name a key where none is
 * given. That of a log which a server keeps is another one, by which the server knows who asks.
 */
function keysOf(options, path) {
  const { key, keyring, ...others } = options;
  if (isServerPath(path)) others.key = key;
  else others.key = key === undefined ? keyOfEnvironment() : keyText(key, 'options.key');
  if (keyring !== undefined) others.keyring = pathText(keyring, 'options.keyring');
  return others;
}

/**
 * What a log is opened with: the arguments for the addon, the clock if there is one, what is declared of types of events,
 * how much may wait, whether it is opened for reading alone, and whether appends make instances. `creates` says so where neither the options nor the environment do.
 */
function openingOf(path, options, creates) {
  try {
    const text = logPath(path);
    const { clock, eventTypes, others } = split(options, text);
    const asked = others ?? {};
    const withKeys = isObject(asked) ? keysOf(asked, text) : asked;
    const byDefault = autoCreateBy(creates);
    const given = [text, withKeys, byDefault];
    const createsInstances = others?.autoCreateInstances ?? byDefault;
    const queuedBytesMax = others?.queuedBytesMax ?? QUEUED_BYTES_MAX;
    const isReadOnly = others?.readOnly === true;
    return { given, clock, createsInstances, eventTypes, queuedBytesMax, isReadOnly };
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalidBy('options', error);
  }
}

/** The time by a clock that a program gave, in whole milliseconds since the epoch. */
function timeOf(clock) {
  let now;
  try {
    now = clock();
  } catch (error) {
    throw invalidBy('options.clock: it threw', error);
  }
  const whole = typeof now === 'number' ? Math.trunc(now) : NaN;
  // The years 0000 to 9999, which are all that ISO 8601 writes with four digits.
  if (!(whole >= -62_167_219_200_000 && whole <= 253_402_300_799_999)) {
    const found = typeof now === 'number' ? String(now) : describe(now);
    const expected = 'expected epoch milliseconds within the years 0000 to 9999';
    throw invalid(`options.clock: ${expected}, found ${found}`);
  }
  return whole;
}

module.exports = { eventTypesOf, logPath, openingOf, pathText, timeOf };
