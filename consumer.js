'use strict';

// Events that a consumer is given, whose place is kept in the log: what `subscribe` returns for one.

const { clearTimeout, setTimeout } = require('node:timers');

const { failure } = require('./calls.js');
const { LivePages } = require('./live-pages.js');

/** Over so many events that were not asked for a consumer is moved at once. */
const EVENTS_PASSED = 1_000;

/** Over fewer it is moved when none have come for so long, in milliseconds. */
const REST = 1_000;

/** The pages of a subscription with a consumer. Each event of them can be acknowledged. */
class ConsumerPages extends LivePages {
  #consumer;
  /** What the checkpoints of all events have in common, once the consumer is registered. */
  #checkpoint;
  /** The position of the last event of the pages before. */
  #given = 0;
  /** Where the consumer is known to stand at least. */
  #position = 0;
  /** Up to where it was tried to move the consumer. */
  #tried = 0;
  #isMoving = false;
  #rest;

  constructor(calls, options, catchingUp) {
    super(calls, options, catchingUp);
    this.#consumer = options.consumer;
  }

  async take() {
    if (this.#checkpoint === undefined) {
      const response = await this.respond('register');
      if (response === undefined) return undefined;
      const { position, generation } = response.data;
      this.#checkpoint = { consumer: this.#consumer, generation };
      this.#position = position;
      this.#tried = position;
    }
    return super.take();
  }

  looked({ events, passed, caughtUp }) {
    clearTimeout(this.#rest);
    if (events.length > 0) {
      for (const event of events) this.#attach(event);
      this.#given = events.at(-1).position;
      this.#tried = this.#given;
    } else if (passed - this.#tried >= EVENTS_PASSED) {
      this.#move(passed);
    } else if (caughtUp && passed > Math.max(this.#position, this.#given)) {
      this.#rest = setTimeout(() => this.#move(passed), REST).unref();
    }
  }

  release() {
    clearTimeout(this.#rest);
    super.release();
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
    const response = await this.call('advance', this.#given, passed);
    this.#isMoving = false;
    if (response.success) this.#position = response.data.position;
  }

  /** Gives an event its ways to be acknowledged, which are not seen where its keys are. */
  #attach(event) {
    const { instanceId: instance, position } = event;
    const ack = async () => {
      const response = await this.call('acknowledge', position);
      if (!response.success) throw failure(response);
    };
    const checkpoint = { ...this.#checkpoint, instance, position };
    Object.defineProperty(event, 'ack', { value: ack, configurable: true, writable: true });
    const described = { value: checkpoint, configurable: true, writable: true };
    Object.defineProperty(event, 'checkpoint', described);
  }
}

module.exports = { ConsumerPages };
