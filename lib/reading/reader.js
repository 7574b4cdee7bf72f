'use strict';

// Events in a row: what `readStream` and `readAll` return. They come as objects, or as lines of JSON text.

const {
  CallSite,
  EventLogError,
  describe,
  describeValue,
  failure,
  invalid,
  invalidBy,
} = require('../failure.js');
const { givenOf } = require('../given.js');
const { Promise, isPromise } = require('../intrinsics.js');
const { abortion, isAborted, onAbort, signalAt } = require('../signal.js');
const { unlessEnded } = require('../wait.js');
const { encode } = require('../wire/arguments.js');
const { failingOf } = require('./failing.js');

/** What the events are given as if that is said: Buffers of whole lines. */
const LINES = 'jsonl';

/**
 * The signal among the options, and the JSON text of the others; and whether its events come as lines. Of a reading that
 * `follows`, also whether it waits for its instance, and what becomes of events that fail.
 */
function split(options, follows = false) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid(`options: expected an object, found ${describe(options)}`);
  }
  const { signal, ...asked } = givenOf(options);
  if (signal !== undefined) signalAt('signal', signal);
  const { awaitInstance = false, format } = asked;
  let failing;
  if (follows) {
    checkFlag('awaitInstance', awaitInstance);
    failing = failingOf(asked);
    for (const key of ['awaitInstance', 'retry', 'onFailed']) delete asked[key];
  }
  if (format !== undefined) {
    checkFormat(format, follows && asked.consumer !== undefined);
    delete asked.format;
  }
  const text = encode(['query'], [asked]).slice(1, -1);
  return { signal, asked, awaitInstance, failing, asLines: format === LINES, text };
}

/** Refuses what is no format of a reading that is asked for so. */
function checkFormat(format, hasConsumer) {
  const found = describeValue(format);
  if (format !== LINES) throw invalid(`format: expected "${LINES}", found ${found}`);
  if (!hasConsumer) return;
  throw invalid(
    `format: expected nothing with a consumer, which acknowledges event by event, found ${found}`,
  );
}

/** Refuses what is no flag, which stands at `path` in a call. */
function checkFlag(path, value) {
  if (typeof value === 'boolean') return;
  throw invalid(`${path}: expected a boolean, found ${describe(value)}`);
}

/**
 * Where the pages of a reader come from. It holds on to a signal only while a response is waited for: a
 * reader that is left alone is forgotten.
 */
class Pages {
  #calls;
  #asLines;
  #reading;
  #signal;
  /** What ends the waits that there are. */
  #interrupts = new Set();
  /** Where the reader was asked for. */
  #site;

  /**
   * `calls.create(text, asLines)` makes a native reading, and `calls.step(reading)` reads its next page. `calls.typed(event)`,
   * where there is one, has an event as the program's types of events do.
   */
  constructor(calls, { signal, text, asLines = false }, site) {
    this.#calls = calls;
    this.#site = site;
    this.#signal = signal;
    if (asLines && this.isTyped) {
      throw invalid(
        `format: expected nothing for a log with upcasters or validateReads, which need objects, found "${LINES}": ` +
          'read what is stored by log.typed({})',
      );
    }
    this.#asLines = asLines;
    this.#reading = calls.create(text, asLines);
  }

  get isAborted() {
    return isAborted(this.#signal);
  }

  check() {
    if (this.isAborted) throw this.failure(abortion(this.#signal, 'reading'));
  }

  /** Begins anew, with other options. */
  restart(text) {
    this.#reading = this.#calls.create(text, this.#asLines);
  }

  /** What is given out of the page that was read last: its events, or the pieces of its lines. */
  given({ events }) {
    if (!this.#asLines) return events;
    const pieces = [];
    for (let lines = this.call('lines'); lines !== null; lines = this.call('lines')) {
      pieces.push(lines);
    }
    return pieces;
  }

  /** The error that a failed response is. */
  failure(response) {
    return failure(response, this.#site);
  }

  /** Makes a call for the native reading, by its name. */
  call(name, ...given) {
    return this.#calls[name](this.#reading, ...given);
  }

  /** The response, once it has come; `undefined` if it is not waited for any more. */
  async first(response) {
    // A signal tells nobody who listens later.
    if (this.isAborted) return undefined;
    /** @type {(value?: void) => void} */
    let interrupt = () => {};
    const interrupted = /** @type {Promise<void>} */ (
      new Promise((resolve) => (interrupt = resolve))
    );
    const unlisten = this.#signal && onAbort(this.#signal, interrupt);
    this.#interrupts.add(interrupt);
    try {
      return await Promise.race([response, interrupted]);
    } finally {
      this.#interrupts.delete(interrupt);
      unlisten?.();
    }
  }

  /** Whether the program has types of events that change what is given out, or refuse it. */
  get isTyped() {
    return this.#calls.typed !== undefined;
  }

  /** An event as the program's types of events have it; `undefined` if it is not waited for any more. */
  async typed(event) {
    try {
      const typed = this.#calls.typed(event);
      if (!isPromise(typed)) return typed;
      return await unlessEnded(this.first(typed), (reject) =>
        this.#calls.onClose((response) => reject(this.failure(response))),
      );
    } catch (error) {
      throw this.#site.in(error);
    }
  }

  /** Whether the log was closed, and that is no failure. */
  get isClosed() {
    return false;
  }

  /** Notes that an event of a page was taken. */
  took(_) {}

  /** Notes that the last event of a page was taken. */
  emptied() {}

  /** Whether an event that was given out has failed, so that it comes before those that were not. */
  get hasFailed() {
    return false;
  }

  /** Ends the waits for responses. */
  release() {
    this.#interrupts.forEach((interrupt) => interrupt());
  }
}

/** The pages of a reading that ends. The next one is read while this one is taken. */
class PagesAhead extends Pages {
  #ahead;
  #ended = false;

  /** What is given out of the next page; `undefined` after the last one, or if that is not waited for any more. */
  async take() {
    if (this.#ended) return undefined;
    this.#ahead ??= this.call('step');
    const response = await this.first(this.#ahead);
    if (response === undefined) return undefined;
    if (!response.success) throw this.failure(response);
    const page = this.given(response.data.result);
    this.#ended = response.data.result.ended;
    this.#ahead = this.#ended ? undefined : this.call('step');
    return page;
  }

  release() {
    // What is read ahead is not wanted any more.
    if (this.#ahead !== undefined) this.call('interrupt');
    super.release();
  }
}

/** Gives out what pages have, one after the other. Nothing is read before the first is asked for. */
class Reader {
  #pages;
  #page = [];
  #at = 0;
  /** The steps that wait for events, as one. */
  #tail;
  /** What went wrong before anybody asked for an event. */
  #failure;

  /** `open()` gives the pages. */
  constructor(open) {
    try {
      this.#pages = open();
    } catch (error) {
      // A getter may have thrown.
      this.#failure = error instanceof EventLogError ? error : invalidBy('options', error);
    }
  }

  next() {
    if (this.#tail === undefined && this.#at < this.#page.length && this.#isWanted()) {
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

  /** Whether events are still wanted as they are, and nothing is wrong with what tells. */
  #isWanted() {
    try {
      return !this.#pages.isAborted && !this.#pages.hasFailed && !this.#pages.isTyped;
    } catch {
      // It is asked again by the step that fails with it.
      return false;
    }
  }

  #rest(tail) {
    if (this.#tail === tail) this.#tail = undefined;
  }

  #take() {
    const event = this.#takeOfPage();
    this.#tellTaken(event);
    return event;
  }

  #takeOfPage() {
    const event = this.#page[this.#at];
    this.#page[this.#at] = undefined;
    this.#at += 1;
    return event;
  }

  /** Notes that an event of the page is given out. */
  #tellTaken(event) {
    this.#pages.took(event);
    if (this.#at === this.#page.length) this.#pages.emptied();
  }

  async #next() {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      while (this.#pages !== undefined) {
        this.#pages.check();
        if (this.#pages.isClosed) {
          this.#end();
          break;
        }
        if (this.#pages.hasFailed) {
          const event = await this.#pages.again();
          const value = event === undefined ? undefined : await this.#typed(event);
          if (value !== undefined && this.#pages !== undefined) return { done: false, value };
          // What comes after it is not given out without it.
          this.#page = [];
          this.#at = 0;
          continue;
        }
        if (this.#at === this.#page.length) {
          await this.#turn(this.#pages);
          continue;
        }
        const event = this.#takeOfPage();
        const value = await this.#typed(event);
        if (this.#pages === undefined) break;
        // What is not waited for any more was not given out: the next round says why.
        if (value === undefined) continue;
        this.#tellTaken(event);
        return { done: false, value };
      }
      return { done: true, value: undefined };
    } catch (error) {
      this.#failure = undefined;
      this.#end();
      throw error;
    }
  }

  /** An event as it is given out; `undefined` if it is not waited for any more. */
  #typed(event) {
    return this.#pages?.isTyped ? this.#pages.typed(event) : event;
  }

  async #turn(pages) {
    const events = await pages.take();
    // It may have been ended meanwhile.
    if (this.#pages === undefined) return;
    pages.check();
    if (events === undefined) {
      this.#end();
    } else {
      this.#page = events;
      this.#at = 0;
    }
  }

  /** Lets go of everything. Whoever waits gets no event any more. */
  #end() {
    const pages = this.#pages;
    this.#pages = undefined;
    this.#page = [];
    this.#at = 0;
    pages?.release();
  }
}

function read(calls, options, site = new CallSite()) {
  return new Reader(() => new PagesAhead(calls, split(options), site));
}

module.exports = { Pages, Reader, checkFlag, read, split };
