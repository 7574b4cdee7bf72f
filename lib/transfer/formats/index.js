'use strict';

// The formats that an export can have, by their names.

const { modules } = require('../../builtins.js');
const { describe, invalid } = require('../../failure.js');
const { EXPORTED, OWN } = require('../format-names.js');
const { cloudEvents, cloudEventsBatch } = require('./cloud-events.js');
const { csv } = require('./csv.js');

const BUILT_IN = { cloudevents: cloudEvents, 'cloudevents-batch': cloudEventsBatch, csv };

/** Formats for the programs that analyse. Their writers are large, so they are a package of their own. */
const OF_PACKAGE = ['parquet', 'arrow'];

const PACKAGE = 'codebolt-eventlog-analysis';

/** The package with more formats, as this package sees it, or else as the program does that was started. */
function packageOf(name) {
  const starts = [__filename, `${process.cwd()}/`];
  for (const start of starts) {
    try {
      return modules.createRequire(start)(PACKAGE);
    } catch (error) {
      if (error?.code !== 'MODULE_NOT_FOUND' || !error.message.includes(PACKAGE)) throw error;
    }
  }
  throw invalid(
    `options.format: "${name}" needs the package ${PACKAGE}: npm install ${PACKAGE}, or give a format of it`,
  );
}

/**
 * The format that was asked for, which is not the log's own.
 *
 * @param {any} given - A name, or a format itself.
 */
function formatOf(given) {
  if (typeof given?.begin === 'function') return given;
  if (Object.hasOwn(BUILT_IN, given)) return BUILT_IN[given];
  if (OF_PACKAGE.includes(given)) return packageOf(given)[given]();
  if (given === undefined || given === OWN) {
    throw invalid('options.columns: expected them with a format that has columns, such as csv');
  }
  const found = typeof given === 'string' ? JSON.stringify(given) : describe(given);
  throw invalid(
    `options.format: expected one of ${EXPORTED.join(', ')}, or a format of ${PACKAGE}, found ${found}`,
  );
}

module.exports = { formatOf };
