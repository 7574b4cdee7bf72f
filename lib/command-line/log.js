'use strict';

// Which log a command is about, and opening it.

const { statSync } = require('node:fs');

const { PATH_VARIABLE, defaultPath } = require('../default-path.js');
const { isServerPath } = require('../server-path.js');
const { CommandFailure, invalid } = require('./failure.js');
const { shown } = require('./text.js');

/** Where a log is, and who says so: the argument before the others, `--log`, the environment, or nobody. */
function locate({ argument, option }) {
  if (argument !== undefined && option !== undefined) {
    throw invalid(`expected the log once, found it as an argument and as --log`);
  }
  if (argument !== undefined) return { path: argument, source: 'the argument' };
  if (option !== undefined) return { path: option, source: '--log' };
  const named = (process.env[PATH_VARIABLE] ?? '') !== '';
  return { path: defaultPath(), source: named ? PATH_VARIABLE : 'the default' };
}

/** Refuses a log that is not there: reading makes none. */
function checkExists({ path, source }) {
  if (path === ':memory:') {
    const text = 'expected a file, found :memory:, which is a log of one process alone';
    throw invalid(`${text} (${source})`);
  }
  if (path === '') throw invalid(`expected the path of a log, found an empty text (${source})`);
  // Opening it says so.
  if (isServerPath(path)) return;
  try {
    statSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return;
    const advice = source === 'the default' ? `: name it with --log or ${PATH_VARIABLE}` : '';
    throw new CommandFailure(
      'LOG_NOT_FOUND',
      `there is no log at ${shown(path)} (${source})${advice}`,
    );
  }
}

/**
 * Opens a log for reading, or with `changes` for changing it. It has to be there, unless the command `creates` it.
 *
 * @param {{ path: string, source: string }} place - Which log, and what has named it.
 * @param {{ changes?: boolean, creates?: boolean, lockWaitMs?: number }} [how] - What for.
 */
async function openLog(place, { changes = false, creates = false, lockWaitMs } = {}) {
  if (!creates || place.path === ':memory:' || place.path === '') checkExists(place);
  // Only now: the addon takes longer to load than all of the command line.
  const { EventLog } = require('../exports.js');
  const wait = isServerPath(place.path) ? { serverWaitMs: lockWaitMs } : { lockWaitMs };
  return EventLog.open(place.path, { readOnly: !changes, ...wait });
}

module.exports = { checkExists, locate, openLog };
