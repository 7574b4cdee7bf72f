'use strict';

// SHA-256 and Ed25519, by the cryptography of Node.js where there is one, and otherwise by that of the web platform.

const { concat, fromBase64 } = require('./bytes.js');

/** @typedef {typeof import('node:crypto')} NodeCrypto */

/** @type {NodeCrypto | undefined} */
const ofNode = globalThis.process?.getBuiltinModule?.('node:crypto');

/** What comes before the 32 bytes of a key in its DER: RFC 8410. */
const PUBLIC_PREFIX = Uint8Array.of(48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0);
const PRIVATE_PREFIX = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);

const ALGORITHM = 'Ed25519';

/** The bytes of a number of a JSON Web Key. */
function ofJwk(text) {
  const padded = text.replaceAll('-', '+').replaceAll('_', '/').padEnd(44, '=');
  return /** @type {Uint8Array} */ (fromBase64(padded));
}

/** By Node.js. */
class NodePrimitives {
  /** @param {NodeCrypto} crypto - Its module. */
  constructor(crypto) {
    this.crypto = crypto;
  }

  async sha256(bytes) {
    return new Uint8Array(this.crypto.createHash('sha256').update(bytes).digest());
  }

  #privateKey(seed) {
    const key = Buffer.from(concat(PRIVATE_PREFIX, seed));
    return this.crypto.createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }

  async publicKeyOf(seed) {
    const key = this.crypto.createPublicKey(this.#privateKey(seed));
    return ofJwk(key.export({ format: 'jwk' }).x);
  }

  async sign(seed, bytes) {
    return new Uint8Array(this.crypto.sign(null, bytes, this.#privateKey(seed)));
  }

  async verify(publicKey, bytes, signature) {
    const der = Buffer.from(concat(PUBLIC_PREFIX, publicKey));
    const key = this.crypto.createPublicKey({ key: der, format: 'der', type: 'spki' });
    return this.crypto.verify(null, bytes, key, signature);
  }
}

/** By the web platform. */
class WebPrimitives {
  get #subtle() {
    return globalThis.crypto.subtle;
  }

  async sha256(bytes) {
    return new Uint8Array(await this.#subtle.digest('SHA-256', bytes));
  }

  #privateKey(seed, isExtractable) {
    const der = concat(PRIVATE_PREFIX, seed);
    return this.#subtle.importKey('pkcs8', der, ALGORITHM, isExtractable, ['sign']);
  }

  async publicKeyOf(seed) {
    const key = await this.#privateKey(seed, true);
    const { x } = await this.#subtle.exportKey('jwk', key);
    return ofJwk(x);
  }

  async sign(seed, bytes) {
    const key = await this.#privateKey(seed, false);
    return new Uint8Array(await this.#subtle.sign(ALGORITHM, key, bytes));
  }

  async verify(publicKey, bytes, signature) {
    const key = await this.#subtle.importKey('raw', publicKey, ALGORITHM, false, ['verify']);
    return this.#subtle.verify(ALGORITHM, key, signature, bytes);
  }
}

/** `length` bytes that nobody can guess. */
function randomBytes(length) {
  const bytes = new Uint8Array(length);
  const crypto = globalThis.crypto ?? ofNode?.webcrypto;
  return crypto.getRandomValues(bytes);
}

module.exports = {
  WebPrimitives,
  primitives: ofNode === undefined ? new WebPrimitives() : new NodePrimitives(ofNode),
  randomBytes,
};
