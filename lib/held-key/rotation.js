'use strict';

// Another key for the keyring of a log, whoever holds it, in the place of the one that it has.

const { told } = require('../failure.js');
const { isKeyService, keyGiven } = require('../keys.js');
const { isServerPath } = require('../server-path.js');
const { refusal } = require('../wire/calls.js');
const { KeyFile, keyringOf } = require('./file.js');
const { KeyService, newKey } = require('./service.js');

/** What rotating may fail with when it is not known which key the keyring has by then. */
const UNKNOWN = ['STORAGE_FAILED', 'INTERNAL'];

/** Has `rotate(text)` change the key of the keyring to a new one, which `key` holds. */
async function rotateToHeld(rotate, key, keyring) {
  const service = new KeyService(key, 'key');
  const next = newKey();
  const text = next.toString('base64');
  if (keyring === undefined) return rotate(text);
  const made = await service.wrap(next);
  const file = new KeyFile(keyring);
  return file.alone(async () => {
    const kept = await file.read();
    // Wherever this ends, the key is there that the keyring has.
    await file.write([made, ...kept]);
    const response = await rotate(text);
    if (response.success && hasChanged(response)) await file.write([made]);
    if (!response.success && !UNKNOWN.includes(response.code)) await restored(file, kept);
    return response;
  });
}

/**
 * Whether the keyring has another key by now. Where there was none, a process that has the log open with the key before may
 * still make one.
 */
const hasChanged = ({ data }) => data.keys > 0;

/** Has the file have what it had. If that fails, it has a key more, which opens nothing. */
async function restored(file, kept) {
  try {
    await (kept.length > 0 ? file.write(kept) : file.remove());
  } catch {
    // Why the key was not changed is told.
  }
}

/** Has `rotate(text)` change the key of the keyring to that text, which nobody else holds. */
async function rotateToText(rotate, text, keyring) {
  const file = keyring === undefined ? undefined : new KeyFile(keyring);
  if (file === undefined || (await file.read()).length === 0) return rotate(text);
  return file.alone(async () => {
    const response = await rotate(text);
    if (response.success && hasChanged(response)) await file.remove();
    return response;
  });
}

/**
 * Has the keyring of a log have a new key: the one that is given, or one of which `key` is the holder.
 *
 * @param {string} type - The type of the response.
 * @param {(text: string) => Promise<any>} rotate - Changes the key to that of the text, and gives the response.
 * @param {any} key - What the program has given.
 * @param {{ path: string, keyring?: string }} log - Where the log is, and its keyring if that is not beside it.
 */
async function rotateKey(type, rotate, key, log) {
  try {
    const keyring = isServerPath(log.path) ? undefined : keyringOf(log.path, log.keyring);
    if (isKeyService(key)) return await rotateToHeld(rotate, key, keyring);
    return await rotateToText(rotate, await keyGiven(key, 'key'), keyring);
  } catch (error) {
    return refusal(type, told(error));
  }
}

module.exports = { rotateKey };
