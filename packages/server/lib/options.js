// The options of a server: what they are when they are not given, and what is wrong with them.

import { randomBytes } from 'node:crypto';

import { isLoopback } from './access.js';
import { Failure, describe, isObject } from './failures.js';

const DEFAULTS = {
  port: 12_345,
  host: '127.0.0.1',
  readOnly: false,
  bodyBytesMax: 33_554_432,
  connectionsMax: 2_048,
  requestsMax: 16_384,
  pipelineMax: 256,
  readingsMax: 64,
  bufferedBytesMax: 1_048_576,
  requestTimeoutMs: 30_000,
  queryTimeoutMs: 30_000,
  stallTimeoutMs: 60_000,
  stopTimeoutMs: 5_000,
};

/** What nobody is to be shown. */
const SECRETS = ['token', 'signingKey'];

/** What a timer of Node.js takes at most. */
const MS_MAX = 2_147_483_647;

const wholeNumber = (min, max = Number.MAX_SAFE_INTEGER) => ({
  fits: (value) => Number.isSafeInteger(value) && value >= min && value <= max,
  expected: `a whole number from ${min} to ${max}`,
});
const text = {
  fits: (value) => typeof value === 'string' && value !== '',
  expected: 'a string that is not empty',
};
const truth = { fits: (value) => typeof value === 'boolean', expected: 'a boolean' };
const texts = {
  fits: (value) => Array.isArray(value) && value.every(text.fits),
  expected: 'an array of strings that are not empty',
};

/** What each option has to be. */
const KNOWN = {
  port: wholeNumber(0, 65_535),
  host: text,
  token: {
    fits: (value) => value === false || (text.fits(value) && /^[\x21-\x7e]{16,1024}$/.test(value)),
    expected: 'false, or 16 to 1024 printable ASCII characters without spaces',
  },
  // Whether it can sign is looked at when the server is started.
  signingKey: { fits: (value) => typeof value === 'string', expected: 'a string' },
  readOnly: truth,
  instances: texts,
  allowedHosts: texts,
  allowedOrigins: {
    fits: (value) =>
      texts.fits(value) && value.every((origin) => /^[a-z][a-z0-9+.-]*:\/\/[^/]+$/i.test(origin)),
    expected: 'an array of origins such as "https://example.com"',
  },
  tls: {
    fits: (value) => isObject(value) && [value.cert, value.key].every(isPem),
    expected: '{ cert, key } in PEM',
  },
  viewer: {
    fits: (value) => value === false || text.fits(value),
    expected: 'false, or the path of a folder',
  },
  bodyBytesMax: wholeNumber(1_024, 536_870_888),
  connectionsMax: wholeNumber(1),
  requestsMax: wholeNumber(1),
  pipelineMax: wholeNumber(1),
  readingsMax: wholeNumber(1),
  bufferedBytesMax: wholeNumber(1_024),
  requestTimeoutMs: wholeNumber(1, MS_MAX),
  queryTimeoutMs: wholeNumber(1, MS_MAX),
  stallTimeoutMs: wholeNumber(1, MS_MAX),
  stopTimeoutMs: wholeNumber(0, MS_MAX),
};

function isPem(value) {
  return typeof value === 'string' || Buffer.isBuffer(value);
}

/**
 * The options of a server, complete.
 *
 * @param {object} [given] - The options that the program gives.
 * @returns {object} All options. `token` is `undefined` if clients need none, and `madeToken` says whether it was made
 *   here.
 * @throws {Failure} `INVALID_ARGUMENT` if an option is unknown or wrong.
 */
export function completeOptions(given = {}) {
  if (!isObject(given)) {
    throw new Failure('INVALID_ARGUMENT', `options: expected an object, found ${describe(given)}`);
  }
  const entries = Object.entries(given).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  for (const [name, value] of entries) {
    if (!Object.hasOwn(KNOWN, name)) {
      const known = Object.keys(KNOWN).join(', ');
      throw new Failure(
        'INVALID_ARGUMENT',
        `options: unknown option ${JSON.stringify(name)}: expected one of ${known}`,
      );
    }
    const { fits, expected } = KNOWN[name];
    if (!fits(value)) {
      // A secret must not get into a log, not even a wrong one.
      const found =
        SECRETS.includes(name) || typeof value === 'object'
          ? describe(value)
          : JSON.stringify(value);
      throw new Failure('INVALID_ARGUMENT', `${name}: expected ${expected}, found ${found}`);
    }
  }
  const options = {
    allowedHosts: [],
    allowedOrigins: [],
    ...DEFAULTS,
    ...Object.fromEntries(entries),
  };
  if (options.token === false && !isLoopback(options.host)) {
    const host = JSON.stringify(options.host);
    throw new Failure(
      'INVALID_ARGUMENT',
      `token: expected a token, found false: only a server that listens at a loopback address can do without one, and ${host} is none`,
    );
  }
  return withToken(options);
}

function withToken({ token, ...options }) {
  if (token === false) return { ...options, token: undefined, madeToken: false };
  const madeToken = token === undefined;
  return {
    ...options,
    token: madeToken ? randomBytes(24).toString('base64url') : token,
    madeToken,
  };
}
