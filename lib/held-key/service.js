'use strict';

// Who holds the key of a log, such as a key management service: it encrypts the key, and decrypts it.

const { crypto, types } = require('../builtins.js');
const { Refusal, describe, invalid, invalidBy, reason } = require('../failure.js');
const { Pause } = require('../pause.js');
const { unlessEnded } = require('../wait.js');

/** How many bytes a key has. */
const KEY_BYTES = 32;

/** More than what any service makes of a key. */
const WRAPPED_BYTES_MAX = 8192;

/** How long a service may take to answer, in milliseconds, if the program says nothing else. */
const TIMEOUT_MS = 30_000;

const TIMEOUT_MS_MAX = 2_147_483_647;

/** What a key is known by, once it was decrypted. Of a key at random it says nothing. */
function checkOf(key) {
  const hash = crypto.createHash('sha256').update('codebolt-eventlog key\n').update(key);
  return hash.digest().subarray(0, 16).toString('base64');
}

/** Who encrypts and decrypts the log's key, as the program has given it at `place`. */
class KeyService {
  #given;
  #place;
  #timeoutMs;

  constructor(given, place) {
    this.#given = given;
    this.#place = place;
    try {
      for (const name of ['wrap', 'unwrap']) {
        if (typeof given[name] !== 'function') {
          throw invalid(`${place}.${name}: expected a function, found ${describe(given[name])}`);
        }
      }
      this.#timeoutMs = given.timeoutMs ?? TIMEOUT_MS;
    } catch (error) {
      throw error instanceof Refusal ? error : invalidBy(place, error);
    }
    const ms = this.#timeoutMs;
    if (!(Number.isInteger(ms) && ms > 0 && ms <= TIMEOUT_MS_MAX)) {
      const found = typeof ms === 'number' ? String(ms) : describe(ms);
      const expected = `expected a whole number from 1 to ${TIMEOUT_MS_MAX}`;
      throw invalid(`${place}.timeoutMs: ${expected}, found ${found}`);
    }
  }

  /** Encrypts a key, and makes sure that it can be decrypted again. */
  async wrap(key) {
    const wrapped = await this.#ask('wrap', key, `1 to ${WRAPPED_BYTES_MAX} bytes`, (length) => {
      return length > 0 && length <= WRAPPED_BYTES_MAX;
    });
    if (wrapped.includes(key)) {
      throw invalid(`${this.#place}.wrap: expected the key to be encrypted, found it as it was`);
    }
    const entry = { wrapped: wrapped.toString('base64'), check: checkOf(key) };
    await this.unwrap(entry);
    return entry;
  }

  /** Decrypts a key that was encrypted by `wrap`. */
  async unwrap({ wrapped, check }) {
    const bytes = Buffer.from(wrapped, 'base64');
    const isKey = (length) => length === KEY_BYTES;
    const key = await this.#ask('unwrap', bytes, `${KEY_BYTES} bytes`, isKey);
    if (checkOf(key) === check) return key;
    const text = `${this.#place}.unwrap: expected the key that was wrapped, found another one`;
    throw new Refusal('KEY_UNAVAILABLE', text);
  }

  /** Calls a function of the service with a copy of these bytes, and makes a copy of what it gives. */
  async #ask(name, bytes, expected, isLength) {
    const where = `${this.#place}.${name}`;
    const unavailable = (text, options) =>
      new Refusal('KEY_UNAVAILABLE', `${where}: ${text}`, options);
    const controller = new AbortController();
    const pause = new Pause();
    const endInTime = async (end) => {
      if (!(await pause.for(this.#timeoutMs))) return;
      controller.abort();
      end(unavailable(`expected an answer within ${this.#timeoutMs} ms, found none`));
    };
    const byTime = (end) => {
      void endInTime(end);
      return () => pause.end();
    };
    const { signal } = controller;
    const asked = async () => {
      try {
        return await this.#given[name](Uint8Array.from(bytes), { signal });
      } catch (error) {
        throw unavailable(`it has failed: ${reason(error)}`, { cause: error });
      }
    };
    const found = await unlessEnded(asked(), byTime);
    if (!types.isUint8Array(found)) {
      throw invalid(`${where}: expected ${expected}, found ${describe(found)}`);
    }
    if (isLength(found.byteLength)) return Buffer.from(found);
    throw invalid(`${where}: expected ${expected}, found ${found.byteLength} bytes`);
  }
}

/** A new key. */
const newKey = () => crypto.randomBytes(KEY_BYTES);

module.exports = { KeyService, newKey };
