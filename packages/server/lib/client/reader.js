// Events in a row, over a connection that can be lost in between.

import { EventLogError, unwrap } from './errors.js';

/**
 * What an open reading does not survive. It is opened again after the last event that was given out. A reading is not
 * found on another connection than the one that it was opened on.
 */
const LOST = new Set(['CONNECTION_LOST', 'READING_NOT_FOUND', 'TIMED_OUT']);

/**
 * A reader or a subscription. It asks for a page when the program asks for its first event, and holds one page.
 *
 * After a lost connection it begins anew after the last event that the program has. What it began with stays: where a
 * reader ends, and at which instance it looks.
 */
export class Reader {
  #link;
  #type;
  #options;
  #isEndless;
  #reading;
  #page = [];
  #isDone = false;
  #steps = Promise.resolve();
  #signal;
  #wake;
  /** When the instance was created, once that is known. */
  #createdAt;
  /** The events that the program still wants; `undefined` for all. */
  #wanted;

  /**
   * @param {import('./link.js').Link} link - The connection.
   * @param {'readStream' | 'readAll' | 'subscribe'} method - What to read.
   * @param {object} options - Its options.
   */
  constructor(link, method, { signal, ...options } = {}) {
    this.#link = link;
    this.#type = `eventLog.${method}`;
    this.#options = options;
    this.#isEndless = method === 'subscribe';
    this.#wanted = options.limit ?? undefined;
    this.#signal = signal ?? undefined;
  }

  next() {
    const step = this.#steps.then(() => this.#step());
    this.#steps = step.then(ignore, ignore);
    return step;
  }

  async return(value) {
    this.#end();
    return { done: true, value };
  }

  async throw(error) {
    this.#end();
    throw error;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async #step() {
    try {
      while (this.#page.length === 0) {
        this.#refuseAborted();
        if (this.#isDone) return { done: true, value: undefined };
        await this.#fill();
      }
      this.#refuseAborted();
    } catch (error) {
      this.#end();
      throw error;
    }
    const value = this.#page.shift();
    this.#goOnAfter(value);
    return { done: false, value };
  }

  /** Gets a page. It comes back without one if the connection was lost, or the reading was ended. */
  async #fill() {
    const asked = this.#asked();
    const response = await this.#orEnded(asked);
    if (response === undefined) {
      this.#letGo(asked);
      return;
    }
    if (!response.success && LOST.has(response.code)) {
      this.#reading = undefined;
      return;
    }
    if (response.code === 'CLOSED' && this.#isEndless) {
      this.#isDone = true;
      return;
    }
    const { reading, instance, events, done, afterPosition, untilPosition } = unwrap(response);
    if (events === undefined) {
      this.#reading = reading;
      this.#recognize(instance);
      if (this.#isEndless) this.#options.afterPosition = afterPosition;
      else this.#options.untilPosition = untilPosition;
    } else {
      this.#page = events;
      this.#isDone = done;
    }
  }

  /** An instance that was deleted and created again is another one, whatever its name and id are. */
  #recognize({ id, createdAt }) {
    if (this.#createdAt === undefined) {
      this.#createdAt = createdAt;
      if (id !== undefined) this.#options.instance = id;
    } else if (this.#createdAt !== createdAt) {
      throw new EventLogError('INSTANCE_NOT_FOUND', 'the instance was deleted');
    }
  }

  #asked() {
    if (this.#reading === undefined) return this.#link.request(this.#type, this.#options, 'again');
    return this.#link.request('eventLog.next', { reading: this.#reading }, 'bound');
  }

  /** Where the reading is to be opened again, now that the program has an event. */
  #goOnAfter({ position, sequence_number: sequence, instanceId }) {
    const { direction } = this.#options;
    this.#options.instance = instanceId;
    if (this.#wanted !== undefined) {
      this.#wanted -= 1;
      this.#options.limit = this.#wanted;
      if (this.#wanted === 0) this.#isDone = true;
    }
    if (this.#type !== 'eventLog.readStream') {
      this.#options.afterPosition = position;
    } else if (direction === 'backward') {
      this.#options.fromSequence = sequence - 1;
      if (sequence === 1) this.#isDone = true;
    } else {
      this.#options.fromSequence = sequence + 1;
    }
  }

  /** A response, or `undefined` if the reading is ended or called off before. */
  async #orEnded(asked) {
    let wake;
    const ended = new Promise((resolve) => {
      wake = () => resolve(undefined);
    });
    this.#wake = wake;
    this.#signal?.addEventListener('abort', wake);
    try {
      return await Promise.race([asked, ended]);
    } finally {
      this.#signal?.removeEventListener('abort', wake);
      this.#wake = undefined;
    }
  }

  /** Has the server end what it has opened for a reading that is over. */
  async #letGo(asked) {
    const { success, data } = await asked;
    if (success && !data.done) this.#return(data.reading);
  }

  #return(reading) {
    this.#link.request('eventLog.return', { reading }, 'bound');
  }

  #refuseAborted() {
    if (!this.#signal?.aborted) return;
    const { reason } = this.#signal;
    const text = reason?.message ?? reason;
    throw new EventLogError('ABORTED', `the reading was called off by its signal: ${text}`, {
      cause: reason,
    });
  }

  #end() {
    this.#isDone = true;
    this.#page = [];
    this.#wake?.();
    if (this.#reading === undefined) return;
    this.#return(this.#reading);
    this.#reading = undefined;
  }
}

// In browsers that have it.
if (Symbol.asyncDispose) {
  Reader.prototype[Symbol.asyncDispose] = async function dispose() {
    await this.return();
  };
}

function ignore() {}
