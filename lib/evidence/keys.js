'use strict';

// Keys of signed notes, as texts: those of Go's `golang.org/x/mod/sumdb/note` and of C2SP's `signed-note`.
//
//     verifier key  <name>+<key id>+<base64 of the type and 32 bytes of the public key>
//     signing key   PRIVATE+KEY+<name>+<key id>+<base64 of the type and 32 bytes of the private one>
//
// The type is 1 for the keys of logs, and 4 for those of witnesses, which sign as C2SP's `tlog-cosignature` says.

const { areEqual, concat, fromBase64, toBase64, toUtf8 } = require('./bytes.js');
const { invalid, kindOf } = require('./failure.js');
const { primitives, randomBytes } = require('./primitives.js');

/** The number of Ed25519 among the types of signatures, by which logs sign. */
const LOG = 1;

/** That of the cosignatures of witnesses, with Ed25519 too. */
const WITNESS = 4;

const PRIVATE = 'PRIVATE+KEY+';

/** Neither `+`, nor any space of Unicode, nor a control character: what a key may be called. */
const NAME = /^[^+\s\u0085\p{Cc}]+$/u;

/**
 * @typedef {object} NamedKey
 * @property {string} name - What the key is called.
 * @property {Uint8Array} id - Its four bytes by which a signature names it.
 * @property {number} type - What it signs: notes as a log does, or as a witness does.
 * @property {Uint8Array} publicKey - The public key.
 * @property {Uint8Array} [seed] - The private key of a signing key.
 */

function isKeyName(name) {
  return typeof name === 'string' && NAME.test(name) && name.isWellFormed();
}

/** The name of a key, if it can be one. */
function nameOf(name) {
  if (isKeyName(name)) return name;
  throw invalid(
    'name: expected the name of a key, such as example.com/log, without spaces and without +',
  );
}

/** The id of a key: C2SP's `signed-note` says how it is made. */
async function idOf(name, type, publicKey) {
  const hash = await primitives.sha256(concat(toUtf8(`${name}\n`), Uint8Array.of(type), publicKey));
  return hash.subarray(0, 4);
}

const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const textOf = (name, id, type, key) =>
  `${name}+${hexOf(id)}+${toBase64(concat(Uint8Array.of(type), key))}`;

/**
 * Makes a pair of keys.
 *
 * @param {string} name - What they are called, such as `example.com/log`.
 * @param {{ for?: 'log' | 'witness' }} [options] - Whose they are. Without it, those of a log.
 */
async function generateKeys(name, options) {
  const whose = options?.for ?? 'log';
  if (whose !== 'log' && whose !== 'witness') {
    throw invalid(`options.for: expected 'log' or 'witness', found another value`);
  }
  const type = whose === 'log' ? LOG : WITNESS;
  const seed = randomBytes(32);
  const publicKey = await primitives.publicKeyOf(seed);
  const id = await idOf(nameOf(name), type, publicKey);
  return {
    signingKey: PRIVATE + textOf(name, id, type, seed),
    verifierKey: textOf(name, id, type, publicKey),
  };
}

/**
 * The parts of a text of a key, which is of one of these types. Nothing of it is repeated in an error: it may be a
 * secret.
 */
function partsOf(text, path, what, types) {
  const expected = `${path}: expected ${what}`;
  if (typeof text !== 'string') throw invalid(`${expected}, found ${kindOf(text)}`);
  const [name, id, ...rest] = text.trim().split('+');
  const key = fromBase64(rest.join('+'), 64);
  if (!isKeyName(name) || !/^[\da-f]{8}$/.test(id ?? '') || key === undefined) {
    throw invalid(`${expected}, found another text`);
  }
  const [type] = key;
  if (!types.includes(type) || key.length !== 33) {
    const isOther = [LOG, WITNESS].includes(type) && key.length === 33;
    const found = { [LOG]: 'that of a log', [WITNESS]: 'that of a witness' };
    throw invalid(`${expected} of Ed25519, found ${isOther ? found[type] : 'one of another kind'}`);
  }
  return { name, id, type, key: key.subarray(1) };
}

/** The key that was meant, if its id fits. */
async function named(path, { name, id, type }, publicKey) {
  const expected = await idOf(name, type, publicKey);
  if (hexOf(expected) === id) return { name, id: expected, type, publicKey };
  throw invalid(`${path}: expected a key whose id fits to it, found one that was altered`);
}

/**
 * Reads a verifier key.
 *
 * @param {string} text - The key.
 * @param {string} [path] - What an error calls it.
 * @param {number[]} [types] - Which types it may have.
 * @returns {Promise<NamedKey>} The key.
 */
async function verifierKeyOf(text, path = 'key', types = [LOG]) {
  if (typeof text === 'string' && text.startsWith(PRIVATE)) {
    throw invalid(`${path}: expected a verifier key, found a signing key, which is a secret`);
  }
  const parts = partsOf(text, path, 'a verifier key, as in name+12ab34cd+base64', types);
  return named(path, parts, parts.key);
}

/**
 * Reads a signing key.
 *
 * @param {string} text - The key.
 * @param {string} [path] - What an error calls it.
 * @param {number[]} [types] - Which types it may have.
 * @returns {Promise<NamedKey>} The key.
 */
async function signingKeyOf(text, path = 'key', types = [LOG]) {
  const what = `a signing key, which begins with ${PRIVATE}`;
  const isPrivate = typeof text === 'string' && text.trim().startsWith(PRIVATE);
  const own = isPrivate ? text.trim().slice(PRIVATE.length) : text;
  const parts = partsOf(own, path, what, types);
  if (!isPrivate) throw invalid(`${path}: expected ${what}, found another key`);
  const publicKey = await primitives.publicKeyOf(parts.key);
  return { ...(await named(path, parts, publicKey)), seed: parts.key };
}

/**
 * The verifier key that belongs to a signing key.
 *
 * @param {string} signingKey - The signing key.
 */
async function verifierKeyFor(signingKey) {
  const { name, id, type, publicKey } = await signingKeyOf(signingKey, 'signingKey', [
    LOG,
    WITNESS,
  ]);
  return textOf(name, id, type, publicKey);
}

/** Whether a signature names this key. */
const isOf = (key, name, id) => key.name === name && areEqual(key.id, id);

module.exports = {
  LOG,
  WITNESS,
  generateKeys,
  isKeyName,
  isOf,
  signingKeyOf,
  verifierKeyFor,
  verifierKeyOf,
};
