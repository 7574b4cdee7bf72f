'use strict';

// The key of a log, with which the keys of subjects are encrypted: given as bytes, as their base64, or by a function that
// has it from elsewhere, or named by the environment. What holds one without giving it is in `held-key/`. What is wrong with one is told without it.

const { fs, types } = require('./builtins.js');
const { permittedValue } = require('./environment.js');
const { Refusal, describe, invalid, reason } = require('./failure.js');
const { isServerPath } = require('./server-path.js');

/** How many bytes a key has. */
const KEY_BYTES = 32;

/** The longest file that is taken for one of a key. */
const FILE_BYTES_MAX = 4096;

/** The variables of the environment that have a key, and the path of a file with one. */
const KEY_VARIABLE = 'CODEBOLT_EVENTLOG_KEY';
const FILE_VARIABLE = 'CODEBOLT_EVENTLOG_KEY_FILE';

const EXPECTED = 'expected 32 bytes, or their base64';

/** The base64 of a key that is given at `place`. A text is for the addon to check. */
function keyText(key, place) {
  if (typeof key === 'string') return key;
  if (!types.isUint8Array(key)) throw invalid(`${place}: ${EXPECTED}, found ${describe(key)}`);
  if (key.byteLength !== KEY_BYTES) {
    throw invalid(`${place}: ${EXPECTED}, found ${key.byteLength} bytes`);
  }
  return Buffer.from(key.buffer, key.byteOffset, KEY_BYTES).toString('base64');
}

/** The key that a file has, which has its bytes or their base64. */
function keyInFile(path, place) {
  let bytes;
  try {
    const { size } = fs.statSync(path);
    bytes = size <= FILE_BYTES_MAX ? fs.readFileSync(path) : undefined;
  } catch (error) {
    throw invalid(`${place}: expected a file with a key: ${reason(error)}`);
  }
  if (bytes === undefined) {
    throw invalid(`${place}: expected a file of at most ${FILE_BYTES_MAX} bytes, found more`);
  }
  return bytes.length === KEY_BYTES ? bytes.toString('base64') : bytes.toString('utf8').trim();
}

/** The key that the environment names, if it does. */
function keyOfEnvironment() {
  const key = permittedValue(KEY_VARIABLE);
  const path = permittedValue(FILE_VARIABLE);
  if (!key && !path) return undefined;
  if (key && path) {
    throw invalid(`${KEY_VARIABLE} and ${FILE_VARIABLE}: expected one of them, found both`);
  }
  return key || keyInFile(path, FILE_VARIABLE);
}

/** The key that a program has given at `place`: what a function gives, or promises, is the key. */
async function keyGiven(key, place) {
  if (typeof key !== 'function') return keyText(key, place);
  let given;
  try {
    given = await key();
  } catch (error) {
    const text = `${place}: the function that was to give the key has failed: ${reason(error)}`;
    throw new Refusal('KEY_UNAVAILABLE', text, { cause: error });
  }
  return keyText(given, place);
}

/** Whether the options of a log have a function that gives the key. */
function hasKeyFunction(options) {
  try {
    return typeof options?.key === 'function';
  } catch {
    // A getter that throws is told where all options are read.
    return false;
  }
}

/** The options of a log, with the key in the place of the function that gives it. */
async function withKey(options) {
  return { ...options, key: await keyGiven(options.key, 'options.key') };
}

/** Whether the options of a log name somebody who holds its key. */
function hasKeyService(options, path) {
  try {
    return isKeyService(options?.key) && !isServerPath(path);
  } catch {
    // A getter that throws is told where all options are read.
    return false;
  }
}

/** Whether what is given as a key is somebody who holds one. */
function isKeyService(key) {
  const isObject = typeof key === 'object' && key !== null && !types.isUint8Array(key);
  return isObject && ('wrap' in key || 'unwrap' in key);
}

module.exports = {
  hasKeyFunction,
  hasKeyService,
  isKeyService,
  keyGiven,
  keyInFile,
  keyOfEnvironment,
  keyText,
  withKey,
};
