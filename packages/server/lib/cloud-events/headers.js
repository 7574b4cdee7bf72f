// Attributes of a CloudEvent as headers of HTTP, in binary mode, and its data as a body.

import { Failure } from '../failures.js';
import { BATCHED, STRUCTURED } from './modes.js';

const PREFIX = 'ce-';

/** A media type whose content is JSON. In the JSON format, no type is taken for JSON too. */
const JSON_TYPE = /^[^/;\s]+\/(?:[^;\s]+\+)?json\s*(?:;|$)/i;

/** Media types whose content is text, if it is UTF-8. */
const TEXT_TYPE = /^(?:text\/|application\/(?:[^;\s]+\+)?(?:xml|yaml|javascript)\s*(?:;|$))/i;

const CHARSET = /;\s*charset="?([^";\s]+)/i;

/** Whether a media type says that data is JSON. */
function isJsonType(type) {
  return type === undefined || JSON_TYPE.test(type);
}

/** Whether data of a media type can be a string of the JSON format. */
function isTextType(type) {
  const [, charset = 'utf-8'] = CHARSET.exec(type) ?? [];
  return TEXT_TYPE.test(type) && /^(?:utf-8|us-ascii)$/i.test(charset);
}

/**
 * The value of an attribute as that of a header. Outside of visible ASCII, and for a blank, a quote and a percent sign, it
 * has the bytes of UTF-8.
 */
function headerValue(value) {
  const bytes = Buffer.from(String(value));
  let text = '';
  for (const byte of bytes) {
    const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x25;
    text += isPlain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** A value in double quotes without them, and without the backslashes before what they escape. */
function unquoted(value) {
  return /^"(?:[^"\\]|\\.)*"$/s.test(value)
    ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1')
    : value;
}

/** The bytes of a header's value, in which bytes may be written as a percent sign and two digits. */
function bytesOf(header) {
  // Node.js takes the bytes of headers for Latin-1; some senders do not escape UTF-8.
  const latin1 = unquoted(header).replaceAll(/%([\da-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(latin1, 'latin1');
}

/** The value of an attribute that a header has. */
function attributeValue(name, header) {
  const bytes = bytesOf(header);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Failure(
      'INVALID_ARGUMENT',
      `${name}: expected percent-encoded UTF-8, found other bytes`,
    );
  }
}

/** The data of a body, as members of the JSON format. Without a type it is bytes, also if they look like JSON. */
function dataOf(type, bytes) {
  if (bytes.length === 0) return {};
  const encoded = { data_base64: bytes.toString('base64') };
  if (type === undefined || (!isJsonType(type) && !isTextType(type))) return encoded;
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    if (!isJsonType(type)) return encoded;
    throw new Failure('INVALID_ARGUMENT', 'body: expected JSON in UTF-8, found other bytes');
  }
  if (!isJsonType(type)) return { data: text };
  try {
    return { data: JSON.parse(text) };
  } catch (error) {
    throw new Failure('INVALID_ARGUMENT', `body: expected JSON in UTF-8: ${error.message}`);
  }
}

/** A request without any attribute was probably to be in another mode, as one with a CloudEvent as `application/json`. */
function checkMode(headers) {
  if (Object.keys(headers).some((name) => name.startsWith(PREFIX))) return;
  const type = headers['content-type'];
  throw new Failure(
    'INVALID_ARGUMENT',
    `headers: expected the Content-Type ${STRUCTURED} or ${BATCHED}, or attributes of a CloudEvent such as ce-id, found ${type === undefined ? 'neither' : JSON.stringify(type.slice(0, 100))}`,
  );
}

/** An attribute that is there twice is none: Node.js would join both values. */
function checkOnce(rawHeaders) {
  const names = rawHeaders.filter((_, n) => n % 2 === 0).map((name) => name.toLowerCase());
  const twice = names.find((name, n) => name.startsWith(PREFIX) && names.indexOf(name) !== n);
  if (twice === undefined) return;
  throw new Failure('INVALID_ARGUMENT', `${twice}: expected it once`);
}

/**
 * The CloudEvent of a request in binary mode.
 *
 * @param {import('node:http').IncomingMessage} request - The request.
 * @param {Buffer} bytes - Its body.
 * @returns {object} The CloudEvent in the JSON format. Whether it is valid is not looked at.
 */
export function fromBinary({ headers, rawHeaders }, bytes) {
  const cloudEvent = {};
  checkMode(headers);
  checkOnce(rawHeaders);
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    if (name === 'datacontenttype') {
      throw new Failure('INVALID_ARGUMENT', `${header}: expected it as Content-Type alone`);
    }
    if (!/^[a-z\d]+$/.test(name) || name === 'data') {
      throw new Failure('INVALID_ARGUMENT', `${header}: expected the name of an attribute`);
    }
    cloudEvent[name] = attributeValue(header, value);
  }
  const type = headers['content-type'];
  if (type !== undefined) cloudEvent.datacontenttype = type;
  return { ...cloudEvent, ...dataOf(type, bytes) };
}

/**
 * The headers and the body of a CloudEvent in binary mode.
 *
 * @param {object} cloudEvent - The CloudEvent in the JSON format.
 * @returns {{ headers: Record<string, string>, body: Buffer } | undefined} `undefined` for one that this mode would
 *   alter: its data is no text, although its type says that it is no JSON, or its type can be no header.
 */
export function toBinary({ datacontenttype, data, data_base64: encoded, ...attributes }) {
  const headers = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`${PREFIX}${name}`, headerValue(value)]),
  );
  const hasData = data !== undefined || encoded !== undefined;
  const type = datacontenttype ?? (data === undefined ? undefined : 'application/json');
  if (type !== undefined && !/^[\t -~]*$/.test(type)) return undefined;
  if (type !== undefined) headers['Content-Type'] = type;
  if (!hasData) return { headers, body: Buffer.alloc(0) };
  if (encoded !== undefined) return { headers, body: Buffer.from(encoded, 'base64') };
  if (isJsonType(type)) return { headers, body: Buffer.from(JSON.stringify(data)) };
  return typeof data === 'string' ? { headers, body: Buffer.from(data) } : undefined;
}
