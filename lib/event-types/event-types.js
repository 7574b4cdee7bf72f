'use strict';

// What a program has declared of its types of events: the schemas of their payloads, and how payloads of earlier versions
// become those of today. It belongs to the program: nothing of it is in the log but the version in metadata.

const { describe, failure, invalid, invalidBy, reason } = require('../failure.js');
const { JSON, isPromise } = require('../intrinsics.js');
const native = require('../native.js');
const { unkeptObject } = require('../wire/unkept.js');
const { Schema } = require('./schema.js');
const { stamped } = require('./stamp.js');
const { Unraised, Upcasting, VERSION_KEY } = require('./upcasting.js');

/** A longer type is too long in any case, in UTF-16 code units. */
const TYPE_UNITS_MAX = 1_024;

class EventTypes {
  /** By the types, which may have any name. @type {Map<string, InstanceType<typeof Schema>>} */
  #schemas;
  /** @type {Map<string, InstanceType<typeof Upcasting>>} */
  #upcastings;
  #refusesUnknown;
  #validatesReads;

  /**
   * @param {object} given - The options of `DECLARED` in declared.js that are given.
   * @param {unknown} [given.events] - Schemas.
   * @param {unknown} [given.unknownEvents] - What becomes of events of other types.
   * @param {unknown} [given.validateReads] - Whether events are checked when they are read.
   * @param {unknown} [given.upcasters] - Steps from earlier versions.
   */
  constructor({ events, unknownEvents = 'store', validateReads = false, upcasters }) {
    if (unknownEvents !== 'store' && unknownEvents !== 'refuse') {
      const found =
        typeof unknownEvents === 'string' ? JSON.stringify(unknownEvents) : describe(unknownEvents);
      throw invalid(`options.unknownEvents: expected "store" or "refuse", found ${found}`);
    }
    if (typeof validateReads !== 'boolean') {
      const found = describe(validateReads);
      throw invalid(`options.validateReads: expected a boolean, found ${found}`);
    }
    this.#refusesUnknown = unknownEvents === 'refuse';
    this.#validatesReads = validateReads;
    if (events === undefined && (this.#refusesUnknown || validateReads)) {
      const key = validateReads ? 'validateReads' : 'unknownEvents';
      throw invalid(
        `options.events: expected schemas by types of events, with ${key}, found nothing`,
      );
    }
    this.#schemas = mapOf('options.events', events, (...entry) => new Schema(...entry));
    this.#upcastings = mapOf('options.upcasters', upcasters, (...entry) => new Upcasting(...entry));
  }

  /** Whether events are looked at on their way to the program. */
  get looksAtReads() {
    return this.#validatesReads || this.#upcastings.size > 0;
  }

  /** What a state is made with beside what its program says: the newest versions of types; `undefined` if there are none. */
  get versions() {
    if (this.#upcastings.size === 0) return undefined;
    const entries = [...this.#upcastings].map(([type, { newest }]) => [type, newest]);
    return entries.sort(([one], [other]) => (one < other ? -1 : 1));
  }

  /**
   * Looks at the events of an append, as the JSON `text` of its arguments has them, which is what is stored. `appends` says
   * whether that is one event or an array of them. Returns the text with versions in metadata, or a promise of it.
   */
  lookedAt(text, appends) {
    const [params] = JSON.parse(text);
    const looks = looksAt(params, appends);
    const versions = looks.map((look) => this.#versionFor(look));
    const misfit = this.#lookFrom(0, looks);
    const finished = () =>
      versions.some((version) => version !== undefined) ? stamped(text, appends, versions) : text;
    return misfit === undefined ? finished() : misfit.then(finished);
  }

  /** Looks at each event, from that one on. Returns a promise where a schema gives one. */
  #lookFrom(first, looks) {
    for (let index = first; index < looks.length; index += 1) {
      const misfit = this.#misfitOf(looks[index]);
      if (isPromise(misfit)) return this.#lookLater(misfit, index, looks);
      if (misfit !== undefined) throw invalid(misfit);
    }
    return undefined;
  }

  async #lookLater(promise, index, looks) {
    const misfit = await this.#told(looks[index], promise);
    if (misfit !== undefined) throw invalid(misfit);
    await this.#lookFrom(index + 1, looks);
  }

  async #told({ path }, promise) {
    try {
      return await promise;
    } catch (error) {
      throw thrown(`${path}payload`, error);
    }
  }

  #misfitOf({ type, payload, path }) {
    // What is no type or no payload at all is for the addon to refuse.
    if (type === undefined) return undefined;
    if (this.#refusesUnknown && !this.#schemas.has(type) && !this.#upcastings.has(type)) {
      throw this.#unknown(type, path);
    }
    const schema = this.#schemas.get(type);
    if (schema === undefined || typeof payload !== 'object') return undefined;
    try {
      return schema.misfit(payload, `${path}payload`);
    } catch (error) {
      throw thrown(`${path}payload`, error);
    }
  }

  #unknown(type, path) {
    const known = [...new Set([...this.#schemas.keys(), ...this.#upcastings.keys()])];
    const likely = native.meantKey(type, known);
    const advice = likely === null ? '' : `; did you mean ${JSON.stringify(likely)}?`;
    const expected = 'expected a type of events that this log was opened with';
    return invalid(`${path}eventType: ${expected}, found ${JSON.stringify(type)}${advice}`);
  }

  /** The version to be noted in the metadata of an event; `undefined` if there is none, or it is there. */
  #versionFor({ type, metadata, path }) {
    const newest = this.#upcastings.get(type)?.newest;
    if (newest === undefined || typeof metadata !== 'object') return undefined;
    if (Array.isArray(metadata)) {
      const expected = `expected an object, which gets the ${VERSION_KEY} of ${JSON.stringify(type)}`;
      throw invalid(`${path}metadata: ${expected}, found an array`);
    }
    if (!Object.hasOwn(metadata, VERSION_KEY)) return newest;
    const given = metadata[VERSION_KEY];
    if (given === newest) return undefined;
    const expected = `expected ${newest}, the newest version of ${JSON.stringify(type)}`;
    throw invalid(`${path}metadata.${VERSION_KEY}: ${expected}, found ${JSON.stringify(given)}`);
  }

  /**
   * An event on its way to the program: with the payload of the newest version, and one that its schema takes if that is
   * asked for. One that was erased, or whose subject was forgotten, stays as it is. Returns a promise where an upcaster or a schema gives one. Throws, or rejects with, an error with the code
   * `INVALID_EVENT`.
   */
  read(event) {
    // Nothing is left of it that could be of any version.
    if (event.forgotten !== undefined || event.erased !== undefined) return event;
    let raised;
    try {
      const upcasting = this.#upcastings.get(event.event_type);
      raised = upcasting === undefined ? event : upcasting.raise(event);
    } catch (error) {
      throw unreadable(event, error);
    }
    return isPromise(raised) ? this.#readLater(event, raised) : this.#validated(event);
  }

  async #readLater(event, raised) {
    try {
      await raised;
    } catch (error) {
      throw unreadable(event, error);
    }
    return this.#validated(event);
  }

  #validated(event) {
    const schema = this.#validatesReads ? this.#schemas.get(event.event_type) : undefined;
    if (schema === undefined) return event;
    let misfit;
    try {
      // A copy, since a schema may alter what it is given.
      misfit = schema.misfit(JSON.parse(JSON.stringify(event.payload)), 'payload');
    } catch (error) {
      throw unreadable(event, thrown('payload', error));
    }
    if (isPromise(misfit)) return this.#validatedLater(event, misfit);
    if (misfit !== undefined) throw unreadable(event, new Unraised(misfit));
    return event;
  }

  async #validatedLater(event, promise) {
    let misfit;
    try {
      misfit = await promise;
    } catch (error) {
      throw unreadable(event, thrown('payload', error));
    }
    if (misfit !== undefined) throw unreadable(event, new Unraised(misfit));
    return event;
  }
}

/** What is to be looked at of each event of an append. */
function looksAt(params, appends) {
  if (appends === 'one') return [lookOf(params, '')];
  const events = params?.events;
  if (!Array.isArray(events)) return [];
  return events.map((event, index) => lookOf(event, `events[${index}].`));
}

function lookOf(event, path) {
  const { eventType, event_type: spelledOtherwise, payload, metadata } = event ?? {};
  const type = eventType ?? spelledOtherwise;
  const isName = typeof type === 'string' && type !== '' && type.length <= TYPE_UNITS_MAX;
  const isOne = isName && (spelledOtherwise ?? type) === type;
  return { type: isOne ? type : undefined, payload: payload ?? {}, metadata: metadata ?? {}, path };
}

/** What a program has given by types of events, each entry made by `make(path, given, type)`. */
function mapOf(path, given, make) {
  if (given === undefined) return new Map();
  if (!isPlain(given)) {
    const found = typeof given === 'object' ? unkeptObject(given) : undefined;
    const expected = 'expected an object by types of events';
    throw invalid(`${path}: ${expected}, found ${found ?? describe(given)}`);
  }
  // What is `undefined` here has been misspelt, and would leave its type unchecked.
  const entries = Object.entries(given);
  return new Map(entries.map(([type, value]) => [type, make(`${path}.${type}`, value, type)]));
}

/** Whether it is an object that is nothing but its own keys: also one of another context, or what a module exports. */
function isPlain(value) {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function thrown(path, error) {
  return invalidBy(`${path}: its schema threw`, error);
}

/** Why an event that is stored is not given to the program. */
function unreadable({ position, event_type: type }, error) {
  const text = `the event at position ${position} (${JSON.stringify(type)}): ${reason(error)}`;
  const cause = error?.cause;
  const told = failure({ code: 'INVALID_EVENT', error: text, cause });
  return Object.assign(told, { position, eventType: type });
}

module.exports = { EventTypes };
