// Failures: the codes that the server adds to those of the log, the HTTP status of each code, and responses that report
// one.

import { randomUUID } from 'node:crypto';

/** The HTTP status of each code: of the log first, then of the server. */
const STATUS = {
  INVALID_ARGUMENT: 400,
  LIMIT_EXCEEDED: 422,
  INSTANCE_NOT_FOUND: 404,
  INSTANCE_EXISTS: 409,
  SEQUENCE_CONFLICT: 409,
  CONDITION_FAILED: 409,
  CONSUMER_NOT_FOUND: 404,
  CHECKPOINT_CONFLICT: 409,
  IDEMPOTENCY_MISMATCH: 409,
  TRIMMED: 410,
  KEY_UNAVAILABLE: 503,
  CLOSED: 503,
  ABORTED: 503,
  OVERLOADED: 503,
  LOCKED: 503,
  STORAGE_FAILED: 507,
  OUTCOME_UNKNOWN: 500,
  CORRUPTED: 500,
  UNSUPPORTED_FORMAT: 500,
  INTERNAL: 500,
  INVALID_EVENT: 500,

  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  UNKNOWN_METHOD: 404,
  READING_NOT_FOUND: 404,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  UNSUPPORTED_MEDIA_TYPE: 415,
  BODY_TOO_LARGE: 413,
  HEADERS_TOO_LARGE: 431,
  TOO_MANY_CONNECTIONS: 503,
  TOO_MANY_READINGS: 429,
  TIMED_OUT: 504,
};

/** What is answered in the place of what was asked for: a code, and a sentence for a person. */
export class Failure extends Error {
  /**
   * @param {string} code - One of the codes of `STATUS`.
   * @param {string} message - What was wrong, what was expected and what was found.
   * @param {Record<string, string>} [headers] - What an answer over HTTP has besides.
   */
  constructor(code, message, headers = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}

/** How the log refuses what is right as such, and wrong for what else there is. */
const CONFLICTS = [
  // A position, or a number, past the last event of this log.
  /: expected (?:a number of )?at most .*\b(?:last event|the stream has)\b/,
  /^positions: expected positions up to that of the last event, \d+, found [1-9]\d*$/,
  // An event that is not there yet, before which there is to be none.
  /^beforePosition: expected a whole number from 1 to \d+, the position after the last event, found [1-9]\d*$/,
  // An event, or a tree, that is not there yet.
  /: expected (?:a position from 1 to \d+|at most the number of events, \d+), found [1-9]\d*$/,
  /^oldSize: expected a whole number from 0 to \d+, found \d+$/,
  // An instance without a tree.
  /^instance: expected one of which a checkpoint was made/,
  // A column that the rows of this query do not have, or have twice.
  /: expected (?:a column of the rows, |a name that the rows do not have already|each field once)/,
  // Bins that do not ascend.
  /: expected a number greater than the one before, /,
];

/**
 * The HTTP status of a failure.
 *
 * @param {{ code: string, message?: string, error?: string }} failure - A failure, or a failed response.
 */
export function statusOf({ code, message, error }) {
  const text = error ?? message ?? '';
  if (code === 'INVALID_ARGUMENT' && CONFLICTS.some((conflict) => conflict.test(text))) return 409;
  return STATUS[code] ?? 500;
}

/** What was thrown, as a failure. Readers of a log throw errors that have a code. */
export function asFailure(thrown) {
  if (thrown instanceof Failure) return thrown;
  if (typeof thrown?.code === 'string' && thrown.code in STATUS) {
    return new Failure(thrown.code, thrown.message);
  }
  return new Failure('INTERNAL', `a fault of the server: ${thrown?.message ?? thrown}`);
}

/** The response that reports a failure, of the form that the methods of a log have. */
export function failedResponse(type, { code, message }) {
  const timestamp = new Date().toISOString();
  return { type, success: false, error: message, code, timestamp, requestId: randomUUID() };
}

/** What was found in the place of something else, for a person. */
export function describe(value) {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Whether a value is an object with keys. */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
