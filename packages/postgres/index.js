'use strict';

// The addon of codebolt-eventlog that keeps logs in PostgreSQL too. codebolt-eventlog loads it for a path that begins
// with postgres://: programs need not.

const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** Loads the addon of a platform, such as `linux-x64-gnu`; `undefined` if its package is not there. */
function load(platform) {
  const built = join(__dirname, `codebolt-eventlog-postgres.${platform}.node`);
  if (existsSync(built)) return require(built);
  try {
    // Each is named, so that programs which copy what an application needs find them.
    switch (platform) {
      case 'darwin-arm64':
        return require('codebolt-eventlog-postgres-darwin-arm64');
      case 'darwin-x64':
        return require('codebolt-eventlog-postgres-darwin-x64');
      case 'linux-arm64-gnu':
        return require('codebolt-eventlog-postgres-linux-arm64-gnu');
      case 'linux-arm64-musl':
        return require('codebolt-eventlog-postgres-linux-arm64-musl');
      case 'linux-x64-gnu':
        return require('codebolt-eventlog-postgres-linux-x64-gnu');
      case 'linux-x64-musl':
        return require('codebolt-eventlog-postgres-linux-x64-musl');
      case 'win32-arm64-msvc':
        return require('codebolt-eventlog-postgres-win32-arm64-msvc');
      case 'win32-x64-msvc':
        return require('codebolt-eventlog-postgres-win32-x64-msvc');
      default:
        return undefined;
    }
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

module.exports = { load };
