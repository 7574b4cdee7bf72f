'use strict';

// The packages that have the addon, one for each platform.
//
// Bundlers cannot put an addon into a script. They leave these packages alone, since the function that loads them is not
// the `require` which they know, while programs that copy what an application needs follow them.

const { modules } = require('../builtins.js');

/** Loads the addon of a platform as the script at `place` would; `undefined` if its package is not there. */
function loadPackage(platform, place) {
  try {
    // Those programs know a `require` of another place by just this expression.
    // oxlint-disable-next-line no-shadow
    const module = modules;
    const load = module.createRequire(place);
    switch (platform) {
      case 'darwin-arm64':
        return load('codebolt-eventlog-darwin-arm64');
      case 'darwin-x64':
        return load('codebolt-eventlog-darwin-x64');
      case 'linux-arm64-gnu':
        return load('codebolt-eventlog-linux-arm64-gnu');
      case 'linux-arm64-musl':
        return load('codebolt-eventlog-linux-arm64-musl');
      case 'linux-x64-gnu':
        return load('codebolt-eventlog-linux-x64-gnu');
      case 'linux-x64-musl':
        return load('codebolt-eventlog-linux-x64-musl');
      case 'win32-arm64-msvc':
        return load('codebolt-eventlog-win32-arm64-msvc');
      case 'win32-x64-msvc':
        return load('codebolt-eventlog-win32-x64-msvc');
      default:
        return undefined;
    }
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

module.exports = { loadPackage };
