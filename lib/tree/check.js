'use strict';

// Whether a log still has what checkpoints say of it: the part of `verify` that compares with what is kept elsewhere.

const { EvidenceError } = require('../evidence/failure.js');
const { verifyCheckpoint } = require('../evidence/note.js');
const { Refusal, describe, invalid, invalidBy, told } = require('../failure.js');
const { givenOf, unknownOption } = require('../given.js');
const { optionsOf } = require('../options.js');
const { abortion, isAborted } = require('../signal.js');
const { refusal } = require('../wire/calls.js');

/** The options of `verify`. */
const OPTIONS = ['signal', 'onProgress', 'checkpoints'];

/** What each of the checkpoints has. */
const KEYS = ['instance', 'note', 'key', 'origin'];

/** How many problems a report tells. */
const PROBLEMS_MAX = 100;

/**
 * Checks a log. `verify(options, known)` checks it by itself, and `check(options)` a page of an instance's tree; both give the
 * response.
 */
async function verifyWith(type, { verify, check }, options) {
  try {
    const { signal, onProgress, checkpoints: given } = optionsOf(options, OPTIONS);
    // Without checkpoints nothing is waited for: the check is of the log as of the call.
    const checkpoints = given === undefined ? new Map() : await checkpointsOf(given);
    const response = await verify({ signal, onProgress }, OPTIONS);
    if (!response.success || checkpoints.size === 0) return response;
    const report = { ...response.data, problems: [...response.data.problems] };
    for (const [instance, own] of checkpoints) {
      const page = (asked) =>
        isAborted(signal) ? refusal(type, abortion(signal, 'check')) : check(asked);
      const failed = await compare(page, instance, own, report);
      if (failed !== undefined) return { ...failed, type };
    }
    report.intact = report.problemCount === 0;
    return { ...response, data: report };
  } catch (error) {
    return refusal(type, told(error));
  }
}

/** The checkpoints of each instance, which are verified. */
async function checkpointsOf(checkpoints) {
  if (!Array.isArray(checkpoints)) {
    throw invalid(`options.checkpoints: expected an array, found ${describe(checkpoints)}`);
  }
  const all = new Map();
  for (const [index, given] of checkpoints.entries()) {
    const path = `options.checkpoints[${index}]`;
    const { instance, note, key, origin } = membersOf(path, given);
    if (typeof instance !== 'string') {
      throw invalid(
        `${path}.instance: expected the id or name of an instance, found ${describe(instance)}`,
      );
    }
    try {
      const verified = await verifyCheckpoint(note, keysOf(key), { origin });
      const isNamed = origin !== undefined;
      all.set(instance, [...(all.get(instance) ?? []), { ...verified, path, isNamed }]);
    } catch (error) {
      throw error instanceof EvidenceError
        ? invalid(`${path}: ${error.message}`)
        : invalidBy(path, error);
    }
  }
  return all;
}

/** The verifier keys of a checkpoint, each of which is looked at once. */
function keysOf(key) {
  return typeof key === 'object' && key !== null ? [...key] : key;
}

/** What is given of a checkpoint. */
function membersOf(path, given) {
  if (typeof given !== 'object' || given === null) {
    throw invalid(`${path}: expected { instance, note, key }, found ${describe(given)}`);
  }
  try {
    const members = givenOf(given);
    const unknown = Object.keys(members).find((key) => !KEYS.includes(key));
    if (unknown === undefined) return members;
    throw unknownOption(unknown, KEYS, path);
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalidBy(path, error);
  }
}

/** Compares an instance with checkpoints of it. Returns the response of what has failed, if something has. */
async function compare(check, instance, checkpoints, report) {
  const ordered = checkpoints.toSorted((one, other) => one.size - other.size);
  const sizes = ordered.map(({ size }) => size);
  let from = 0;
  let page;
  do {
    const response = await check({ instance, from, sizes });
    if (!response.success) {
      if (!['CORRUPTED', 'INSTANCE_NOT_FOUND'].includes(response.code)) return response;
      // It names the place in the call, which is not the caller's.
      const error = response.error.replace(/^instance: /, '');
      add(report, { what: `of the instance ${JSON.stringify(instance)}: ${error}` });
      return undefined;
    }
    page = response.data;
    const { instanceId } = page;
    const other = ordered.find((checkpoint) => !isOf(checkpoint, instanceId));
    if (other !== undefined) throw invalid(ofAnother(other, instanceId));
    if (page.size === null) {
      const what =
        'expected the tree that checkpoints were made of, found that the instance has none';
      add(report, { instanceId, what });
      return undefined;
    }
    for (const problem of page.problems) add(report, { instanceId, ...problem });
    report.problemCount += page.problemCount - page.problems.length;
    from = page.next;
  } while (from !== null);
  compareRoots(page, ordered, report);
  return undefined;
}

/** Whether a checkpoint is of that instance, as far as its origin tells. The caller may have given another origin. */
function isOf({ origin, signers, isNamed }, instanceId) {
  const own = signers.flatMap((name) => [name, `${name}/${encodeURIComponent(instanceId)}`]);
  return isNamed || own.includes(origin);
}

function ofAnother({ path, origin, signers }, instanceId) {
  const expected = `${signers[0]}/${encodeURIComponent(instanceId)}`;
  return `${path}: expected a checkpoint of the instance, ${expected}, found one of ${origin}`;
}

/** Compares the roots of the trees with those of the checkpoints, the smallest one first. */
function compareRoots({ instanceId, events, roots }, ordered, report) {
  let proven = 0;
  for (const [index, { size, root }] of ordered.entries()) {
    if (size > events) {
      const what = `expected the ${size} events of a checkpoint, found ${events}`;
      add(report, { instanceId, what });
    } else if (roots[index] === root) {
      proven = size;
    } else {
      const what =
        `expected the root ${root} of the first ${size} events, which a checkpoint says, found ${roots[index]}: ` +
        `what differs is among those after position ${proven}`;
      add(report, { instanceId, what });
      return;
    }
  }
}

function add(report, problem) {
  report.problemCount += 1;
  if (report.problems.length < PROBLEMS_MAX) report.problems.push(problem);
}

module.exports = { verifyWith };
