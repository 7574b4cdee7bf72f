'use strict';

// Events that a consumer is given, whose place is kept in the log: what `subscribe` returns for one.

const { clearTimeout, setTimeout } = require('node:timers');

const { failure } = require('./calls.js');
const { LivePages } = require('./live-pages.js');

/** Over so many events that were not asked for a consumer is moved at once. */
const EVENTS_PASSED = 1_000;

/** Over fewer it is moved when none have come for so long, in milliseconds. */
const REST = 1_000;

/** Fails as the engine has. */
function check(response) {
  if (response.success) return;
  const { conflict } = response;
  throw Object.assign(failure(response), conflict === undefined ? {} : { conflict });
}

/** The pages of a subscription with a consumer. Each event of them can be acknowledged. */
class ConsumerPages extends LivePages {
  #registered = false;
  /** The position of the last event of the pages before. */
  #given = 0;
  /** Up to where events were passed over, or given out, when the consumer was moved last. */
  #moved = 0;
  #rest;
  /** What moving it has failed with in the meantime. */
  #failure;
  #acknowledge;

  constructor(calls, options, catchingUp) {
    super(calls, options, catchingUp);
    const acknowledge = async (position) => check(await this.call('acknowledge', position));
    this.#acknowledge = acknowledge;
  }

  async take() {
    if (!this.#registered) {
      const response = await this.respond('register');
      if (response === undefined) return undefined;
      this.#registered = true;
    }
    return super.take();
  }

  async looked({ events, passed, caughtUp }) {
    clearTimeout(this.#rest);
    if (this.#failure !== undefined) throw this.#failure;
    if (events.length > 0) {
      for (const event of events) this.#attach(event);
      this.#given = events.at(-1).position;
      this.#moved = this.#given;
      return true;
    }
    const count = passed - this.#moved;
    if (count >= EVENTS_PASSED) {
      this.#moved = passed;
      return (await this.respond('advance', this.#given, passed)) !== undefined;
    }
    if (count > 0 && caughtUp) {
      this.#rest = setTimeout(() => this.#move(passed), REST).unref();
    }
    return true;
  }

  release() {
    clearTimeout(this.#rest);
    super.release();
  }

  /** Moves the consumer while a commit is waited for. */
  async #move(passed) {
    this.#moved = passed;
    const response = await this.call('advance', this.#given, passed);
    if (!response.success && response.code !== 'CLOSED') this.#failure = failure(response);
  }

  /** Gives an event its way to be acknowledged, which is not seen where its keys are. */
  #attach(event) {
    const acknowledge = this.#acknowledge;
    const { position } = event;
    Object.defineProperty(event, 'ack', {
      value: () => acknowledge(position),
      configurable: true,
      writable: true,
    });
  }
}

module.exports = { ConsumerPages };
