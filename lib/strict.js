'use strict';

// Exceptions in the place of failed responses, for those who prefer them.

const { CallSite, describe, failure, invalid } = require('./failure.js');
const {
  APPLY_RETENTION,
  BACKUP,
  CALLED,
  CHECKPOINT,
  COMPACT,
  COPY,
  ERASE_EVENTS,
  IMPORT_EVENTS,
  METRICS,
  ROTATE_KEY,
  TRIM_EVENTS,
  TRIM_STREAM,
  VERIFY,
} = require('./methods.js');

/** The `data` of a response to the call that was made at `site`. `responseOf` reads one of which a program has the text. */
function dataOf(given, site, responseOf) {
  const response = (Buffer.isBuffer(given) ? responseOf(given) : undefined) ?? given;
  if (typeof response?.success !== 'boolean') {
    throw invalid(`response: expected a response of a log, found ${describe(response)}`);
  }
  if (!response.success) throw failure(response, site);
  return response.data;
}

function unwrap(response, responseOf) {
  return dataOf(response, new CallSite(), responseOf);
}

/** The methods that resolve with a response. */
const RESPONDING = new Set([
  // Of a replica.
  'behind',
  'catchUp',
  ...[
    ...CALLED,
    CHECKPOINT,
    TRIM_EVENTS,
    TRIM_STREAM,
    ERASE_EVENTS,
    APPLY_RETENTION,
    ROTATE_KEY,
    IMPORT_EVENTS,
    COPY,
    METRICS,
    VERIFY,
    BACKUP,
    COMPACT,
  ].map(({ name }) => name),
]);

/** The methods of a log, of which those that resolve with a response resolve with its `data`, and reject if it failed. */
function strictOf(log, responseOf) {
  const strict = {};
  for (const [name, method] of Object.entries(log)) {
    if (RESPONDING.has(name)) {
      strict[name] = async (...given) => {
        const site = new CallSite();
        return dataOf(await method(...given), site, responseOf);
      };
    } else {
      strict[name] = method;
    }
  }
  delete strict.typed;
  return strict;
}

module.exports = { strictOf, unwrap };
