'use strict';

// What `project` and `decide` are asked for.

const { Refusal, describe, describeValue, invalid, invalidBy } = require('../failure.js');
const { givenOf, unknownOption } = require('../given.js');
const { checkFlag } = require('../reading/reader.js');
const { signalAt } = require('../signal.js');

/** The options of any state that events are taken into. */
const FOLDED = [
  'instance',
  'stream',
  'initial',
  'apply',
  'name',
  'version',
  'snapshotEvery',
  'signal',
];

const PROJECTED = [...FOLDED, 'where', 'awaitInstance'];

const DECIDED = [...FOLDED, 'decide', 'idempotencyKey', 'retries', 'autoCreateInstance'];

/** The options, which are looked at once. */
function copyOf(given) {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(`options: expected an object, found ${describe(given)}`);
  }
  // Before the first event there may be nothing, which is a state.
  return givenOf(given, ['initial']);
}

function knownOf(given, known) {
  let options;
  try {
    options = copyOf(given);
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalidBy('options', error);
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw unknownOption(unknown, known);
  }
  return options;
}

function checkFunction(path, value) {
  if (typeof value !== 'function') {
    throw invalid(`${path}: expected a function, found ${describe(value)}`);
  }
}

function checkFolded({ apply, name, version, snapshotEvery, signal }) {
  if (signal !== undefined) signalAt('signal', signal);
  checkFunction('apply', apply);
  if (!['string', 'number', 'undefined'].includes(typeof version)) {
    throw invalid(`version: expected a string or a number, found ${describe(version)}`);
  }
  if (snapshotEvery !== undefined && !(Number.isSafeInteger(snapshotEvery) && snapshotEvery > 0)) {
    throw invalid(
      `snapshotEvery: expected a whole number from 1, found ${describeValue(snapshotEvery)}`,
    );
  }
  if (name === undefined && (snapshotEvery !== undefined || version !== undefined)) {
    const key = snapshotEvery === undefined ? 'version' : 'snapshotEvery';
    throw invalid(
      `name: expected the name by which snapshots are found, with ${key}, found nothing`,
    );
  }
}

/** The options of `project`. */
function projectionOf(given) {
  const options = knownOf(given, PROJECTED);
  checkFolded(options);
  checkFlag('awaitInstance', options.awaitInstance ?? false);
  return options;
}

/** The options of `decide`. */
function decisionOf(given) {
  const options = knownOf(given, DECIDED);
  const { stream, decide, retries, autoCreateInstance = false } = options;
  checkFolded(options);
  checkFunction('decide', decide);
  if (stream === undefined) throw invalid('stream: expected the id of a stream, found nothing');
  if (retries !== undefined && !(Number.isSafeInteger(retries) && retries >= 0)) {
    throw invalid(`retries: expected a whole number from 0, found ${describeValue(retries)}`);
  }
  checkFlag('autoCreateInstance', autoCreateInstance);
  return options;
}

module.exports = { decisionOf, projectionOf };
