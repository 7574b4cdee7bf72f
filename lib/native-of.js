'use strict';

// Which addon serves a log, by its path: the one of this package, or the one that keeps logs in PostgreSQL too.

const { Refusal } = require('./failure.js');
const native = require('./native.js');
const { isServerPath } = require('./server-path.js');

/** The addon that serves the log at that path. Where a package is missing for that, the one of this package says so. */
function nativeOf(path) {
  if (!isServerPath(path) || native.engines().includes('postgres')) return native;
  try {
    const { postgresAddon } = require('./addon/postgres.js');
    return postgresAddon() ?? native;
  } catch (error) {
    const text = error.message.replace(/^codebolt-eventlog: /, '');
    throw new Refusal('STORAGE_FAILED', `path: ${text}`, { cause: error });
  }
}

module.exports = { nativeOf };
