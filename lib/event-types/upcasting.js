'use strict';

// Payloads of earlier versions, as the program of today knows them: each step makes those of one version into those of a
// later one.

const { describe, invalid, reason } = require('../failure.js');
const { givenOf, unknownOption } = require('../given.js');
const { isPromise } = require('../intrinsics.js');

/** Where metadata has the version of an event's payload. Without it, it is the first one. */
const VERSION_KEY = 'schemaVersion';

/** Why an event cannot be made one of today. `cause` is what has thrown, if something has. */
class Unraised extends Error {}

/** The steps from each version of a type of events to the newest one. */
class Upcasting {
  /** The newest version. */
  newest;
  /** For each version below, the step that begins there. */
  #steps = new Map();

  /** `given` is what the program has given at `path`: an array of `{ from, to, up }`. */
  constructor(path, given) {
    if (!Array.isArray(given) || given.length === 0) {
      const what = Array.isArray(given) ? 'an empty array' : describe(given);
      throw invalid(`${path}: expected an array of { from, to, up }, found ${what}`);
    }
    for (const [index, step] of given.entries()) this.#add(`${path}[${index}]`, step);
    this.newest = Math.max(...[...this.#steps.values()].map(({ to }) => to));
    for (let version = 1; version < this.newest; version += 1) {
      if (this.#steps.has(version)) continue;
      const all = `a step from each version below ${this.newest}`;
      throw invalid(`${path}: expected ${all}, found none from ${version}`);
    }
  }

  #add(path, given) {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw invalid(`${path}: expected { from, to, up }, found ${describe(given)}`);
    }
    const { from, to, up, ...others } = givenOf(given);
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw unknownOption(unknown, ['from', 'to', 'up'], path);
    checkVersion(`${path}.from`, from, 1);
    checkVersion(`${path}.to`, to, from + 1);
    if (typeof up !== 'function') {
      throw invalid(`${path}.up: expected a function, found ${describe(up)}`);
    }
    if (this.#steps.has(from)) {
      throw invalid(`${path}.from: expected one step from ${from}, found another one`);
    }
    this.#steps.set(from, { from, to, up });
  }

  /** The version that an event was stored in. */
  #versionOf({ metadata }) {
    const version = metadata?.[VERSION_KEY] ?? 1;
    if (Number.isSafeInteger(version) && version >= 1 && version <= this.newest) return version;
    const known = `expected a version from 1 to ${this.newest}`;
    throw new Unraised(`metadata.${VERSION_KEY}: ${known}, found ${JSON.stringify(version)}`);
  }

  /**
   * Gives an event the payload of the newest version, and metadata that say so. Returns the event, or a promise of it where
   * a step gives one.
   */
  raise(event) {
    const version = this.#versionOf(event);
    if (version === this.newest) return event;
    return this.#raiseFrom(event, version, event.payload);
  }

  #raiseFrom(event, version, payload) {
    let at = version;
    let raised = payload;
    while (at < this.newest) {
      const step = this.#steps.get(at);
      raised = called(step, raised, event);
      if (isPromise(raised)) return this.#raiseLater(event, step, raised);
      checkRaised(step, raised);
      at = step.to;
    }
    event.payload = raised;
    // An array has no place for it.
    if (!Array.isArray(event.metadata)) {
      event.metadata = { ...event.metadata, [VERSION_KEY]: this.newest };
    }
    return event;
  }

  async #raiseLater(event, step, promise) {
    let payload;
    try {
      payload = await promise;
    } catch (cause) {
      throw thrown(step, cause);
    }
    checkRaised(step, payload);
    return this.#raiseFrom(event, step.to, payload);
  }
}

function called(step, payload, event) {
  const { up } = step;
  try {
    return up(payload, event);
  } catch (cause) {
    throw thrown(step, cause);
  }
}

function checkRaised({ from, to }, payload) {
  if (typeof payload === 'object' && payload !== null) return;
  const expected = 'expected an object or an array';
  throw new Unraised(`the upcaster from ${from} to ${to}: ${expected}, found ${describe(payload)}`);
}

function thrown({ from, to }, cause) {
  return new Unraised(`the upcaster from ${from} to ${to} threw: ${reason(cause)}`, { cause });
}

function checkVersion(path, version, least) {
  if (Number.isSafeInteger(version) && version >= least) return;
  const found = typeof version === 'number' ? String(version) : describe(version);
  throw invalid(`${path}: expected a whole number from ${least}, found ${found}`);
}

module.exports = { Unraised, Upcasting, VERSION_KEY };
