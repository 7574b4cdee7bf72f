'use strict';

// Paths of logs that a server keeps.

/** With what such a path begins, as in `src/request/options/server.rs`. */
const BEGINNING = /^postgres(?:ql)?:\/\//i;

/** Whether a path names a log that a server keeps. */
function isServerPath(path) {
  return typeof path === 'string' && BEGINNING.test(path);
}

/** A path as it may be shown: a URL without what can have a password, which is all before the hosts, and after `?`. */
function withoutSecrets(path) {
  if (!isServerPath(path)) return path;
  const [url] = path.split('?', 1);
  return url.replace(/\/\/.*@/s, '//');
}

module.exports = { isServerPath, withoutSecrets };
