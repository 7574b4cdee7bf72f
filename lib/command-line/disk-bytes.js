'use strict';

// How much of the disk a file takes, which is less than its length where the file has holes.

/**
 * @param {import('node:fs').Stats} stats - What the system says of the file.
 * @returns {number | undefined} The bytes; `undefined` on Windows, which does not say.
 */
function diskBytesOf(stats) {
  return process.platform === 'win32' ? undefined : stats.blocks * 512;
}

module.exports = { diskBytesOf };
