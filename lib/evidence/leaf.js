'use strict';

// The leaf of an event, made of what an auditor is given. `src/evidence/leaf.rs` says what it is.

const { concat, fromBase64, toUtf8 } = require('./bytes.js');
const { kindOf, notProven } = require('./failure.js');
const { primitives } = require('./primitives.js');

const VERSION = 1;

/** The first byte of what is hashed for a commitment. */
const COMMITMENT = 2;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** ISO 8601 in UTC with milliseconds, as the log writes times: of the years 0000 to 9999. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The bytes of a number in 8 bytes, little endian. */
function long(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(number), true);
  return bytes;
}

/** The length of a text in 4 bytes, little endian, and the text. */
function counted(path, text) {
  const bytes = textBytes(path, text);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return concat(length, bytes);
}

function textBytes(path, text) {
  const bytes = typeof text === 'string' ? toUtf8(text) : undefined;
  if (bytes !== undefined) return bytes;
  throw notProven(`proof.event.${path}: expected a text, found ${kindOf(text)}`);
}

function hash(path, text) {
  const bytes = fromBase64(text, 32);
  if (bytes?.length === 32) return bytes;
  throw notProven(`proof.${path}: expected 32 bytes in base64, found something else`);
}

function whole(path, number) {
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw notProven(`proof.${path}: expected a whole number from 1, found ${String(number)}`);
}

function uuidBytes(id) {
  if (typeof id !== 'string' || !UUID.test(id)) {
    throw notProven('proof.event.id: expected a UUID, found something else');
  }
  const digits = id.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

function timeOf(time) {
  const ms = typeof time === 'string' && TIME.test(time) ? Date.parse(time) : NaN;
  // 30 February may be read as 1 March.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== time) {
    throw notProven('proof.event.timestamp: expected a time in UTC, found something else');
  }
  return ms;
}

/** The commitment to a text of an event. Of one that was erased, or a part of it, there is nothing else to verify. */
function commitment({ event, salts, commitments }, name) {
  if (isErased(commitments, name)) return hash(`commitments.${name}`, commitments[name]);
  const salt = hash(`salts.${name}`, salts[name]);
  const text = textBytes(name, event[name]);
  return primitives.sha256(concat(Uint8Array.of(COMMITMENT), salt, text));
}

/** Whether a text was erased, or a part of it: then there is the commitment, and no salt. */
function isErased(commitments, name) {
  return (commitments?.[name] ?? null) !== null;
}

/** An object, or the failure that there is none. */
function objectAt(path, value) {
  if (typeof value === 'object' && value !== null) return value;
  throw notProven(`${path}: expected an object, found ${kindOf(value)}`);
}

/**
 * What the leaf covers of a proof, each of it looked at once: what else is in it is not proven.
 *
 * @param {any} proof - What `proveInclusion` has answered.
 */
function coveredBy(proof) {
  const { position, event, salts, commitments } = objectAt('proof', proof);
  const { id, stream_id, event_type, timestamp, sequence_number, payload, metadata } = objectAt(
    'proof.event',
    event,
  );
  const header = { id, stream_id, event_type, timestamp, sequence_number };
  const kept = (commitments ?? null) === null ? {} : textsOf('proof.commitments', commitments);
  const gone = { payload: isErased(kept, 'payload'), metadata: isErased(kept, 'metadata') };
  // Of a text that was erased none is taken for proven.
  const left = (given) => ({
    payload: gone.payload ? null : given.payload,
    metadata: gone.metadata ? null : given.metadata,
  });
  const isGone = gone.payload && gone.metadata;
  const isWhole = !gone.payload && !gone.metadata;
  return {
    position,
    event: { ...header, ...left({ payload, metadata }) },
    salts: isGone ? null : left(textsOf('proof.salts', salts)),
    commitments: isWhole
      ? undefined
      : { payload: kept.payload ?? null, metadata: kept.metadata ?? null },
  };
}

/** What there is of both texts of an event. */
function textsOf(path, value) {
  const { payload, metadata } = objectAt(path, value);
  return { payload, metadata };
}

/**
 * The content of the leaf of an event.
 *
 * @param {ReturnType<typeof coveredBy>} covered - What it covers.
 */
async function leafOf(covered) {
  const { position, event } = covered;
  return concat(
    Uint8Array.of(VERSION),
    long(whole('position', position)),
    uuidBytes(event.id),
    long(timeOf(event.timestamp)),
    long(whole('event.sequence_number', event.sequence_number)),
    counted('stream_id', event.stream_id),
    counted('event_type', event.event_type),
    await commitment(covered, 'payload'),
    await commitment(covered, 'metadata'),
  );
}

module.exports = { coveredBy, leafOf };
