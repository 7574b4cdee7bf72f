'use strict';

// As packages.js, for Bun, whose bundler takes an addon that is required by its package's name into what it makes.

/** Loads the addon of a platform, from where this file is; `undefined` if its package is not there. */
function loadPackage(platform) {
  // Within a `try` the bundler passes over the packages that are not installed.
  try {
    switch (platform) {
      case 'darwin-arm64':
        return require('codebolt-eventlog-darwin-arm64');
      case 'darwin-x64':
        return require('codebolt-eventlog-darwin-x64');
      case 'linux-arm64-gnu':
        return require('codebolt-eventlog-linux-arm64-gnu');
      case 'linux-arm64-musl':
        return require('codebolt-eventlog-linux-arm64-musl');
      case 'linux-x64-gnu':
        return require('codebolt-eventlog-linux-x64-gnu');
      case 'linux-x64-musl':
        return require('codebolt-eventlog-linux-x64-musl');
      case 'win32-arm64-msvc':
        return require('codebolt-eventlog-win32-arm64-msvc');
      case 'win32-x64-msvc':
        return require('codebolt-eventlog-win32-x64-msvc');
      default:
        return undefined;
    }
  } catch (error) {
    // The second is what the bundler has put there for a package that it did not find.
    if (error.code !== 'MODULE_NOT_FOUND' && error.code !== undefined) throw error;
    return undefined;
  }
}

module.exports = { loadPackage };
