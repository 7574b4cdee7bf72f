'use strict';

// The events that are there, and those that follow, as pages.

const { InstanceWait } = require('./instance-wait.js');
const { Pages } = require('./reader.js');
const { encode } = require('../wire/arguments.js');

/** The pages of a subscription, as events or as lines. Each is read when its first event is asked for, and not before. */
class LivePages extends Pages {
  #catchingUp;
  #begun = false;
  /** Whether the page that was read last goes up to the end of the log. */
  #isLast = false;
  #isReleased = false;
  /** Whether the log was closed while an event was waited for. */
  #isClosed = false;
  /** What notes that it has ended. */
  #end;
  #followers;
  #instance;
  /** Up to where the program has taken events, or been passed over; `undefined` until that is known. */
  #position;
  /** The wait for the instance, until that is there. */
  #instanceWait;
  /** What is asked for once it is there, if it was not when the first event was asked for. */
  #textOfNew;
  /** The position of the last event of the page that was read last. */
  #last;

  constructor(calls, given, site, catchingUp) {
    super(calls, given, site);
    this.#catchingUp = catchingUp;
    this.#followers = calls.followers;
    this.#instance = given.asked.instance;
    if (given.awaitInstance) {
      const { signal } = given;
      const { instance, afterPosition } = given.asked;
      this.#instanceWait = new InstanceWait(calls, { instance, signal }, site);
      // All events of an instance that was not there come after its end as it was then.
      const asked = afterPosition === 'end' ? { ...given.asked, afterPosition: 0 } : given.asked;
      this.#textOfNew = encode(['query'], [asked]).slice(1, -1);
    }
  }

  /** The next events, once there are any; `undefined` if they are not waited for any more. */
  async take() {
    if (!this.#isReleased) this.#end ??= this.#followers.add(this);
    while (!this.#isReleased && !this.isAborted) {
      const response = await this.respond('step');
      if (response === undefined) return undefined;
      const { result } = response.data;
      const { caughtUp } = result;
      this.looked(result);
      const given = this.given(result);
      const [first] = given;
      this.#cameTo(
        first === undefined ? result.passed : (first.position ?? result.firstPosition) - 1,
      );
      this.#last = result.lastPosition;
      this.#isLast = caughtUp;
      if (given.length > 0) {
        this.#catchingUp.isDone = false;
        return given;
      }
      if (caughtUp) {
        this.#catchingUp.done();
        if ((await this.respond('wait')) === undefined) return undefined;
      }
    }
    return undefined;
  }

  /** How far the program is. */
  get place() {
    const { isDone: isCaughtUp } = this.#catchingUp;
    return { instance: this.#instance, position: this.#position, isCaughtUp };
  }

  took(given) {
    // All lines of a page are one piece.
    this.#cameTo(this.#last ?? given.position);
  }

  /** What was put back comes from further behind. */
  #cameTo(position) {
    this.#position = Math.max(this.#position ?? 0, position);
  }

  /** Takes in what a page has, before it is given out. */
  looked(_) {}

  /** What a call answers; `undefined` if the log is closed, or nobody waits any more. */
  async respond(name) {
    const response = await this.first(this.call(name));
    if (response === undefined) return undefined;
    if (response.success) {
      this.#begun = true;
      this.#instanceWait = undefined;
      return response;
    }
    if (response.code === 'INSTANCE_NOT_FOUND' && this.#instanceWait !== undefined) {
      if (!(await this.#instanceWait.found())) return undefined;
      this.restart(this.#textOfNew);
      return this.respond(name);
    }
    // A log that was closed before is a mistake.
    if (response.code === 'CLOSED' && this.#begun) return undefined;
    throw this.failure(response);
  }

  /** As that of other pages; a log that is closed ends the subscription. */
  async typed(event) {
    try {
      return await super.typed(event);
    } catch (error) {
      // What the program itself has thrown has another code.
      if (error?.code !== 'CLOSED') throw error;
      this.#isClosed = true;
      return undefined;
    }
  }

  get isClosed() {
    return this.#isClosed;
  }

  emptied() {
    if (this.#isLast) this.#catchingUp.done();
  }

  release() {
    this.#isReleased = true;
    this.#end?.();
    this.call('interrupt');
    this.#instanceWait?.release();
    this.#catchingUp.end();
    super.release();
  }
}

module.exports = { LivePages };
