'use strict';

// Events that are there, and those that follow: what `subscribe` returns.

const { failure } = require('./calls.js');
const { Pages, Reader } = require('./reading.js');

/** Whether a subscription has come to the end of the log. */
class CatchingUp {
  /** Whether all events that were there by the last look have been taken. */
  isDone = false;
  /** Resolves when that is so for the first time, or the subscription ends. */
  promise;
  #resolve;

  constructor() {
    this.promise = new Promise((resolve) => (this.#resolve = resolve));
  }

  done() {
    this.isDone = true;
    this.#resolve();
  }

  end() {
    this.#resolve();
  }
}

/** The pages of a subscription. Each is read when its first event is asked for, and not before. */
class LivePages extends Pages {
  #catchingUp;
  #begun = false;
  /** Whether the page that was read last goes up to the end of the log. */
  #isLast = false;
  #isReleased = false;

  constructor(calls, options, catchingUp) {
    super(calls, options);
    this.#catchingUp = catchingUp;
  }

  /** The next events, once there are any; `undefined` if they are not waited for any more. */
  async take() {
    while (!this.#isReleased && !this.isAborted) {
      const response = await this.#respond('step');
      if (response === undefined) return undefined;
      this.#begun = true;
      const { events, caughtUp } = response.data.result;
      this.#isLast = caughtUp;
      if (events.length > 0) {
        this.#catchingUp.isDone = false;
        return events;
      }
      if (caughtUp) {
        this.#catchingUp.done();
        if ((await this.#respond('wait')) === undefined) return undefined;
      }
    }
    return undefined;
  }

  /** What a call answers; `undefined` if the log is closed, or nobody waits any more. */
  async #respond(name) {
    const response = await this.first(this.call(name));
    if (response === undefined || response.success) return response;
    // A log that was closed before is a mistake.
    if (response.code === 'CLOSED' && this.#begun) return undefined;
    throw failure(response);
  }

  emptied() {
    if (this.#isLast) this.#catchingUp.done();
  }

  release() {
    this.#isReleased = true;
    this.call('interrupt');
    this.#catchingUp.end();
    super.release();
  }
}

class Subscription extends Reader {
  #catchingUp;

  constructor(calls, options) {
    const catchingUp = new CatchingUp();
    super(() => {
      try {
        return new LivePages(calls, options, catchingUp);
      } catch (error) {
        catchingUp.end();
        throw error;
      }
    });
    this.#catchingUp = catchingUp;
  }

  get caughtUp() {
    return this.#catchingUp.isDone;
  }

  get untilCaughtUp() {
    return this.#catchingUp.promise;
  }
}

module.exports = { Subscription };
