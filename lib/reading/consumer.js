'use strict';

// Events that a consumer is given, whose place is kept in the log: what `subscribe` returns for one.

const { CallSite, failure, reason } = require('../failure.js');
const { JSON, Promise } = require('../intrinsics.js');
const { Pause } = require('../pause.js');
const { encode } = require('../wire/arguments.js');
const { delayAfter } = require('./failing.js');
const { LivePages } = require('./live-pages.js');

/** Over so many events that were not asked for a consumer is moved at once. */
const EVENTS_PASSED = 1_000;

/** Over fewer it is moved when none have come for so long, in milliseconds. */
const REST = 1_000;

/** What is not seen where the keys of an object are. */
const hidden = (value) => ({ value, configurable: true, writable: true });

/** The text of what an event has failed with, to be kept; `undefined` if nothing was said. */
function textOf(error) {
  if (error === undefined || error === null) return undefined;
  try {
    const text = String(error);
    // An object without a text of its own, such as `{ status: 503 }`.
    return text === '[object Object]' ? JSON.stringify(error) : text;
  } catch {
    return reason(error);
  }
}

/** The pages of a subscription with a consumer. Each event of them can be acknowledged, or be said to have failed. */
class ConsumerPages extends LivePages {
  #consumer;
  /** Tells the consumer from others that had its name before. There once it is registered. */
  #generation;
  /** The position of the last event of the pages before. */
  #given = 0;
  /** Where the consumer is known to stand at least. */
  #position = 0;
  /** Up to where it was tried to move the consumer. */
  #tried = 0;
  #isMoving = false;
  /** The wait for more events, once there are none. */
  #rest;
  /** What becomes of events that fail. */
  #failing;
  /** The events that have failed and are to be given out again, in this order, each with its delay. */
  #failed = [];
  /** What ends the subscription, after an event has failed for good. */
  #stop;
  /** The page that is being read. */
  #taking;
  /** Tells who waits for a page that an event has failed. */
  #tellFailed;
  #isOver = false;

  constructor(calls, given, site, catchingUp) {
    super(calls, given, site, catchingUp);
    this.#consumer = given.asked.consumer;
    this.#failing = given.failing;
  }

  /** The next events; none if one has failed meanwhile, which comes first. What was read by then is kept. */
  async take() {
    this.#taking ??= this.#takeNext();
    // If it fails while an event is given out again, the next step tells.
    this.#taking.catch(() => {});
    const failed = new Promise((resolve) => (this.#tellFailed = resolve));
    const events = await Promise.race([this.#taking, failed]);
    if (this.hasFailed) return [];
    this.#taking = undefined;
    return events;
  }

  async #takeNext() {
    if (this.#generation === undefined) {
      const response = await this.respond('move');
      if (response === undefined) return undefined;
      const { position, generation } = response.data;
      this.#generation = generation;
      this.#position = position;
      this.#tried = position;
    }
    return super.take();
  }

  looked({ events, passed, caughtUp, retries }) {
    this.#rest?.end();
    if (retries !== undefined) {
      // They stand before what was given out last.
      for (const [index, event] of events.entries()) this.#attach(event, 1, retries[index]);
    } else if (events.length > 0) {
      for (const event of events) this.#attach(event, 1);
      this.#given = events.at(-1).position;
      this.#tried = this.#given;
    } else if (passed - this.#tried >= EVENTS_PASSED) {
      this.#move(passed);
    } else if (caughtUp && passed > Math.max(this.#position, this.#given)) {
      this.#moveLater(passed);
    }
  }

  get hasFailed() {
    return this.#failed.length > 0 || this.#stop !== undefined;
  }

  check() {
    super.check();
    if (this.#stop !== undefined) throw this.#stop;
  }

  /** The event that has failed first, once its delay is over; `undefined` if it is not waited for any more. */
  async again() {
    const [failed] = this.#failed;
    const event = (await this.#delay(failed)) ? await this.#read(failed) : undefined;
    if (event === undefined) {
      // The next step ends the subscription, or tells why it is over.
      this.#failed = [];
      this.#taking = undefined;
    } else {
      this.#failed.shift();
      this.#attach(event, failed.attempt, failed.turn);
    }
    return event;
  }

  /** Waits until an event may be given out again. Returns whether it may. */
  async #delay({ pause, passed }) {
    if (pause === undefined) return !this.#isOver;
    const hold = this.call('hold');
    // A log that is closed ends the waiting.
    hold.ended.then(() => pause.end());
    const isPassed = await this.first(passed);
    hold.end();
    return isPassed === true;
  }

  /** Reads an event anew, whatever was made of the one that was given out; `undefined` if it is no more. */
  async #read({ id, instance, position }) {
    const asked = { instance, afterPosition: position - 1, limit: 1 };
    const text = encode(['query'], [asked]).slice(1, -1);
    const response = await this.first(this.call('event', text));
    if (response === undefined) return undefined;
    if (response.success) return response.data.result.events.find((event) => event.id === id);
    if (response.code === 'CLOSED' || response.code === 'INSTANCE_NOT_FOUND') return undefined;
    throw this.failure(response);
  }

  release() {
    this.#isOver = true;
    this.#rest?.end();
    this.#endDelays();
    super.release();
  }

  #endDelays() {
    for (const { pause } of this.#failed) pause?.end();
  }

  async #moveLater(passed) {
    this.#rest = new Pause();
    if (await this.#rest.for(REST)) await this.#move(passed);
  }

  /**
   * Moves the consumer over events that were not asked for, if those before are done.
   *
   * It need not succeed: a consumer that stays where it is has the same events ahead, and is moved later. What is
   * wrong with it, if something is, the next page tells.
   */
  async #move(passed) {
    if (this.#isMoving) return;
    this.#isMoving = true;
    this.#tried = passed;
    const response = await this.call('move', this.#given, passed);
    this.#isMoving = false;
    if (response.success) this.#position = response.data.position;
  }

  /**
   * Gives an event its ways to be acknowledged, and to be said to have failed. `turn` is when it was put back, if it had
   * been parked.
   */
  #attach(event, attempt, turn) {
    const { id, instanceId: instance, position } = event;
    const given = { id, instance, position, attempt, turn };
    const ack = async () => this.#done(given, new CallSite());
    let failed;
    const nack = async (error) => {
      failed ??= this.#fail(given, error, new CallSite());
      try {
        await failed;
      } catch (refusal) {
        // It can be called again.
        failed = undefined;
        throw refusal;
      }
    };
    const [consumer, generation] = [this.#consumer, this.#generation];
    const checkpoint = { consumer, position, instance, generation };
    if (turn !== undefined) checkpoint.retry = turn;
    Object.defineProperties(event, {
      ack: hidden(ack),
      nack: hidden(nack),
      attempt: hidden(attempt),
      checkpoint: hidden(checkpoint),
    });
  }

  /** Has an event be done. */
  async #done({ position, turn }, site) {
    const response = await (turn === undefined
      ? this.call('move', position)
      : this.call('finish', turn, position));
    if (!response.success) throw failure(response, site);
  }

  /** Has an event be given out again, or after the last attempt what the program has said. */
  async #fail(given, error, site) {
    const { attempts, delayMs, onFailed } = this.#failing;
    const { position, attempt, turn } = given;
    if (attempt < attempts) {
      const ms = delayAfter(attempt, delayMs);
      // Whoever has left the subscription gets it from the next one.
      if (!this.#isOver) this.#again({ ...given, attempt: attempt + 1 }, ms);
    } else if (onFailed === 'stop') {
      this.#stopBy(given, error);
    } else if (onFailed === 'skip') {
      await this.#done(given, site);
    } else {
      // The rest of a longer text is not kept.
      const text = textOf(error)?.slice(0, 5_000);
      const parked = { position, turn, attempts: attempt, error: text };
      const response = await this.call('park', parked);
      if (!response.success) throw failure(response, site);
    }
  }

  #again(failed, ms) {
    // Its time runs from now on, whether or not the next event is asked for.
    const pause = ms > 0 ? new Pause() : undefined;
    this.#failed.push({ ...failed, pause, passed: pause?.for(ms) });
    this.#tellFailed?.();
  }

  #stopBy({ position, attempt }, cause) {
    const told = textOf(cause);
    const times = attempt === 1 ? 'once' : `${attempt} times`;
    const why = told === undefined ? '' : `: ${told}`;
    const error = `the event at position ${position} has failed ${times}${why}`;
    const stop = this.failure({ code: 'EVENT_FAILED', error, cause: cause ?? undefined });
    this.#stop ??= Object.assign(stop, { position, attempts: attempt });
    this.#endDelays();
    this.#tellFailed?.();
  }
}

module.exports = { ConsumerPages };
