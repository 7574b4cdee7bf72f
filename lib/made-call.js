'use strict';

// A call of a log on its way to the addon, at once or in its turn.

const { told } = require('./failure.js');
const { expect, refusal } = require('./wire/calls.js');

/** A call as it is made: one object, since there is one for each event that is appended. */
class MadeCall {
  #connection;
  #type;
  #now;
  #settled;

  constructor(connection, type, now, settled) {
    this.#connection = connection;
    this.#type = type;
    this.#now = now;
    this.#settled = settled;
  }

  /** Takes the response. */
  resolve(response) {
    this.#connection.tellTimed();
    this.#settled(response);
  }

  /** The number that the addon answers the call under. `answered` takes the response, in the place of the caller. */
  expect(answered = this.#settled) {
    return expect(this.#type, answered, this.#connection);
  }

  /** Has `make` called with the native log, at once. */
  handOver(make, given) {
    this.#connection.handOver(make, given, this.#now);
  }

  /**
   * Has `make` called with the native log once `ready` has settled, which is a promise where there is something to be
   * waited for, and after all changes that were called before: they take effect in the order of their calls. `make` is
   * given what `ready` has resolved with. `text` is what counts of a call while it waits, and `until` listens to what ends
   * the wait, if that is more than the closing of the log.
   */
  handOverInTurn(make, ready, text, until) {
    const { changes } = this.#connection;
    if (ready === undefined && !changes.areWaiting) {
      this.handOver(make);
      return;
    }
    const refuse = (error) => this.#settled(refusal(this.#type, told(error)));
    changes.add(ready, (given) => this.handOver(make, given), refuse, text, until);
  }
}

module.exports = { MadeCall };
