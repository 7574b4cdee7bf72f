'use strict';

// The formats that an export can have, by their names.

const { modules, url } = require('../../builtins.js');
const { describeValue, invalid, invalidBy } = require('../../failure.js');
const { EXPORTED, OWN } = require('../format-names.js');
const { cloudEvents, cloudEventsBatch } = require('./cloud-events.js');
const { csv } = require('./csv.js');

const BUILT_IN = { cloudevents: cloudEvents, 'cloudevents-batch': cloudEventsBatch, csv };

/** Formats for the programs that analyse. Their writers are large, so they are a package of their own. */
const OF_PACKAGE = ['parquet', 'arrow'];

const PACKAGE = 'codebolt-eventlog-analysis';

/** The package with more formats, as this package sees it: beside it, where it is installed. */
async function packageFor(name) {
  let path;
  try {
    path = modules.createRequire(__filename).resolve(PACKAGE);
  } catch (error) {
    if (error?.code !== 'MODULE_NOT_FOUND') throw error;
    throw invalid(
      `options.format: "${name}" needs the package ${PACKAGE}: npm install ${PACKAGE}, or give a format of it`,
    );
  }
  return import(url.pathToFileURL(path).href);
}

/** Whether it is a format itself, by its shape. */
function isFormat(given) {
  try {
    return typeof given?.begin === 'function';
  } catch (error) {
    throw invalidBy('options.format: expected a format, found one that throws', error);
  }
}

/**
 * The format that was asked for, which is not the log's own.
 *
 * @param {any} given - A name, or a format itself.
 */
async function formatOf(given) {
  if (isFormat(given)) return given;
  if (typeof given === 'string' && Object.hasOwn(BUILT_IN, given)) return BUILT_IN[given];
  if (OF_PACKAGE.includes(given)) return (await packageFor(given))[given]();
  if (given === undefined || given === OWN) {
    throw invalid('options.columns: expected them with a format that has columns, such as csv');
  }
  throw invalid(
    `options.format: expected one of ${EXPORTED.join(', ')}, or a format of ${PACKAGE}, found ${describeValue(given)}`,
  );
}

module.exports = { formatOf };
