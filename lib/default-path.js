'use strict';

// Where the log is that nobody has named: for programs and for the command line.

const { path } = require('./builtins.js');

/** The variable of the environment that names the file of the default log. */
const PATH_VARIABLE = 'CODEBOLT_EVENTLOG_PATH';

/** The file of the default log, which the environment may name. */
function defaultPath() {
  return process.env[PATH_VARIABLE] || path.join('.codebolt', 'eventlog.redb');
}

module.exports = { PATH_VARIABLE, defaultPath };
