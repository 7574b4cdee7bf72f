'use strict';

// Events in a row: what `readStream` and `readAll` return.

const { abortedText, describe, isSignal, onAbort } = require('./abort.js');
const { Unencodable, encode, reason } = require('./arguments.js');
const { failure } = require('./calls.js');

function invalid(text) {
  return new Unencodable('INVALID_ARGUMENT', text);
}

/** The signal among the options, and the JSON text of the others. */
function split(options) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const found = options === undefined ? 'nothing' : describe(options);
    throw invalid(`options: expected an object, found ${found}`);
  }
  const { signal, ...asked } = options;
  if (signal !== undefined && !isSignal(signal)) {
    throw invalid(`signal: expected an AbortSignal, found ${describe(signal)}`);
  }
  return { signal, text: encode(['query'], [asked]).slice(1, -1) };
}

/** What is thrown where reading fails, for whatever was thrown here. */
function asFailure(thrown) {
  if (thrown?.name === 'EventLogError') return thrown;
  const code = thrown instanceof Unencodable ? thrown.code : 'INVALID_ARGUMENT';
  return failure({ code, error: reason(thrown) });
}

const END = { done: true, value: undefined };

/**
 * Reads a page when its events are asked for, and the next one while they are taken. Nothing is read before
 * the first event is asked for.
 *
 * It holds on to a signal only while it waits for a page: one that is left alone is forgotten.
 */
class Reader {
  #step;
  #reading;
  #signal;
  #page = [];
  #at = 0;
  /** The response to the step that was made last, until its page is taken. */
  #ahead;
  /** What goes on once the events have come that are waited for. */
  #tail;
  /** Ends the wait for a page. */
  #interrupt;
  /** What went wrong before anybody asked for an event. */
  #failure;
  #isOver = false;

  /** `create(text)` makes a native reading, and `step(reading)` reads its next page. */
  constructor(create, step, options) {
    this.#step = step;
    try {
      const { signal, text } = split(options);
      this.#signal = signal;
      this.#reading = create(text);
    } catch (error) {
      this.#failure = asFailure(error);
    }
  }

  next() {
    if (this.#tail === undefined && this.#at < this.#page.length && !this.#signal?.aborted) {
      return Promise.resolve({ done: false, value: this.#take() });
    }
    // Those that wait get their events in the order in which they asked.
    const taken = this.#tail === undefined ? this.#next() : this.#tail.then(() => this.#next());
    const tail = taken.then(
      () => this.#rest(tail),
      () => this.#rest(tail),
    );
    this.#tail = tail;
    return taken;
  }

  return(value) {
    this.#end();
    return Promise.resolve({ done: true, value });
  }

  throw(error) {
    this.#end();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async [Symbol.asyncDispose]() {
    this.#end();
  }

  #rest(tail) {
    if (this.#tail === tail) this.#tail = undefined;
  }

  #take() {
    const event = this.#page[this.#at];
    this.#page[this.#at] = undefined;
    this.#at += 1;
    return event;
  }

  async #next() {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      while (!this.#isOver) {
        if (this.#signal?.aborted) throw aborted(this.#signal);
        if (this.#at < this.#page.length) return { done: false, value: this.#take() };
        if (this.#reading === undefined) this.#end();
        else await this.#turn();
      }
      return END;
    } catch (error) {
      this.#failure = undefined;
      this.#end();
      throw error;
    }
  }

  /** Waits for the next page, and has the one after it read. */
  async #turn() {
    this.#ahead ??= this.#step(this.#reading);
    const response = await this.#first(this.#ahead);
    if (response === undefined || this.#isOver) return;
    this.#ahead = undefined;
    if (!response.success) throw failure(response);
    const { events, ended } = response.data.result;
    this.#page = events;
    this.#at = 0;
    if (ended) this.#reading = undefined;
    else this.#ahead = this.#step(this.#reading);
  }

  /** The response, or `undefined` if reading is called off first. */
  async #first(response) {
    const interrupted = new Promise((resolve) => (this.#interrupt = resolve));
    const unlisten = this.#signal && onAbort(this.#signal, this.#interrupt);
    try {
      return await Promise.race([response, interrupted]);
    } finally {
      unlisten?.();
    }
  }

  /** Lets go of everything. Whoever waits gets no event any more. */
  #end() {
    this.#isOver = true;
    this.#page = [];
    this.#at = 0;
    this.#ahead = undefined;
    this.#reading = undefined;
    this.#interrupt?.();
  }
}

function aborted(signal) {
  return failure({ code: 'ABORTED', error: abortedText(signal, 'reading') });
}

module.exports = { Reader };
