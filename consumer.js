'use strict';

// Events that a consumer is given, whose place is kept in the log: what `subscribe` returns for one.

const { failure } = require('./calls.js');
const { LivePages } = require('./live-pages.js');

/** From so many events on that were passed over, the consumer is moved over them. */
const EVENTS_PASSED = 1_000;

/** Fewer than that are passed over so often, in milliseconds, once all events have been seen. */
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
  #movedAt = 0;
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
    if (events.length > 0) {
      const last = events.at(-1).position;
      for (const event of events) this.#attach(event);
      this.#given = last;
      this.#moved = last;
      return true;
    }
    const count = passed - this.#moved;
    const now = performance.now();
    if (count < EVENTS_PASSED && !(caughtUp && count > 0 && now - this.#movedAt >= REST)) {
      return true;
    }
    this.#movedAt = now;
    this.#moved = passed;
    return (await this.respond('advance', this.#given, passed)) !== undefined;
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
