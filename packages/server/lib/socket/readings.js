// The readers and subscriptions of one connection. The client asks for each page, so that one that does not ask holds
// up nothing but itself.

import { randomUUID } from 'node:crypto';

import { Failure, asFailure, failedResponse } from '../failures.js';
import { Reading } from '../reading.js';

export class Readings {
  #server;
  #open = new Map();
  #opening = 0;
  #isOver = false;

  /** @param {object} server - `calls`, `metrics` and `options` of the server. */
  constructor(server) {
    this.#server = server;
  }

  /**
   * Begins a reader or a subscription.
   *
   * @param {string} type - The type of the request.
   * @param {object} row - The row in the table of methods.
   * @param {object} params - The parameters, that were not refused.
   * @returns {Promise<object>} The response.
   */
  async open(type, row, params) {
    try {
      this.#refuseMore();
      this.#opening += 1;
      const reading = await this.#begin(row, params).finally(() => {
        this.#opening -= 1;
      });
      if (this.#isOver) reading.end();
      const id = randomUUID();
      this.#open.set(id, { reading, isReader: !row.isEndless, isAsked: false });
      const { instance, afterPosition, untilPosition } = reading;
      return succeeded(type, { reading: id, instance, afterPosition, untilPosition });
    } catch (error) {
      return failedResponse(type, asFailure(error));
    }
  }

  async #begin(row, params) {
    // A subscription is looked at in any case, since its first page can be long in coming.
    if (!row.isEndless) await this.#server.calls.checkReader(row, params);
    return Reading.begin(this.#server, row, params);
  }

  /** Whether this is a reader, which always has a next page, or its end. */
  isReader({ reading: id }) {
    return this.#open.get(id)?.isReader === true;
  }

  /**
   * The next page of a reading.
   *
   * @returns {Promise<{ response: object, lines?: Buffer } | undefined>} The response, and the lines of its events, which
   *   are no part of it yet; `undefined` if the connection is over: its end is not the end of the reading.
   */
  async next(type, { reading: id }) {
    const found = this.#open.get(id);
    const wrong = found === undefined ? unknown() : found.isAsked ? asked() : undefined;
    if (wrong !== undefined) return { response: failedResponse(type, wrong) };
    found.isAsked = true;
    let answer;
    try {
      const { lines, count, done } = await found.reading.page();
      found.isAsked = false;
      this.#server.metrics.handedOut(count);
      if (done) this.#open.delete(id);
      answer = { response: succeeded(type, { reading: id, done }), lines };
    } catch (error) {
      this.#open.delete(id);
      answer = { response: failedResponse(type, asFailure(error)) };
    }
    return this.#isOver ? undefined : answer;
  }

  /** Ends a reading. */
  async return(type, { reading: id }) {
    this.#open.get(id)?.reading.end();
    this.#open.delete(id);
    return { response: succeeded(type, { reading: id, done: true, events: [] }) };
  }

  /** Ends all of them. */
  end() {
    this.#isOver = true;
    for (const { reading } of this.#open.values()) reading.end();
    this.#open.clear();
  }

  #refuseMore() {
    const { readingsMax } = this.#server.options;
    if (this.#open.size + this.#opening < readingsMax) return;
    const text = `${readingsMax} readers and subscriptions are open on this connection: end one first`;
    throw new Failure('TOO_MANY_READINGS', text);
  }
}

function succeeded(type, data) {
  const timestamp = new Date().toISOString();
  return { type, success: true, data, timestamp, requestId: randomUUID() };
}

function asked() {
  return new Failure('INVALID_ARGUMENT', 'reading: its next page is asked for already');
}

function unknown() {
  return new Failure('READING_NOT_FOUND', 'reading: expected one that is open on this connection');
}
