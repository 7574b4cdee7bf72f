'use strict';

// Events that are there, and those that follow: what `subscribe` returns.

const { CallSite } = require('../failure.js');
const { Promise } = require('../intrinsics.js');
const { ConsumerPages } = require('./consumer.js');
const { LivePages } = require('./live-pages.js');
const { Reader, split } = require('./reader.js');

/** Whether a subscription has come to the end of the log. */
class CatchingUp {
  /** Whether all events that were there by the last look have been taken. */
  isDone = false;
  /** Resolves when that is so for the first time, or the subscription ends. @type {Promise<void>} */
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

class Subscription extends Reader {
  #catchingUp;

  constructor(calls, options) {
    const catchingUp = new CatchingUp();
    const site = new CallSite();
    super(() => {
      try {
        const given = split(options, true);
        const Pages = given.asked.consumer === undefined ? LivePages : ConsumerPages;
        return new Pages(calls, given, site, catchingUp);
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
