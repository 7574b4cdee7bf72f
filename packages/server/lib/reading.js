// Events of a reader or a subscription on their way to a client: as JSON texts, in pages.

import { Failure, asFailure } from './failures.js';

/** A page has at most so many characters of JSON text, and an event more. */
const PAGE_CHARACTERS_MAX = 262_144;

/** A page has at most so many events. */
const PAGE_EVENTS_MAX = 1_000;

/** A page that has an event waits at most so long for more, where conditions rarely hold. */
const PAGE_MS_MAX = 20;

/** Events that one client reads. Nothing is read before it asks for a page, and no more than a page ahead. */
export class Reading {
  #calls;
  #isEndless;
  #events;
  #step;
  #untilPosition;
  #over;
  /** What the step after the last page has thrown, which the next page tells. */
  #failure;
  /** The instance as it was when the reading began: `{ id, createdAt }`, both `undefined` for one that is awaited. */
  instance;
  /** After which position a subscription begins, as a number: it can be cut off before its first event. */
  afterPosition;

  /**
   * Begins to read. It fails as the first step does, but for an instance that is missing.
   *
   * @param {object} parts
   * @param {import('./calls.js').Calls} parts.calls - What reads.
   * @param {import('./metrics.js').Metrics} parts.metrics - What counts.
   * @param {object} row - The reader's row in the table of methods.
   * @param {object} params - Its parameters, that were not refused. `untilPosition` ends a reader at a position: that
   *   of a reader that was cut off before.
   * @returns {Promise<Reading>} The reading.
   */
  static async begin({ calls, metrics }, row, { untilPosition, ...options }) {
    const reading = new Reading();
    reading.#calls = calls;
    reading.#isEndless = row.isEndless === true;
    const { lastPosition, ...instance } = await calls.instanceOf(options);
    reading.instance = instance;
    if (row.isEndless) {
      if (options.afterPosition === 'end') options.afterPosition = lastPosition;
      await calls.check(options);
      reading.afterPosition = options.afterPosition ?? 0;
    } else if (options.direction !== 'backward') {
      reading.#untilPosition = untilPosition ?? lastPosition;
    } else if (untilPosition !== undefined) {
      throw unknownUntil();
    }
    reading.#events = calls.read(row, options);
    reading.#over = metrics.beganReading(row.name);
    return reading;
  }

  /** The last position that there was when the reading began; `undefined` for one without an end, or backwards. */
  get untilPosition() {
    return this.#untilPosition;
  }

  /**
   * The next events. It waits for the first of them. Until they are there, a reader counts as a request that is being
   * answered. A subscription does not: it may wait for long.
   *
   * @returns {Promise<{ events: string[], positions: number[], done: boolean }>} Their JSON texts, their positions,
   *   and whether there are no more.
   * @throws {Failure} What the step threw, once the events before it were given out. The reading has then ended.
   */
  async page() {
    if (this.#isEndless) return this.#page();
    this.#calls.occupy();
    try {
      return await this.#page();
    } finally {
      this.#calls.vacate();
    }
  }

  async #page() {
    const events = [];
    const positions = [];
    let characters = 0;
    let late;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      for (;;) {
        this.#step ??= this.#events.next();
        late ??= events.length > 0 ? lateness() : undefined;
        const step = await (late === undefined
          ? this.#step
          : Promise.race([this.#step, late.promise]));
        if (step === LATE) return { events, positions, done: false };
        this.#step = undefined;
        if (step.done || step.value.position > (this.#untilPosition ?? Infinity)) {
          this.end();
          return { events, positions, done: true };
        }
        const text = JSON.stringify(step.value);
        events.push(text);
        positions.push(step.value.position);
        characters += text.length;
        const isFull = characters >= PAGE_CHARACTERS_MAX || events.length >= PAGE_EVENTS_MAX;
        if (isFull || this.#events.caughtUp) return { events, positions, done: false };
      }
    } catch (error) {
      const failure = asFailure(error);
      this.end(failure.code);
      if (events.length === 0) throw failure;
      this.#failure = failure;
      return { events, positions, done: false };
    } finally {
      clearTimeout(late?.timer);
    }
  }

  /** Ends the reading, also a page that is waited for. */
  end(code = 'OK') {
    this.#over?.(code);
    this.#over = undefined;
    // A step that waits ends with that. What it is refused with is told by `page`.
    this.#events?.return().catch(() => {});
  }
}

const LATE = Symbol('late');

function lateness() {
  let timer;
  const promise = new Promise((resolve) => {
    timer = setTimeout(resolve, PAGE_MS_MAX, LATE);
  });
  return { promise, timer };
}

function unknownUntil() {
  return new Failure(
    'INVALID_ARGUMENT',
    'untilPosition: expected it only with a reader that goes forwards',
  );
}
