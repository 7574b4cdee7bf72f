'use strict';

// Cosignatures of witnesses: C2SP's `tlog-cosignature`, with Ed25519.
//
//     signature  8 bytes, big endian: when it was made, in seconds since 1970; then the signature of the message
//     message    "cosignature/v1", "time <seconds>", and the lines of the checkpoint

const { concat, toUtf8 } = require('./bytes.js');
const { invalid, kindOf } = require('./failure.js');
const { primitives } = require('./primitives.js');

const SIGNATURE_BYTES = 64;

const TIME_BYTES = 8;

/** The last second of the year 9999: no later one is written as the log writes times. */
const SECONDS_MAX = 253_402_300_799;

/** What a witness signs: that it has seen no longer tree of that log by then. */
const messageOf = (seconds, text) => toUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);

/**
 * Signs the text of a checkpoint as a witness.
 *
 * @param {string} text - Its lines.
 * @param {{ seed?: Uint8Array }} key - The signing key.
 * @param {number} ms - The time, in milliseconds since 1970.
 */
async function cosignatureOf(text, { seed }, ms) {
  const seconds = Math.floor(ms / 1000);
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  return concat(time, await primitives.sign(seed, messageOf(seconds, text)));
}

/** When a witness has signed a text, as ISO 8601; `undefined` if it has not. */
async function timeOfCosignature(text, { publicKey }, signature) {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const view = new DataView(signature.buffer, signature.byteOffset, TIME_BYTES);
  const seconds = view.getBigUint64(0);
  if (seconds > BigInt(SECONDS_MAX)) return undefined;
  const own = signature.subarray(TIME_BYTES);
  const isRight = await primitives.verify(publicKey, messageOf(seconds, text), own);
  return isRight ? new Date(Number(seconds) * 1000).toISOString() : undefined;
}

/** The time that a caller has given at a path, or now, in milliseconds since 1970. */
function timeAt(path, time) {
  if (time === undefined) return Date.now();
  const ms = typeof time === 'string' ? Date.parse(time) : NaN;
  if (ms >= 0 && ms / 1000 <= SECONDS_MAX) return ms;
  throw invalid(
    `${path}: expected a time from 1970 on, as ISO 8601, found ${typeof time === 'string' ? 'another text' : kindOf(time)}`,
  );
}

module.exports = { cosignatureOf, timeAt, timeOfCosignature };
