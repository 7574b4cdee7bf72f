// Who may come in: tokens, and what browsers say of where a request comes from.

import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

import { Failure } from './failures.js';

/** The names under which a query string can have the token: the one of a client's environment first. */
export const TOKEN_KEYS = ['CODEBOLT_EVENTLOG_TOKEN', 'token'];

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/i;

/** Whether only this machine reaches a server that listens at `host`. */
export function isLoopback(host) {
  return LOOPBACK.test(host);
}

/** Decides on each request and upgrade. */
export class Access {
  #digest;
  #allowedHosts;
  #allowedOrigins;
  #cookieName;
  #isSecure;

  /**
   * @param {object} options
   * @param {string | undefined} options.token - What clients have to know; `undefined` if nothing.
   * @param {readonly string[]} options.allowedHosts - Names by which clients reach the server, beside localhost.
   * @param {readonly string[]} options.allowedOrigins - Origins of pages that may use it, beside its own.
   * @param {boolean} isSecure - Whether the server speaks TLS.
   */
  constructor({ token, allowedHosts, allowedOrigins }, isSecure) {
    this.#digest = token === undefined ? undefined : digestOf(token);
    this.#allowedHosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
    this.#allowedOrigins = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
    this.#isSecure = isSecure;
  }

  /** Names the cookie. Cookies do not know ports, so servers on one machine need names of their own. */
  set port(port) {
    this.#cookieName = `codebolt_eventlog_${port}`;
  }

  /**
   * Why a request or an upgrade is refused.
   *
   * @param {import('node:http').IncomingMessage} request - The request.
   * @param {URLSearchParams} query - Its query string.
   * @returns {Failure | undefined} The reason.
   */
  refusal(request, query) {
    return this.foreign(request) ?? this.#unknown(request, query);
  }

  /** Why a request comes from a place that it may not come from. A preflight is asked no more than this. */
  foreign({ headers, method }) {
    const host = hostNameOf(headers.host);
    if (host === undefined || !this.#isKnownHost(host)) {
      return new Failure(
        'FORBIDDEN',
        'Host: expected an IP address, localhost, or a name of `allowedHosts`',
      );
    }
    const { origin } = headers;
    if (origin !== undefined) {
      return this.isAllowedOrigin(origin) || isOwnOrigin(origin, headers.host)
        ? undefined
        : new Failure(
            'FORBIDDEN',
            'Origin: expected the origin of this server, or one of `allowedOrigins`',
          );
    }
    const site = headers['sec-fetch-site'];
    const isNavigation = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
    if (site === undefined || site === 'same-origin' || site === 'none' || isNavigation) {
      return undefined;
    }
    return new Failure('FORBIDDEN', 'Sec-Fetch-Site: expected a request of a page of this server');
  }

  /** Whether pages of another origin may use the server. */
  isAllowedOrigin(origin) {
    return this.#allowedOrigins.has(origin.toLowerCase());
  }

  /** The header that gives a browser the token of the link that it followed. */
  cookie(token) {
    const secure = this.#isSecure ? '; Secure' : '';
    return `${this.#cookieName}=${encodeURIComponent(token)}; Path=/; HttpOnly; SameSite=Strict${secure}`;
  }

  #isKnownHost(host) {
    return host === 'localhost' || isIP(host) !== 0 || this.#allowedHosts.has(host);
  }

  /** Why it is not known who asks. */
  #unknown({ headers }, query) {
    if (this.#digest === undefined) return undefined;
    const given = [
      bearerOf(headers.authorization),
      this.#cookieOf(headers.cookie),
      ...TOKEN_KEYS.map((key) => query.get(key)),
    ].filter((token) => typeof token === 'string' && token !== '');
    if (given.some((token) => timingSafeEqual(digestOf(token), this.#digest))) return undefined;
    const text =
      given.length === 0
        ? 'expected a token: `Authorization: Bearer`, the cookie of the sign-in link, or CODEBOLT_EVENTLOG_TOKEN in the query string'
        : 'expected the token of this server, found another one';
    return new Failure('UNAUTHORIZED', text, { 'WWW-Authenticate': 'Bearer' });
  }

  #cookieOf(cookies) {
    for (const cookie of (cookies ?? '').split(';')) {
      const [name, value] = cookie.split('=', 2);
      if (name.trim() === this.#cookieName) return decoded(value ?? '');
    }
    return undefined;
  }
}

/** Texts of any length have digests of one length, which can be compared in constant time. */
function digestOf(text) {
  return createHash('sha256').update(text).digest();
}

function bearerOf(header) {
  const [, token] = /^bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  return token;
}

function decoded(value) {
  try {
    return decodeURIComponent(value.trim());
  } catch {
    return undefined;
  }
}

/** The name or address of a `Host` header, in lower case and without the port. */
function hostNameOf(header) {
  const [, v6, name] = /^(?:\[([^\]]+)\]|([^:[\]/@\s]+))(?::\d*)?$/.exec(header ?? '') ?? [];
  return (v6 ?? name)?.toLowerCase();
}

/** Whether an origin is that of the server. Behind a proxy its scheme is the proxy's. */
function isOwnOrigin(origin, host) {
  const [, own] = /^https?:\/\/(.+)$/i.exec(origin) ?? [];
  return own !== undefined && own.toLowerCase() === host.toLowerCase();
}
