'use strict';

// A checkpoint of an instance: its tree grows to its last event, and what it is then is signed.

const { crypto, fs } = require('../builtins.js');
const { checkpointText, signNote } = require('../evidence/note.js');
const { signingKeyOf } = require('../evidence/keys.js');
const { describe, invalid, reason, told } = require('../failure.js');
const native = require('../native.js');
const { pathText } = require('../opening.js');
const { optionsOf } = require('../options.js');
const { abortion, isAborted } = require('../signal.js');
const { bySignal, unlessEnded } = require('../wait.js');
const { refusal } = require('../wire/calls.js');

const OPTIONS = ['instance', 'key', 'keyFile', 'origin', 'signal'];

/** The longest file that is taken for one of a key. */
const KEY_BYTES_MAX = 4096;

/**
 * Makes a checkpoint. `hash(options)` hashes a page of events, and `store(options, until)` keeps what it has given, unless the wait
 * for its turn is ended before; both give the response.
 */
async function checkpoint(type, { hash, store }, options) {
  try {
    const { instance, key, keyFile, origin, signal } = optionsOf(options, OPTIONS);
    const signer = await signerOf(key, keyFile);
    const grown = await grow({ hash, store }, instance, signal);
    if (grown === undefined) return refusal(type, abortion(signal, 'checkpoint'));
    if (!grown.success) return { ...grown, type };
    const { instanceId, size, root } = grown.data;
    const named = originOf(origin, signer.name, instanceId);
    const note = await signNote(checkpointText(named, size, root), signer);
    const [timestamp, requestId] = native.stampRefusal();
    return { type, success: true, data: { note, size, root }, timestamp, requestId };
  } catch (error) {
    return refusal(type, told(error));
  }
}

/** Who signs. What is wrong with a key is told without it. */
async function signerOf(key, keyFile) {
  if ((key === undefined) === (keyFile === undefined)) {
    const found = key === undefined ? 'neither' : 'both';
    throw invalid(`options: expected either key or keyFile to sign with, found ${found}`);
  }
  const [text, path] = key === undefined ? [await read(keyFile), 'keyFile'] : [key, 'key'];
  try {
    return await signingKeyOf(text, `options.${path}`);
  } catch (error) {
    throw error.code === 'INVALID_ARGUMENT' ? invalid(error.message) : error;
  }
}

async function read(keyFile) {
  const path = pathText(keyFile, 'options.keyFile');
  if (typeof path !== 'string') {
    throw invalid(`options.keyFile: expected a path or a file: URL, found ${describe(path)}`);
  }
  try {
    const { size } = await fs.promises.stat(path);
    if (size <= KEY_BYTES_MAX) return await fs.promises.readFile(path, 'utf8');
  } catch (error) {
    throw invalid(`options.keyFile: expected a file with a signing key: ${reason(error)}`);
  }
  throw invalid(`options.keyFile: expected at most ${KEY_BYTES_MAX} bytes, found more`);
}

/** What the checkpoint calls the tree: each instance has one of its own. */
function originOf(origin, name, instanceId) {
  if (origin === undefined) return `${name}/${encodeURIComponent(instanceId)}`;
  // oxlint-disable-next-line no-control-regex
  if (typeof origin === 'string' && /^[^\u0000-\u001f]+$/.test(origin) && origin.isWellFormed()) {
    return origin;
  }
  const found = typeof origin === 'string' ? 'another string' : describe(origin);
  throw invalid(`options.origin: expected a line of text, found ${found}`);
}

/**
 * Has the tree grow to so many events, or to the event that is the last one now. `undefined` once the signal was aborted.
 */
async function grow({ hash, store }, instance, signal, events) {
  const until = bySignal(signal, 'checkpoint');
  let size = events;
  while (!isAborted(signal)) {
    // Another one each time: an instance that was made anew meanwhile gets one of its own.
    const seed = crypto.randomBytes(32).toString('base64');
    const hashed = await hash({ instance, size, seed });
    if (!hashed.success) return hashed;
    const { number, from, to, isNew, reached, root, tiles } = hashed.data;
    size = hashed.data.size;
    if (isNew || to > from) {
      const made = { instance, number, from, to, reached, seed: isNew ? seed : undefined, tiles };
      // It may wait for another process. Hashes that are stored after all are those of the next checkpoint.
      const stored = await unlessEnded(store(made, until), until);
      if (!stored.success) return stored;
      // Somebody else has made it grow in the meantime.
      if (!stored.data.stored) continue;
    }
    if (root !== null) return hashed;
  }
  return undefined;
}

module.exports = { checkpoint, grow };
