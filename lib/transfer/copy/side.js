'use strict';

// One of the two logs of a copy, as the copy calls it.

const { Refusal } = require('../../failure.js');
const {
  AWAIT_END,
  CALLED,
  COPY,
  COPY_DIGEST,
  COPY_INSTANCES,
  COPY_STAND,
} = require('../../methods.js');
const { unlessEnded } = require('../../wait.js');
const { encode } = require('../../wire/arguments.js');

/** @type {any} */
const DELETE_INSTANCE = CALLED.find(({ name }) => name === 'deleteInstance');

/** How an error text begins, by which of the logs it is about. */
const PREFIX = { source: 'the log that is copied: ', target: 'the other log: ' };

/** A failed response as what the copy fails with. */
function refusalOf(prefix, { code, error, cause }) {
  return new Refusal(code, `${prefix}${error}`, cause === undefined ? undefined : { cause });
}

class CopySide {
  #connection;
  #prefix;
  /** What ends the waiting for any call. */
  #ends;

  /**
   * @param {any} connection - The log as it is open.
   * @param {'source' | 'target'} role - Which of the two it is.
   * @param {import('../../wait.js').Listen[]} ends - What ends a wait, beside the closing of this log.
   */
  constructor(connection, role, ends) {
    this.#connection = connection;
    this.#prefix = PREFIX[role];
    const closed = (reject) =>
      connection.onClose((response) => reject(refusalOf(this.#prefix, response)));
    this.#ends = [closed, ...ends];
  }

  /** Where the log is. */
  get path() {
    return this.#connection.path;
  }

  /** All instances, oldest first: `[id, when it was made, position of the last event]` each. */
  async instances() {
    const { instances } = await this.#read(COPY_INSTANCES, {});
    return instances;
  }

  /** How an instance stands, with the sums of its states in two to the power of `bits` buckets. */
  stand(instance, bits) {
    return this.#read(COPY_STAND, { instance, bits });
  }

  /**
   * The `digest` of the events after a position, up to another one, which is `null` if not all of them are there, and the
   * position of the `first` one that was not trimmed. `gaps` has the positions whose events were trimmed between others, in
   * runs, and `lastOut` is that of the last event that was trimmed. The digest can be `without` the events of some runs.
   */
  digest(instance, after, to, without) {
    return this.#read(COPY_DIGEST, { instance, after, to, without });
  }

  /** Reads a page of an instance. */
  async page(asked) {
    const { addon } = this.#connection;
    const page = addon.createCopyPage(encode(['asked'], [asked]).slice(1, -1));
    const data = await this.#answer(this.#connection.step(COPY, 'readCopyPage', [page]));
    return { ...data, bytes: addon.takeCopyPage(page) };
  }

  /** Stores a page. Resolves with whether the log was where it begins. */
  async store(bytes, adopts) {
    const { stored } = await this.#answer(
      this.#connection.change(COPY, 'storeCopyPage', [bytes, adopts]),
    );
    return stored;
  }

  /** Deletes an instance that the copy has made. */
  async delete(instance) {
    const { number, parameters } = DELETE_INSTANCE;
    const given = [number, encode(parameters, [instance]), false];
    await this.#answer(this.#connection.change(DELETE_INSTANCE, 'call', given));
  }

  /** What `promise` gives, unless the copy is called off before, or the log is closed. */
  during(promise) {
    return unlessEnded(promise, ...this.#ends);
  }

  /** Keeps the process alive. Returns what ends that. */
  hold() {
    const { addon } = this.#connection;
    const hold = addon.createHold();
    void this.#connection.step(AWAIT_END, 'awaitEnd', [hold]);
    return () => addon.endHold(hold);
  }

  #read(method, options) {
    const { number, parameters } = method;
    const given = [number, encode(parameters, [options]), false];
    return this.#answer(this.#connection.step(method, 'call', given));
  }

  /** The data of a response. */
  async #answer(called) {
    const response = await this.during(called);
    if (!response.success) throw refusalOf(this.#prefix, response);
    return response.data;
  }
}

module.exports = { CopySide };
