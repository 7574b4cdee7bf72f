'use strict';

// What is over the rules of instances goes: it is looked for, and trimmed as anybody trims.

const { told } = require('../failure.js');
const native = require('../native.js');
const { optionsOf } = require('../options.js');
const { abortion, isAborted } = require('../signal.js');
const { refusal } = require('../wire/calls.js');
const { trimBefore } = require('./trim.js');
const { trimStreamBefore } = require('./trim-stream.js');

const OPTIONS = ['instance', 'signal'];

/** What a rule meets that nothing is wrong with: others change the log at the same time, or archive, or close it. */
const PASSING = ['CHECKPOINT_CONFLICT', 'INSTANCE_NOT_FOUND', 'LOCKED', 'CLOSED', 'ABORTED'];

/**
 * @typedef {object} Applied - What has become of the rule of an instance.
 * @property {string} instanceId - The instance.
 * @property {number} firstPosition - The position of the first event that is left.
 * @property {number} events - How many have gone.
 * @property {number} bytes - How many bytes they had.
 * @property {{ consumer: string, position: number }} [heldBy] - The consumer that keeps more from going.
 * @property {any} [failure] - The response that says what has gone wrong.
 */

/**
 * Has go what is over the rules: of one instance, or of each that has one. All of it goes if that `isExact`; otherwise what is
 * worth it, and so much that it does not take long. `log` is what trims are made with, and what looks for what is due.
 * `isLater(due)` says what is left for another time.
 *
 * @param {any} log - That.
 * @param {{ instance?: string, isExact: boolean, signal?: AbortSignal, isLater?: (due: any) => boolean, disk?: object }} how -
 *   What is meant, what calls it off, and what archives are on.
 * @returns {Promise<{ rules: number, applied: Applied[], failure?: any }>} How many rules there are, what has become of
 *   those that something was to be done for, and the response that says why others could not be looked for.
 */
async function applyRules(log, how) {
  const { instance, isExact, signal, isLater = () => false, disk } = how;
  const applied = [];
  let rules = 0;
  let after;
  while (!isAborted(signal)) {
    const found = await log.due({ instance, isExact, after });
    if (!found.success) return { rules, applied, failure: found };
    const { due, policies, next } = found.data;
    rules += policies;
    for (const one of due) {
      if (isAborted(signal)) break;
      if (!isLater(one)) applied.push(await applyTo(log, one, { isExact, signal, disk }));
    }
    if (next === null) break;
    after = next;
  }
  return { rules, applied };
}

/** Has go what is over the rule of one instance. */
async function applyTo(log, due, { isExact, signal, disk }) {
  /** @type {Applied} */
  const applied = { instanceId: due.instance, firstPosition: due.first, events: 0, bytes: 0 };
  let next = due;
  try {
    while (next.before > next.first && !isAborted(signal)) {
      const trimmed = await trimFor(log, next, { signal, disk });
      if (trimmed === undefined) return applied;
      if (!trimmed.success) {
        applied.failure = trimmed;
        break;
      }
      if (trimmed.data.isSuperseded) return applied;
      applied.firstPosition = trimmed.data.firstPosition;
      applied.events += trimmed.data.events;
      applied.bytes += trimmed.data.bytes;
      if (!isExact) break;
      const again = await log.due({ instance: due.instance, isExact });
      if (!again.success) {
        applied.failure = again;
        break;
      }
      // It may have no rule any more.
      if (again.data.due.length === 0) return applied;
      [next] = again.data.due;
    }
    if (next.heldBy !== null) applied.heldBy = next.heldBy;
    const isGoing = applied.failure === undefined && due.hasStreams;
    if (isGoing && !(await applyToStreams(log, due, { isExact, signal, disk }, applied))) {
      return applied;
    }
  } catch (error) {
    applied.failure = refusal('', told(error));
  }
  await note(log, due, applied.failure);
  return applied;
}

/**
 * Has go what is over the rules for streams of one instance, and counts it in. Returns whether the rule is still that of the
 * instance.
 */
async function applyToStreams(log, due, { isExact, signal, disk }, applied) {
  const { instance, number, retention } = due;
  const { force, archive } = retention;
  let after;
  do {
    const found = await log.dueStreams({ instance, isExact, after });
    if (!found.success) {
      applied.failure = found;
      return true;
    }
    for (const { stream, first, before, heldBy } of found.data.due) {
      if (heldBy !== null) applied.heldBy ??= heldBy;
      if (isAborted(signal) || before <= first) continue;
      const asked = { instance, number, stream, beforeSequence: before, force, retention };
      const how = { folder: archive?.path, signal, disk };
      const trimmed = await trimStreamBefore(log, asked, how);
      if (trimmed === undefined || trimmed.data?.isSuperseded) return false;
      if (!trimmed.success) {
        applied.failure = trimmed;
        return true;
      }
      applied.firstPosition = trimmed.data.firstPosition;
      applied.events += trimmed.data.events;
      applied.bytes += trimmed.data.bytes;
    }
    after = found.data.next ?? undefined;
  } while (after !== undefined && !isAborted(signal));
  return true;
}

function trimFor(log, { instance, number, before, retention }, { signal, disk }) {
  const { force, archive } = retention;
  const asked = { instance, number, beforePosition: before, force, retention };
  return trimBefore(log, asked, { folder: archive?.path, signal, disk });
}

/** Has the log say what has gone wrong, or that nothing has. */
async function note(log, { instance, retention, hasFailed }, failure) {
  if (failure === undefined ? !hasFailed : isPassing(failure)) return;
  const failed = failure && { code: failure.code, error: failure.error };
  // Where that cannot be stored either, the caller is told, and the metrics have it.
  await log.note({ instance, retention, failed });
}

/** Whether nothing is wrong with a rule that was not applied for that reason. */
function isPassing({ code }) {
  return PASSING.includes(code);
}

/** The response to `applyRetention`. */
async function applyRetention(type, log, options) {
  try {
    const { instance, signal } = optionsOf(options, OPTIONS);
    const { applied, failure } = await applyRules(log, { instance, isExact: true, signal });
    if (isAborted(signal)) return refusal(type, abortion(signal, 'retention'));
    if (failure !== undefined) return { ...failure, type };
    const failed = applied.find((one) => one.failure !== undefined);
    if (failed !== undefined) {
      const name = JSON.stringify(failed.instanceId);
      return { ...failed.failure, type, error: `instance ${name}: ${failed.failure.error}` };
    }
    const [timestamp, requestId] = native.stampRefusal();
    return { type, success: true, data: { instances: applied }, timestamp, requestId };
  } catch (error) {
    return refusal(type, told(error));
  }
}

module.exports = { applyRetention, applyRules, isPassing };
