'use strict';

// Schemas of payloads, as the Standard Schema specification has them (https://standardschema.dev): those of zod, valibot,
// arktype and others.

const { describe, invalid, invalidBy } = require('../failure.js');
const { isPromise } = require('../intrinsics.js');

/** How many of the issues that a schema finds are told. */
const ISSUES_MAX = 10;

/** How long the text of an issue may be, in UTF-16 code units: it may have the payload in it. */
const ISSUE_UNITS_MAX = 500;

const EXPECTED = 'expected a Standard Schema (https://standardschema.dev), such as one of zod';

/** What is called of a schema. */
class Schema {
  #standard;
  #type;

  /** `value` is what the program has given at `path` for events of that type. */
  constructor(path, value, type) {
    this.#type = type;
    try {
      this.#standard = standardOf(value);
    } catch (error) {
      throw invalidBy(`${path}: ${EXPECTED}, found one that throws`, error);
    }
    if (this.#standard === undefined) throw invalid(`${path}: ${EXPECTED}, found ${found(value)}`);
  }

  /**
   * What is wrong with a payload, which stands at `path` for a person: a text; `undefined` if nothing is. A promise of
   * that where the schema gives one. Throws, or rejects with, what the schema throws.
   */
  misfit(payload, path) {
    const result = this.#standard.validate(payload);
    return isPromise(result) ? this.#laterMisfit(result, path) : this.#misfitOf(result, path);
  }

  async #laterMisfit(result, path) {
    return this.#misfitOf(await result, path);
  }

  #misfitOf(result, path) {
    if (typeof result !== 'object' || result === null) {
      throw new TypeError(`expected a result with value or issues, found ${describe(result)}`);
    }
    const { issues } = result;
    if (!issues) return undefined;
    if (!Array.isArray(issues)) {
      throw new TypeError(`expected issues as an array, found ${describe(issues)}`);
    }
    const all = [...issues];
    const told = all.slice(0, ISSUES_MAX).map((issue) => textOf(issue, path));
    if (all.length === 0) told.push(`${path}: it does not fit`);
    if (all.length > told.length) told.push(`and ${all.length - told.length} more`);
    return `${told.join('; ')} (by the schema of ${JSON.stringify(this.#type)})`;
  }
}

/** What a schema has for those who use it in a common way; `undefined` if `value` is no schema. */
function standardOf(value) {
  // A schema of arktype is a function.
  if (!['object', 'function'].includes(typeof value) || value === null) return undefined;
  const standard = value['~standard'];
  const isOne = standard?.version === 1 && typeof standard.validate === 'function';
  return isOne ? standard : undefined;
}

function found(value) {
  return typeof value === 'function' ? 'a function without one' : describe(value);
}

function textOf({ message, path }, root) {
  const text = `${root}${placeIn(path)}: ${String(message)}`;
  return text.length > ISSUE_UNITS_MAX ? `${text.slice(0, ISSUE_UNITS_MAX)}…` : text;
}

/** Where in a payload an issue is. The specification has a list of steps; vine 4.4 gives a text. */
function placeIn(path) {
  if (typeof path === 'string') return path === '' ? '' : `.${path}`;
  return [...(path ?? [])].map(stepOf).join('');
}

/** One step of the path to an issue: a key, or an object that has it. */
function stepOf(step) {
  const key = typeof step === 'object' && step !== null ? step.key : step;
  if (typeof key === 'symbol') return `[${String(key)}]`;
  const name = String(key);
  if (typeof key === 'number' || /^\d+$/.test(name)) return `[${name}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

module.exports = { Schema };
