// Events of a reader or a subscription on their way to a client: as lines of JSON text, in pages.

import { firstLines, linesOf, linesUpTo } from './event-lines.js';
import { Failure, asFailure } from './failures.js';

/** A page has at most so many bytes of JSON text, and an event more. */
const PAGE_BYTES_MAX = 262_144;

/** A page has at most so many events. */
const PAGE_EVENTS_MAX = 1_000;

/** A page that has an event waits at most so long for more, where conditions rarely hold. */
const PAGE_MS_MAX = 20;

const NONE = Buffer.alloc(0);

/** Events that one client reads. Nothing is read before it asks for a page, and no more than a page ahead. */
export class Reading {
  #calls;
  #isEndless;
  #events;
  #step;
  /** What was read and is not given out. */
  #lines = NONE;
  /** Whether nothing is to be read behind these. */
  #isCut = false;
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
    const { lastPosition, ...instance } = await calls.instanceOf(row, options);
    reading.instance = instance;
    if (row.isEndless) {
      if (options.afterPosition === 'end') options.afterPosition = lastPosition;
      await calls.check(options);
      reading.afterPosition = options.afterPosition ?? 0;
    } else if (options.direction !== 'backward') {
      reading.#untilPosition = positionOf(untilPosition) ?? lastPosition;
    } else if ((untilPosition ?? undefined) !== undefined) {
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
   * @returns {Promise<{ lines: Buffer, count: number, done: boolean }>} Them as lines, how many they are, and whether there
   *   are no more.
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
    if (this.#failure !== undefined) throw this.#failure;
    const page = new Page();
    let late;
    try {
      while (!page.isFull) {
        if (this.#lines.length === 0) {
          if (this.#isCut || (page.count > 0 && this.#events.caughtUp)) break;
          late ??= page.count > 0 ? lateness() : undefined;
          const step = await this.#next(late);
          if (step === LATE) break;
          if (step.done) this.#isCut = true;
          else this.#took(linesOf(step.value));
        } else {
          this.#lines = page.take(this.#lines);
        }
      }
      const done = this.#isCut && this.#lines.length === 0;
      if (done) this.end();
      return page.ended(done);
    } catch (error) {
      const failure = asFailure(error);
      this.end(failure.code);
      if (page.count === 0) throw failure;
      this.#failure = failure;
      return page.ended(false);
    } finally {
      clearTimeout(late?.timer);
    }
  }

  /** The next step of the reader, or `LATE` if it is not there in time. */
  async #next(late) {
    this.#step ??= this.#events.next();
    const step = await (late === undefined ? this.#step : Promise.race([this.#step, late.promise]));
    if (step !== LATE) this.#step = undefined;
    return step;
  }

  /** Takes lines that were read: up to the last position that there was when the reading began. */
  #took(lines) {
    this.#lines = this.#untilPosition === undefined ? lines : linesUpTo(lines, this.#untilPosition);
    this.#isCut = this.#lines.length < lines.length;
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

/** A page that is being filled. */
class Page {
  #parts = [];
  #bytes = 0;
  count = 0;

  get isFull() {
    return this.#bytes >= PAGE_BYTES_MAX || this.count >= PAGE_EVENTS_MAX;
  }

  /** Takes lines for as long as there is room. Returns the rest. */
  take(lines) {
    const room = [PAGE_EVENTS_MAX - this.count, PAGE_BYTES_MAX - this.#bytes];
    const { count, end } = firstLines(lines, ...room);
    this.#parts.push(lines.subarray(0, end));
    this.#bytes += end;
    this.count += count;
    return lines.subarray(end);
  }

  ended(done) {
    const lines = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    return { lines, count: this.count, done };
  }
}

function lateness() {
  let timer;
  const promise = new Promise((resolve) => {
    timer = setTimeout(resolve, PAGE_MS_MAX, LATE);
  });
  return { promise, timer };
}

/** The position that a reader is to end at; `undefined` if none is given. */
function positionOf(untilPosition) {
  const given = untilPosition ?? undefined;
  if (given === undefined || (Number.isSafeInteger(given) && given >= 0)) return given;
  const text = `untilPosition: expected a whole number from 0, found ${JSON.stringify(given).slice(0, 100)}`;
  throw new Failure('INVALID_ARGUMENT', text);
}

function unknownUntil() {
  return new Failure(
    'INVALID_ARGUMENT',
    'untilPosition: expected it only with a reader that goes forwards',
  );
}
