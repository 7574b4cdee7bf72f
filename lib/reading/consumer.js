'use strict';

// Events that a consumer is given, whose place is kept in the log: what `subscribe` returns for one.

const { CallSite, failure } = require('../failure.js');
const { Pause } = require('../pause.js');
const { LivePages } = require('./live-pages.js');

/** Over so many events that were not asked for a consumer is moved at once. */
const EVENTS_PASSED = 1_000;

/** Over fewer it is moved when none have come for so long, in milliseconds. */
const REST = 1_000;

/** What is not seen where the keys of an object are. */
const hidden = (value) => ({ value, configurable: true, writable: true });

/** The pages of a subscription with a consumer. Each event of them can be acknowledged. */
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

  constructor(calls, given, site, catchingUp) {
    super(calls, given, site, catchingUp);
    this.#consumer = given.asked.consumer;
  }

  async take() {
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

  looked({ events, passed, caughtUp }) {
    this.#rest?.end();
    if (events.length > 0) {
      for (const event of events) this.#attach(event);
      this.#given = events.at(-1).position;
      this.#tried = this.#given;
    } else if (passed - this.#tried >= EVENTS_PASSED) {
      this.#move(passed);
    } else if (caughtUp && passed > Math.max(this.#position, this.#given)) {
      this.#moveLater(passed);
    }
  }

  release() {
    this.#rest?.end();
    super.release();
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

  /** Gives an event its ways to be acknowledged. */
  #attach(event) {
    const { instanceId: instance, position } = event;
    const ack = async () => {
      const site = new CallSite();
      const response = await this.call('move', position);
      if (!response.success) throw failure(response, site);
    };
    const [consumer, generation] = [this.#consumer, this.#generation];
    const checkpoint = { consumer, position, instance, generation };
    Object.defineProperty(event, 'ack', hidden(ack));
    Object.defineProperty(event, 'checkpoint', hidden(checkpoint));
  }
}

module.exports = { ConsumerPages };
