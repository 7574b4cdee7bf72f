'use strict';

// The events that are there, and those that follow, as pages.

const { InstanceWait } = require('./instance-wait.js');
const { Pages } = require('./reader.js');

/** The pages of a subscription. Each is read when its first event is asked for, and not before. */
class LivePages extends Pages {
  #catchingUp;
  #begun = false;
  /** Whether the page that was read last goes up to the end of the log. */
  #isLast = false;
  #isReleased = false;
  /** The wait for the instance, until that is there. */
  #instanceWait;

  constructor(calls, given, site, catchingUp) {
    super(calls, given, site);
    this.#catchingUp = catchingUp;
    if (given.awaitInstance) {
      const { signal } = given;
      const { instance } = given.asked;
      this.#instanceWait = new InstanceWait(calls, { instance, signal }, site);
    }
  }

  /** Whether the instance is still to be waited for. */
  get isBeginning() {
    return this.#instanceWait !== undefined;
  }

  /** Waits for the instance. Resolves with whether there is anything to read. */
  async begin() {
    const isThere = await this.#instanceWait.found();
    if (isThere) this.#instanceWait = undefined;
    return isThere;
  }

  /** The next events, once there are any; `undefined` if they are not waited for any more. */
  async take() {
    // Not a turn later than it was called for, where there is nothing to wait for.
    if (this.isBeginning && !(await this.begin())) return undefined;
    while (!this.#isReleased && !this.isAborted) {
      const response = await this.respond('step');
      if (response === undefined) return undefined;
      const { result } = response.data;
      const { events, caughtUp } = result;
      this.looked(result);
      this.#isLast = caughtUp;
      if (events.length > 0) {
        this.#catchingUp.isDone = false;
        return events;
      }
      if (caughtUp) {
        this.#catchingUp.done();
        if ((await this.respond('wait')) === undefined) return undefined;
      }
    }
    return undefined;
  }

  /** Takes in what a page has, before it is given out. */
  looked() {}

  /** What a call answers; `undefined` if the log is closed, or nobody waits any more. */
  async respond(name) {
    const response = await this.first(this.call(name));
    if (response === undefined) return undefined;
    if (response.success) {
      this.#begun = true;
      return response;
    }
    // A log that was closed before is a mistake.
    if (response.code === 'CLOSED' && this.#begun) return undefined;
    throw this.failure(response);
  }

  emptied() {
    if (this.#isLast) this.#catchingUp.done();
  }

  release() {
    this.#isReleased = true;
    this.call('interrupt');
    this.#instanceWait?.release();
    this.#catchingUp.end();
    super.release();
  }
}

module.exports = { LivePages };
