'use strict';

// State from events: what `project` computes, and what it keeps of it in the log.

const { util } = require('./builtins.js');
const { CallSite, Refusal, describe, failure, invalid, invalidBy } = require('./failure.js');
const { givenOf, unknownOption } = require('./given.js');
const { checkFlag } = require('./reading/reader.js');
const { signalAt } = require('./signal.js');
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
  'awaitInstance',
];

/** The options, which are looked at once. */
function copyOf(given) {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(`options: expected an object, found ${describe(given)}`);
  }
  // Before the first event there may be nothing, which is a state.
  return givenOf(given, ['initial']);
}

function optionsOf(given) {
  let options;
  try {
    options = copyOf(given);
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalidBy('options', error);
  }
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) {
    throw unknownOption(unknown, OPTIONS);
  }
  const { apply, name, version, snapshotEvery, signal, awaitInstance = false } = options;
  if (signal !== undefined) signalAt('signal', signal);
  checkFlag('awaitInstance', awaitInstance);
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
    throw invalidBy(`initial: ${expected}`, error);
  }
}

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

/** One run of a projection. */
class Projection {
  #log;
  #options;
  /** What a snapshot is to have been made with. */
  #identity;
  /** Where it was asked for. */
  #site;

  /** `log` has what is called: `load`, `store`, `readAll`, `readStream` and `awaitInstance`. */
  constructor(log, given, site) {
    this.#log = log;
    this.#site = site;
    this.#options = optionsOf(given);
    const { version = null, where = null } = this.#options;
    this.#identity = encode(['options'], [[version, where]]).slice(1, -1);
  }

  async run() {
    const { initial } = this.#options;
    const before = await this.#begin();
    const { snapshot } = before;
    const run = {
      number: before.number,
      state: snapshot === null ? begin(initial) : snapshot.state,
      position: snapshot?.position ?? 0,
      sequence: snapshot?.sequence ?? 0,
      count: 0,
      /** Up to where a snapshot was made. */
      kept: 0,
      snapshots: new Snapshots((kept) => this.#log.store(kept)),
    };
    try {
      await this.#fold(run, before.last);
    } catch (error) {
      // The next run begins with the last one. That a snapshot could not be kept is not why this one ends.
      await run.snapshots.settled();
      // Another instance of that name may not have come as far.
      if (snapshot !== null && error?.code === 'INVALID_ARGUMENT') await this.#checkNumber(before);
      throw error;
    }
    if (snapshot !== null) await this.#checkNumber(before);
    return this.#finish(run);
  }

  /** Fails if the instance is not the one that there was before. */
  async #checkNumber({ number }) {
    if ((await this.#load()).number === number) return;
    const error = `the instance ${JSON.stringify(this.#options.instance)} was deleted while it was read`;
    throw failure({ code: 'INSTANCE_NOT_FOUND', error }, this.#site);
  }

  /** Learns what there is, and waits for the instance before if it is not there and that was asked for. */
  async #begin() {
    const { instance, signal, awaitInstance } = this.#options;
    for (;;) {
      const response = await this.#asked();
      if (response.code !== 'INSTANCE_NOT_FOUND' || awaitInstance !== true) {
        return this.#dataOf(response);
      }
      await this.#awaitInstance({ instance, signal });
    }
  }

  async #awaitInstance(given) {
    const wait = this.#log.awaitInstance(given, this.#site);
    try {
      if (!(await wait.found())) wait.check();
    } finally {
      wait.release();
    }
  }

  /** The `data` of a response. */
  #dataOf(response) {
    if (!response.success) throw failure(response, this.#site);
    return response.data;
  }

  /** Whether it is of all events of one stream. */
  #isOfStream() {
    const { stream, where } = this.#options;
    return stream !== undefined && where === undefined;
  }

  /** The response to what is asked before the first event: what is kept, and what there is. */
  #asked() {
    const { instance, name, stream } = this.#options;
    return this.#log.load({ instance, name, stream, identity: this.#identity });
  }

  async #load() {
    return this.#dataOf(await this.#asked());
  }

  #reader({ position, sequence }) {
    const { instance, stream, where = [], signal } = this.#options;
    if (this.#isOfStream()) {
      const range = { instance, stream, fromSequence: sequence + 1, signal };
      return this.#log.readStream(range, this.#site);
    }
    const ofStream =
      stream === undefined ? [] : [{ field: 'stream_id', operator: 'eq', value: stream }];
    const conditions = Array.isArray(where) ? [...ofStream, ...where] : where;
    const range = { instance, where: conditions, afterPosition: position, signal };
    return this.#log.readAll(range, this.#site);
  }

  /** Takes the events that come next, up to that position: the last one that there was when it was called. */
  async #fold(run, last) {
    const { apply, snapshotEvery = Infinity } = this.#options;
    for await (const event of this.#reader(run)) {
      if (event.position > last) break;
      const state = apply(run.state, event);
      // To wait costs more than to apply.
      run.state = typeof state?.then === 'function' ? await state : state;
      run.position = event.position;
      run.sequence = event.sequence_number;
      run.count += 1;
      if (run.count % snapshotEvery === 0) this.#keep(run);
    }
    run.position = last;
  }

  /** Has the state kept as it is now. */
  #keep(run) {
    const { instance, name, stream } = this.#options;
    const { number, position } = run;
    const sequence = this.#isOfStream() ? run.sequence : 0;
    const of = { instance, number, name, stream, identity: this.#identity, position, sequence };
    run.snapshots.add(() => ({ ...of, state: keepable(run.state) }));
    run.kept = position;
  }

  /** The result, once it is kept. What keeping it fails with has the result, which is right all the same. */
  async #finish(run) {
    const projection = { state: run.state, position: run.position };
    if (this.#isOfStream()) projection.sequence = run.sequence;
    if (run.count >= (this.#options.snapshotEvery ?? Infinity)) {
      if (run.kept < run.position) this.#keep(run);
      const error = await run.snapshots.settled();
      if (error !== undefined) throw Object.assign(this.#site.in(error), { projection });
    }
    return projection;
  }
}

async function project(log, options) {
  return new Projection(log, options, new CallSite()).run();
}

module.exports = { project };
