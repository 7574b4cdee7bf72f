'use strict';

// State from events: what `project` computes, and what it keeps of it in the log.

const { isDeepStrictEqual } = require('node:util');

const { describe, failure, invalid, reason } = require('./failure.js');
const { encode } = require('./wire/arguments.js');

const OPTIONS = [
  'instance',
  'stream',
  'where',
  'initial',
  'apply',
  'name',
  'version',
  'snapshotEvery',
  'signal',
];

/** The `data` of a response. */
function dataOf(response) {
  if (!response.success) throw failure(response);
  return response.data;
}

/** The options, which are looked at once. */
function optionsOf(given) {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(`options: expected an object, found ${describe(given)}`);
  }
  const options = { ...given };
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) {
    const known = OPTIONS.join(', ');
    throw invalid(`options: unknown option ${JSON.stringify(unknown)}: expected one of ${known}`);
  }
  const { apply, name, version, snapshotEvery } = options;
  if (typeof apply !== 'function') {
    throw invalid(`apply: expected a function, found ${describe(apply)}`);
  }
  if (!['string', 'number', 'undefined'].includes(typeof version)) {
    throw invalid(`version: expected a string or a number, found ${describe(version)}`);
  }
  if (snapshotEvery !== undefined && !(Number.isSafeInteger(snapshotEvery) && snapshotEvery > 0)) {
    throw invalid(`snapshotEvery: expected a whole number from 1, found ${String(snapshotEvery)}`);
  }
  if (name === undefined && (snapshotEvery !== undefined || version !== undefined)) {
    const key = snapshotEvery === undefined ? 'version' : 'snapshotEvery';
    throw invalid(
      `name: expected the name by which snapshots are found, with ${key}, found nothing`,
    );
  }
  return options;
}

/** The state before the first event, which no other run has. */
function begin(initial) {
  if (typeof initial === 'function') return initial();
  try {
    return structuredClone(initial);
  } catch (error) {
    const expected = 'expected a value that can be copied, or a function that makes it';
    throw invalid(`initial: ${expected}: ${reason(error)}`);
  }
}

/** Where a value and its copy, which are not equal, differ first. */
function differenceIn(value, copy) {
  const both = [value, copy];
  const isPlain = (one) => typeof one === 'object' && one !== null;
  const sameKind =
    both.every(isPlain) && Object.getPrototypeOf(value) === Object.getPrototypeOf(copy);
  const key = sameKind && Object.keys(value).find((at) => !isDeepStrictEqual(value[at], copy[at]));
  if (key === false || key === undefined) return '';
  const step = Array.isArray(value) ? `[${key}]` : `.${key}`;
  return step + differenceIn(value[key], copy[key]);
}

/** The state, if JSON keeps it as it is. */
function keepable(state) {
  const text = JSON.stringify(state);
  const copy = text === undefined ? undefined : JSON.parse(text);
  if (text !== undefined && isDeepStrictEqual(state, copy)) return state;
  const expected = 'expected a state that JSON keeps as it is, found one that it does not keep';
  throw invalid(`state${differenceIn(state, copy)}: ${expected}`);
}

/** One run of a projection. */
class Projection {
  #log;
  #options;
  /** What a snapshot is to have been made with. */
  #identity;

  /** `log` has what is called: `load`, `store`, `readAll` and `readStream`. */
  constructor(log, given) {
    this.#log = log;
    this.#options = optionsOf(given);
    const { version = null, where = null } = this.#options;
    this.#identity = encode(['options'], [[version, where]]).slice(1, -1);
  }

  async run() {
    const { initial, name } = this.#options;
    const before = await this.#load();
    const { snapshot } = before;
    const run = {
      state: snapshot === null ? begin(initial) : snapshot.state,
      position: Math.max(before.last, snapshot?.position ?? 0),
      sequence: snapshot?.sequence ?? 0,
      count: 0,
    };
    await this.#fold(run, snapshot?.position ?? 0);
    if (snapshot !== null && (await this.#load()).number !== before.number) {
      const error = `the instance ${JSON.stringify(this.#options.instance)} was deleted while it was read`;
      throw failure({ code: 'INSTANCE_NOT_FOUND', error });
    }
    const projection = { state: run.state, position: run.position };
    if (this.#isOfStream()) projection.sequence = run.sequence;
    const { snapshotEvery } = this.#options;
    if (name !== undefined && snapshotEvery !== undefined && run.count >= snapshotEvery) {
      await this.#store(run, before.number, projection);
    }
    return projection;
  }

  /** Whether it is of all events of one stream. */
  #isOfStream() {
    const { stream, where } = this.#options;
    return stream !== undefined && where === undefined;
  }

  async #load() {
    const { instance, name, stream } = this.#options;
    const options = { instance, name, stream, identity: this.#identity };
    return dataOf(await this.#log.load(options));
  }

  #reader(run, afterPosition) {
    const { instance, stream, where = [], signal } = this.#options;
    if (this.#isOfStream()) {
      return this.#log.readStream({ instance, stream, fromSequence: run.sequence + 1, signal });
    }
    const ofStream =
      stream === undefined ? [] : [{ field: 'stream_id', operator: 'eq', value: stream }];
    const conditions = Array.isArray(where) ? [...ofStream, ...where] : where;
    return this.#log.readAll({ instance, where: conditions, afterPosition, signal });
  }

  /** Takes the events that come after a position. */
  async #fold(run, afterPosition) {
    const { apply } = this.#options;
    for await (const event of this.#reader(run, afterPosition)) {
      const state = apply(run.state, event);
      // To wait costs more than to apply.
      run.state = typeof state?.then === 'function' ? await state : state;
      run.position = Math.max(run.position, event.position);
      run.sequence = event.sequence_number;
      run.count += 1;
    }
  }

  /** Keeps the state. What that fails with has the projection, which is right all the same. */
  async #store({ state, position, sequence }, number, projection) {
    const { instance, name, stream } = this.#options;
    try {
      const identity = this.#identity;
      const kept = { instance, number, name, stream, identity, position };
      kept.sequence = this.#isOfStream() ? sequence : 0;
      dataOf(await this.#log.store({ ...kept, state: keepable(state) }));
    } catch (error) {
      throw Object.assign(error, { projection });
    }
  }
}

async function project(log, options) {
  return new Projection(log, options).run();
}

module.exports = { project };
