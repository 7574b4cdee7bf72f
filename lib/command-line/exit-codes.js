'use strict';

// What the process ends with, by the code of the failure. The numbers are a promise to scripts.

/** The exit code of each failure. Those that are no code of the log are of the command line alone. */
const EXIT_CODES = {
  INTERNAL: 1,
  INVALID_ARGUMENT: 2,
  LOG_NOT_FOUND: 3,
  INSTANCE_NOT_FOUND: 4,
  EVENT_NOT_FOUND: 5,
  CONSUMER_NOT_FOUND: 6,
  INSTANCE_EXISTS: 7,
  LIMIT_EXCEEDED: 8,
  OVERLOADED: 9,
  LOCKED: 10,
  STORAGE_FAILED: 11,
  OUTCOME_UNKNOWN: 12,
  CORRUPTED: 13,
  UNSUPPORTED_FORMAT: 14,
  SEQUENCE_CONFLICT: 15,
  CONDITION_FAILED: 16,
  CHECKPOINT_CONFLICT: 17,
  IDEMPOTENCY_MISMATCH: 18,
  IMPORT_CONFLICT: 19,
  EVENT_FAILED: 20,
  APPLY_FAILED: 21,
  CLOSED: 22,
  ADDON_NOT_LOADED: 23,
  OUTPUT_FAILED: 24,
  INVALID_EVENT: 25,
  KEY_UNAVAILABLE: 26,
  TRIMMED: 27,
  NOT_PROVEN: 28,
  ABORTED: 130,
};

/** The exit code for an error that was thrown. One without a code is a fault of this program. */
function exitCodeOf(error) {
  return EXIT_CODES[error?.code] ?? EXIT_CODES.INTERNAL;
}

module.exports = { EXIT_CODES, exitCodeOf };
