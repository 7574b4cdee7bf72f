'use strict';

// Bytes, and their texts.

/** Base64 as RFC 4648 says in section 4. That its end is right shows when it is written again. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** How many bytes become characters at once: as many as a call may have arguments. */
const AT_ONCE = 8192;

/** The base64 of bytes. */
function toBase64(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  }
  return btoa(text);
}

/**
 * The bytes of a base64 text; `undefined` if it is none, or not the one that is written for these bytes, or if they are
 * more than `most`.
 */
function fromBase64(text, most = Infinity) {
  if (typeof text !== 'string' || text.length % 4 !== 0 || text.length > 4 * Math.ceil(most / 3)) {
    return undefined;
  }
  if (!BASE64.test(text)) return undefined;
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = characters.charCodeAt(at);
  return toBase64(bytes) === text ? bytes : undefined;
}

/** The bytes of a text in UTF-8; `undefined` for one with half of a surrogate pair. */
function toUtf8(text) {
  return text.isWellFormed() ? new TextEncoder().encode(text) : undefined;
}

/** All of these bytes, one after the other. */
function concat(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whether two sequences of bytes are the same. Nothing here is secret, so it may take as long as it takes. */
function areEqual(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

module.exports = { areEqual, concat, fromBase64, toBase64, toUtf8 };
