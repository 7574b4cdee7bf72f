// Who may come in. The server listens on this machine only, but so do browsers: a page of any site can send requests to it,
// under this machine's name or under one of its own. And other users of the machine can.

import { createHash, timingSafeEqual } from 'node:crypto';

/** Names of this machine that nobody else can give an address. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The fewest characters of a token that somebody chooses. */
export const TOKEN_LENGTH_MIN = 16;

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
    const { host: named, origin, authorization } = request.headers;
    if (!names.has(hostName(named))) {
      return { status: 421, text: 'Host: expected a name of this machine' };
    }
    if (origin !== undefined && !origins.includes(origin)) {
      return { status: 403, text: 'Origin: expected none, or one that --origin names' };
    }
    if (expected !== undefined && request.method !== 'OPTIONS' && !knows(authorization, expected)) {
      return {
        status: 401,
        text: 'Authorization: expected "Bearer " and the token of this server',
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
function knows(authorization = '', expected) {
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  return given !== undefined && timingSafeEqual(digest(given), expected);
}

function digest(token) {
  return createHash('sha256').update(token).digest();
}
