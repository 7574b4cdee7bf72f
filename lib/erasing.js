'use strict';

// Erasing events: those at positions, or those that conditions match, which are looked for first.

const { EventLogError, Refusal, describe, invalid, told } = require('./failure.js');
const { optionsOf } = require('./options.js');
const { abortion, isAborted } = require('./signal.js');
const { refusal } = require('./wire/calls.js');

const OPTIONS = ['instance', 'positions', 'where', 'fields', 'reason', 'signal'];

/**
 * Erases events, or fields of them. `find(options)` reads those that match, also where they were trimmed, and
 * `operate(options, signal)` erases those at positions. Returns the response.
 */
async function erase(type, { find, operate }, options) {
  try {
    const { signal, where, ...asked } = optionsOf(options, OPTIONS);
    if (isAborted(signal)) return refusal(type, abortion(signal, 'erasure'));
    if (where === undefined || where === null) return await operate(asked, signal);
    if (asked.positions !== undefined) {
      throw invalid('where: expected either positions or where, found both');
    }
    if (typeof where !== 'object' || where.length === 0) {
      // Nobody is to erase all there is for want of a condition.
      throw invalid(`where: expected conditions, at least one, found ${found(where)}`);
    }
    const positions = [];
    for await (const { position } of find({ instance: asked.instance, where, signal })) {
      positions.push(position);
    }
    return await operate({ ...asked, positions }, signal);
  } catch (error) {
    // A reader throws what it fails with.
    const isRead = error instanceof EventLogError && !(error instanceof Refusal);
    return refusal(type, told(isRead ? new Refusal(error.code, error.message) : error));
  }
}

function found(where) {
  return Array.isArray(where) ? 'none' : describe(where);
}

module.exports = { erase };
