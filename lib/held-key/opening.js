'use strict';

// A log whose key somebody else holds: the key lies beside the keyring, encrypted, and is decrypted when the log is opened.
// Whoever holds it is asked for nothing else, so no append waits for it.

const { Refusal } = require('../failure.js');
const { KeyFile, keyringOf } = require('./file.js');
const { KeyService, newKey } = require('./service.js');

/**
 * The keys that the log may have, encrypted. The first time one is made, and is on disk. A log that is opened to read alone
 * has none then.
 */
async function keptKeys(service, file, isReadOnly) {
  const kept = await file.read();
  if (kept.length > 0 || isReadOnly) return kept;
  if (file.hasKeyring) {
    throw new Refusal(
      'KEY_UNAVAILABLE',
      'options.key: expected the file with the key of the keyring, encrypted, beside it, found none: rotateKey makes it',
    );
  }
  // Before anything is locked or written: it may fail.
  const made = await service.wrap(newKey());
  return file.alone(async () => {
    const others = await file.read();
    if (others.length > 0) return others;
    await file.write([made]);
    return [made];
  });
}

/**
 * Opens a log: by `open(options)`, with the options of the program, but for the key in the place of the service that holds
 * it.
 */
async function openHeld(at, options, open) {
  const service = new KeyService(options.key, 'options.key');
  const keyring = keyringOf(at, options.keyring);
  const anyKey = () => open({ ...options, key: newKey() });
  if (keyring === undefined) return anyKey();
  const file = new KeyFile(keyring, options.lockWaitMs ?? undefined);
  const kept = await keptKeys(service, file, options.readOnly === true);
  if (kept.length === 0) return anyKey();
  let first;
  for (const entry of kept) {
    try {
      const key = await service.unwrap(entry);
      return await open({ ...options, key });
    } catch (error) {
      // There are two if it was not known, at the end of a process, which one the keyring has by now.
      if (error.code !== 'KEY_UNAVAILABLE') throw error;
      first ??= error;
    }
  }
  throw first;
}

module.exports = { openHeld };
