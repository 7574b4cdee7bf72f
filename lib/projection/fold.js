'use strict';

// A state that events are taken into, one after the other, from what is kept of it in the log.

const { failure, invalidBy } = require('../failure.js');
const { isPromise } = require('../intrinsics.js');
const { abortion } = require('../signal.js');
const { encode } = require('../wire/arguments.js');
const { Snapshots, keepable } = require('./snapshots.js');
const { awaited, bySignal, unlessEnded } = require('../wait.js');

/** What is known of an instance that is not there. */
const NOTHING = { number: undefined, last: 0, snapshot: null };

/** The state before the first event, or a promise of it, which no other run has. */
function begin(initial) {
  if (typeof initial === 'function') return initial();
  try {
    return structuredClone(initial);
  } catch (error) {
    const expected = 'expected a value that can be copied, or a function that makes it';
    throw invalidBy(`initial: ${expected}`, error);
  }
}

/** A state and the events that it is of. */
class Fold {
  /** What the events amount to that were taken. */
  state;
  /** Up to where the events of the instance were looked at. */
  position = 0;
  /** The number of the last event that was taken, in its stream. */
  sequence = 0;
  /** The number of the instance; `undefined` if there was none. */
  number;
  #log;
  #options;
  /** What a snapshot is to have been made with. */
  #identity;
  /** Where it was asked for. */
  #site;
  /** What is so of an instance that is not there. */
  #missing;
  /** How many events were taken. */
  #count = 0;
  /** Up to where a snapshot was made. */
  #kept = 0;
  #snapshots;
  /** Listens to what ends the wait for them. */
  #until;

  /**
   * `log` has what is called: `load`, `store`, `readAll`, `readStream`, `awaitInstance` and `onClose`. `missing` says
   * what is so of an instance that is not there: `isEmpty()`, whether it counts as one without events, and `advice`, what
   * there is to be done, for a person.
   */
  constructor(log, options, site, missing = { isEmpty: () => false, advice: '' }) {
    this.#log = log;
    this.#site = site;
    this.#options = options;
    this.#missing = missing;
    this.#until = bySignal(options.signal, 'reading');
    this.#snapshots = new Snapshots((kept) => this.#log.store(kept, this.#until));
    const { version = null, where = null } = options;
    // A state that was made of events as earlier upcasters have them is another one.
    const made = log.versions() ?? [];
    this.#identity = encode(['options'], [[version, where, ...made]]).slice(1, -1);
  }

  /** Takes all events that there are, and keeps the state if it is due. */
  async run() {
    const before = await this.#begin();
    const { snapshot } = before;
    this.number = before.number;
    this.state = snapshot === null ? await this.#initial() : snapshot.state;
    this.position = snapshot?.position ?? 0;
    this.sequence = snapshot?.sequence ?? 0;
    try {
      await this.#take(before.last, () => this.#keepIfDue());
    } catch (error) {
      // The next run begins with the last one. That a snapshot could not be kept is not why this one ends.
      await this.#snapshotsSettled();
      // Another instance of that name may not have come as far.
      if (snapshot !== null && error?.code === 'INVALID_ARGUMENT') await this.#checkInstance();
      throw error;
    }
    if (snapshot !== null) await this.#checkInstance();
    await this.#finish();
  }

  /** Takes the events that have come since. Nothing is kept. */
  async catchUp() {
    const { number, last } = await this.#load();
    this.number ??= number;
    await this.#take(last);
    await this.#checkInstance();
  }

  /**
   * Takes the event that comes next. Returns a promise if that is to be waited for. `waiting` waits for what `apply`
   * promises.
   */
  take(event, waiting = this.#awaited) {
    const { apply } = this.#options;
    const state = apply(this.state, event);
    // To wait costs more than to apply.
    if (isPromise(state)) return this.#takeLater(waiting(state), event);
    this.#took(state, event);
    return undefined;
  }

  async #initial() {
    const state = begin(this.#options.initial);
    return isPromise(state) ? this.#awaited(state) : state;
  }

  #awaited = (state) => {
    const { signal } = this.#options;
    return awaited(state, { log: this.#log, signal, site: this.#site, what: 'reading' });
  };

  async #takeLater(state, event) {
    this.#took(await state, event);
  }

  #took(state, event) {
    this.state = state;
    this.position = event.position;
    this.sequence = event.sequence_number;
    this.#count += 1;
  }

  /** What it has come to. */
  get projection() {
    const { state, position, sequence } = this;
    return this.#isOfStream() ? { state, position, sequence } : { state, position };
  }

  /** Fails if the instance is not the one that there was before. */
  async #checkInstance() {
    if (this.number === undefined || (await this.#load()).number === this.number) return;
    const error = `the instance ${JSON.stringify(this.#options.instance)} was deleted while it was read`;
    throw failure({ code: 'INSTANCE_NOT_FOUND', error }, this.#site);
  }

  /** Learns what there is, and waits for the instance before if it is not there and that was asked for. */
  async #begin() {
    const { instance, name, signal, awaitInstance } = this.#options;
    for (;;) {
      const response = await this.#asked(name);
      if (response.code !== 'INSTANCE_NOT_FOUND' || awaitInstance !== true) {
        return this.#learned(response);
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

  /** Whether it is of all events of one stream. */
  #isOfStream() {
    const { stream, where } = this.#options;
    return stream !== undefined && where === undefined;
  }

  /** The response to what is asked before the first event: what is kept under that name, and what there is. */
  #asked(name) {
    const { instance, stream } = this.#options;
    return this.#log.load({ instance, name, stream, identity: this.#identity });
  }

  /** What that response says. */
  #learned(response) {
    if (response.success) return response.data;
    if (response.code !== 'INSTANCE_NOT_FOUND') throw failure(response, this.#site);
    if (this.#missing.isEmpty()) return NOTHING;
    const error = response.error + this.#missing.advice;
    throw failure({ ...response, error }, this.#site);
  }

  async #load() {
    return this.#learned(await this.#asked(undefined));
  }

  #reader() {
    const { instance, stream, where = [], signal } = this.#options;
    if (this.#isOfStream()) {
      const range = { instance, stream, fromSequence: this.sequence + 1, signal };
      return this.#log.readStream(range, this.#site);
    }
    const ofStream =
      stream === undefined ? [] : [{ field: 'stream_id', operator: 'eq', value: stream }];
    const isTree = ['any', 'all', 'not'].some((key) => Object.hasOwn(Object(where), key));
    const parts = isTree && !Array.isArray(where) ? [where] : where;
    const conditions = Array.isArray(parts) ? [...ofStream, ...parts] : parts;
    // A state that misses what was trimmed between would be another one.
    const whole = true;
    const range = { instance, where: conditions, afterPosition: this.position, whole, signal };
    return this.#log.readAll(range, this.#site);
  }

  /** Takes the events that come next, up to that position: the last one that there was when it was called. */
  async #take(last, taken = () => {}) {
    if (this.number === undefined) return;
    for await (const event of this.#reader()) {
      if (event.position > last) break;
      const waiting = this.take(event);
      if (waiting !== undefined) await waiting;
      taken();
    }
    this.position = last;
  }

  #keepIfDue() {
    const { snapshotEvery = Infinity } = this.#options;
    if (this.#count % snapshotEvery === 0) this.#keep();
  }

  /** Has the state kept as it is now. */
  #keep() {
    const { instance, name, stream } = this.#options;
    const { number, position } = this;
    const sequence = this.#isOfStream() ? this.sequence : 0;
    const of = { instance, number, name, stream, identity: this.#identity, position, sequence };
    this.#snapshots.add(() => ({ ...of, state: keepable(this.state) }));
    this.#kept = position;
  }

  /** Waits until all snapshots are stored, or called off. Returns what the last one has failed with, if it has. */
  async #snapshotsSettled() {
    try {
      return await unlessEnded(this.#snapshots.settled(), this.#until);
    } catch (error) {
      return error;
    }
  }

  /** Keeps the state if it is due. What that fails with has the projection, which is right all the same. */
  async #finish() {
    if (this.#count < (this.#options.snapshotEvery ?? Infinity)) return;
    if (this.#kept < this.position) this.#keep();
    const refused = await this.#snapshotsSettled();
    if (refused === undefined) return;
    const error =
      refused.code === 'ABORTED' ? failure(abortion(this.#options.signal, 'reading')) : refused;
    throw Object.assign(this.#site.in(error), { projection: this.projection });
  }
}

module.exports = { Fold };
