'use strict';

// The states that are kept in the log.

const { util } = require('../builtins.js');
const { failure, invalid, invalidBy } = require('../failure.js');

/** Where a value and its copy, which are not equal, differ first. */
function differenceIn(value, copy) {
  const both = [value, copy];
  const isPlain = (one) => typeof one === 'object' && one !== null;
  const sameKind =
    both.every(isPlain) && Object.getPrototypeOf(value) === Object.getPrototypeOf(copy);
  const key =
    sameKind && Object.keys(value).find((at) => !util.isDeepStrictEqual(value[at], copy[at]));
  if (key === false || key === undefined) return '';
  const step = Array.isArray(value) ? `[${key}]` : `.${key}`;
  return step + differenceIn(value[key], copy[key]);
}

/** A copy of the state as it is now, or what is wrong with it where JSON does not keep it as it is. */
function copied(state) {
  const text = JSON.stringify(state);
  const copy = text === undefined ? undefined : JSON.parse(text);
  if (text !== undefined && util.isDeepStrictEqual(state, copy)) return { copy };
  const expected = 'expected a state that JSON keeps as it is, found one that it does not keep';
  return { loss: `state${differenceIn(state, copy)}: ${expected}` };
}

/** A copy of the state as it is now, if JSON keeps it as it is. */
function keepable(state) {
  let found;
  try {
    found = copied(state);
  } catch (error) {
    // It may have code of its own.
    throw invalidBy('state: expected a value that can be JSON', error);
  }
  if (found.loss !== undefined) throw invalid(found.loss);
  return found.copy;
}

/**
 * The snapshots of one run. They are stored one after the other while the run goes on, and only the newest of those
 * that wait: a snapshot replaces the one before it.
 */
class Snapshots {
  #store;
  /** The one that waits, while another one is being stored. */
  #waiting;
  /** Resolves once none waits. */
  #storing;
  /** Why there was none to be had when one was last asked for. */
  #refusal;
  /** What storing the last one has failed with. */
  #failure;

  /** `store(snapshot)` stores one, and gives the response to that. */
  constructor(store) {
    this.#store = store;
  }

  /** Has the snapshot stored that `take()` gives now. If there is none to be had, that is told at the end. */
  add(take) {
    try {
      this.#waiting = take();
      this.#refusal = undefined;
    } catch (error) {
      this.#refusal = error;
      return;
    }
    this.#storing ??= this.#storeAll();
  }

  async #storeAll() {
    while (this.#waiting !== undefined) {
      const snapshot = this.#waiting;
      this.#waiting = undefined;
      const response = await this.#store(snapshot);
      this.#failure = response.success ? undefined : failure(response);
    }
    this.#storing = undefined;
  }

  /** Waits until all are stored. Returns what the last one has failed with, if it has. */
  async settled() {
    await this.#storing;
    return this.#refusal ?? this.#failure;
  }
}

module.exports = { Snapshots, keepable };
