'use strict';

// A look through payload and metadata for what JSON does not keep: errors, which get records, and what is named in
// the response.

const { types } = require('../builtins.js');

const { createReplacer, isRecorded, recordOf } = require('./error-record.js');
const { unkeptObject, unkeptPrimitive } = require('./unkept.js');

/** As many remarks of a response as `src/request/limits.rs` allows. */
const REMARKS_MAX = 10;

/** How long a path may be in a remark, in UTF-16 code units: keys may have any length. */
const PATH_UNITS_MAX = 200;

/** The places of payloads and metadata in the parameters of an append, each with its value. */
function placesIn(params) {
  const given = made(params, '0');
  const events = Array.isArray(given?.events) ? given.events : [];
  return [
    ...placesOfEvent(given, ''),
    ...events.flatMap((event, at) => placesOfEvent(made(event, String(at)), `events[${at}].`)),
  ];
}

/** What JSON.stringify takes in the place of a value. */
function made(value, key) {
  return typeof value?.toJSON === 'function' ? value.toJSON(key) : value;
}

function placesOfEvent(event, prefix) {
  const place = (key) => ({ path: prefix + key, step: key, value: event?.[key] });
  return [place('payload'), place('metadata')];
}

/** Whether an object says by its prototype that it is nothing but its own fields. */
function isPlainObject(object) {
  const prototype = Object.getPrototypeOf(object);
  // Those of another context have another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether JSON keeps the primitive that an object is. */
function isKept(object) {
  return types.isBoxedPrimitive(object) && !types.isSymbolObject(object);
}

/** What an object is that has something, and nothing which JSON sees; else `undefined`. */
function emptiness(object) {
  const isSeen = isPlainObject(object)
    ? Reflect.ownKeys(object).length === 0 || Object.keys(object).length > 0
    : Object.values(object).some((value) => value !== undefined);
  if (isSeen) return undefined;
  return Symbol.iterator in object || Symbol.asyncIterator in object
    ? 'an iterable: give what it yields, as in [...iterable]'
    : 'an object without enumerable fields of its own';
}

/** What is found in payload and metadata of one call. */
class Survey {
  /** Whether there are errors to be stored by their records. */
  hasErrors = false;
  #remarks = [];
  #more = 0;
  /** What was looked at: a value may be in itself, or in many places. */
  #seen = new Set();
  /** What is to be looked at, last first. It may be nested deeper than calls can be. */
  #waiting;

  /** Looks through the parameters of an append: at no more than `most` values, since a toJSON may make more for ever. */
  constructor(params, most) {
    this.#waiting = placesIn(params).reverse();
    for (let count = 0; count < most && this.#waiting.length > 0; count += 1) {
      this.#lookAt(this.#waiting.pop());
    }
  }

  /** What the response says of it, if there is anything to say. */
  get remark() {
    if (this.#remarks.length === 0) return undefined;
    const more = this.#more > 0 ? [`and ${this.#more} more`] : [];
    return [...this.#remarks, ...more].join('; ');
  }

  #lookAt(place) {
    const { value } = place;
    if (typeof value === 'bigint') return;
    if (typeof value?.toJSON === 'function') {
      this.#lookAtMade(place);
    } else if (typeof value === 'object' && value !== null) {
      if (!this.#seen.has(value)) this.#lookAtObject(place);
      this.#seen.add(value);
    } else {
      const unkept = unkeptPrimitive(value);
      if (unkept !== undefined) this.#note(place, unkept);
    }
  }

  /** Looks at what a toJSON makes, which is written as it is, whether or not it has a toJSON as well. */
  #lookAtMade(place) {
    const { value, step } = place;
    if (types.isDate(value)) {
      if (Number.isNaN(value.getTime())) this.#note(place, 'an invalid Date');
    } else if (!Buffer.isBuffer(value) && !this.#seen.has(value)) {
      this.#seen.add(value);
      const json = value.toJSON(String(step));
      if (typeof json?.toJSON !== 'function') this.#lookAt({ ...place, value: json });
    }
  }

  #lookAtObject(place) {
    const { value } = place;
    if (Array.isArray(value)) {
      for (let i = value.length - 1; i >= 0; i -= 1) {
        this.#waiting.push({ value: value[i], step: i, holder: place });
      }
    } else if (isRecorded(value)) {
      this.hasErrors = true;
      this.#lookAtMembers(place, recordOf(value));
    } else if (types.isTypedArray(value)) {
      this.#lookAtNumbers(place);
    } else if (types.isNumberObject(value)) {
      this.#lookAt({ ...place, value: Number(value) });
    } else if (!isKept(value)) {
      this.#lookAtMembers(place, value);
      const ofClass = isPlainObject(value) ? undefined : unkeptObject(value);
      const unkept = ofClass ?? emptiness(value);
      if (unkept !== undefined) this.#note(place, unkept);
    }
  }

  #lookAtNumbers(holder) {
    holder.value.forEach((number, step) => {
      const unkept = unkeptPrimitive(number);
      if (unkept !== undefined) this.#note({ step, holder }, unkept);
    });
  }

  #lookAtMembers(holder, members) {
    for (const key of Object.keys(members).reverse()) {
      this.#waiting.push({ value: members[key], step: key, holder });
    }
  }

  #note(place, unkept) {
    if (this.#remarks.length < REMARKS_MAX) {
      this.#remarks.push(`${pathOf(place)}: JSON does not keep ${unkept}`);
    } else {
      this.#more += 1;
    }
  }
}

/** The path of a place, such as `payload.items[3].at`. */
function pathOf(place) {
  const steps = [];
  let at = place;
  while (at.path === undefined) {
    steps.push(typeof at.step === 'number' ? `[${at.step}]` : `.${at.step}`);
    at = at.holder;
  }
  const path = at.path + steps.reverse().join('');
  return path.length > PATH_UNITS_MAX ? `${path.slice(0, PATH_UNITS_MAX)}…` : path;
}

module.exports = { Survey, createReplacer, isRecorded, recordOf };
