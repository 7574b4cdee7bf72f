// Who may come in. The server listens on this machine only, but so do browsers: a page of any site can send requests to it,
// under this machine's name or under one of its own. And other users of the machine can.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Names of this machine that nobody else can give an address. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** What a token looks like. */
const TOKEN = /^[\x21-\x7E]{16,1024}$/;

/** What a token looks like, in words. */
export const TOKEN_RULE = '16 to 1024 printable ASCII characters without spaces';

/** The names under which an address can have the token. */
const TOKEN_KEYS = ['token', 'CODEBOLT_EVENTLOG_TOKEN'];

/** @param {unknown} token - What somebody has chosen. */
export function isToken(token) {
  return typeof token === 'string' && TOKEN.test(token);
}

/** @returns {string} A token that nobody can guess. */
export function makeToken() {
  return randomBytes(24).toString('base64url');
}

/**
 * @param {string} url - The address of a server.
 * @param {string | undefined} token - Its token.
 * @returns {string} An address that lets in who knows it.
 */
export function linkOf(url, token) {
  return token === undefined ? url : `${url}?token=${encodeURIComponent(token)}`;
}

/**
 * @param {string} host - A host, as it is given to `listen`.
 * @returns {boolean} Whether it is only reached from this machine.
 */
export function isLoopback(host) {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * @typedef {object} Refusal Why a request is not let in.
 * @property {number} status - The HTTP status.
 * @property {string} text - For who has sent it.
 * @property {Record<string, string>} [headers] - Headers of the response.
 */

/**
 * @param {object} rules - What is let in.
 * @param {string} rules.host - The host that the server listens on.
 * @param {string | undefined} rules.token - What a request has to know; `undefined`: nothing.
 * @param {string[]} rules.origins - Origins of pages that may send requests.
 * @returns {(request: import('node:http').IncomingMessage) => Refusal | undefined} Says why a request is not let in.
 */
export function makeDoors({ host, token, origins }) {
  const names = new Set([...LOOPBACK, host]);
  const expected = token === undefined ? undefined : digest(token);
  return (request) => {
    const { host: named, origin } = request.headers;
    if (!names.has(hostName(named))) {
      return { status: 403, text: 'Host: expected a name of this machine' };
    }
    if (origin !== undefined && !origins.includes(origin)) {
      return { status: 403, text: 'Origin: expected none, or one that --origin names' };
    }
    if (expected !== undefined && request.method !== 'OPTIONS' && !knows(request, expected)) {
      return {
        status: 401,
        text: 'expected the token of this server, as "Authorization: Bearer TOKEN" or as ?token=TOKEN',
        headers: { 'www-authenticate': 'Bearer' },
      };
    }
    return undefined;
  };
}

/** The name in a `Host` header, without its port. */
function hostName(header = '') {
  return header.toLowerCase().replace(/:\d+$/, '');
}

/** Compares digests, which have one length, so that the time says nothing about the token. */
function knows({ headers, url }, expected) {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const query = new URLSearchParams(url.split('?')[1]);
  return [bearer, ...TOKEN_KEYS.map((key) => query.get(key))]
    .filter((given) => typeof given === 'string')
    .some((given) => timingSafeEqual(digest(given), expected));
}

function digest(token) {
  return createHash('sha256').update(token).digest();
}
