'use strict';

// The states that are kept in the log.

const { failure, invalid, invalidBy } = require('../failure.js');
const { JSON } = require('../intrinsics.js');

/** Whether an object is nothing but its fields. Those of another context (Jest) have another Object.prototype. */
function isPlainObject(value) {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype !== null && Object.getPrototypeOf(prototype) === null;
}

/** The path at which a value and the copy that JSON has made of it differ first; `undefined` if they do not. */
function differenceIn(value, copy) {
  const areArrays = Array.isArray(value) && Array.isArray(copy);
  if (!areArrays && !(isPlainObject(value) && isPlainObject(copy))) {
    return Object.is(value, copy) ? undefined : '';
  }
  const keys = Reflect.ownKeys(value).filter((key) => isEnumerable(value, key));
  for (const key of keys) {
    const difference = Object.hasOwn(copy, key) ? differenceIn(value[key], copy[key]) : '';
    if (difference !== undefined) return stepTo(key, areArrays) + difference;
  }
  return keys.length === Object.keys(copy).length ? undefined : '';
}

function isEnumerable(value, key) {
  return Object.prototype.propertyIsEnumerable.call(value, key);
}

function stepTo(key, ofArray) {
  return ofArray && typeof key === 'string' ? `[${key}]` : `.${String(key)}`;
}

/** A copy of the state as it is now, or what is wrong with it where JSON does not keep it as it is. */
function copied(state) {
  const text = JSON.stringify(state);
  const copy = text === undefined ? undefined : JSON.parse(text);
  const difference = text === undefined ? '' : differenceIn(state, copy);
  if (difference === undefined) return { copy };
  const expected = 'expected a state that JSON keeps as it is, found one that it does not keep';
  return { loss: `state${difference}: ${expected}` };
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
