'use strict';

// Events from a state: what `decide` stores.

const { CallSite, EventLogError, failure, reason } = require('../failure.js');
const { isPromise } = require('../intrinsics.js');
const { abortion, isAborted } = require('../signal.js');
const { Fold } = require('./fold.js');
const { decisionOf } = require('./options.js');
const { awaited, awaitedInTurn, bySignal } = require('../wait.js');

/**
 * How often it is decided again unless the caller says: each time somebody else has stored something, so that a call
 * which comes to that meets a hundred others, or a `decide` that appends to its own stream.
 */
const RETRIES = 100;

/** What there is to be done where there is no instance. */
const ADVICE = '; make it with createInstance, or decide with `autoCreateInstance: true`';

/** One call of `decide`. */
class Decision {
  #log;
  #options;
  /** Where it was asked for. */
  #site;
  #fold;
  /** How often it was decided. */
  #attempts = 0;

  /** `log` has what a {@link Fold} calls, and `loadDecision`, `storeDecision` and `createsInstances`. */
  constructor(log, options, site) {
    this.#log = log;
    this.#options = options;
    this.#site = site;
    const { autoCreateInstance } = options;
    this.#fold = new Fold(log, options, site, {
      isEmpty: () => autoCreateInstance ?? log.createsInstances(),
      advice: ADVICE,
    });
  }

  async run() {
    this.#check();
    const before = await this.#storedBefore();
    await this.#fold.run();
    if (before !== undefined) return this.#result(before);
    for (;;) {
      const events = await this.#decide();
      if (events.length === 0) return this.#result({ events });
      const response = await this.#store(events);
      if (response.success) return this.#stored(response);
      this.#checkRetried(response);
      this.#check();
      await this.#fold.catchUp();
    }
  }

  /** Fails if it was called off. */
  #check() {
    const { signal } = this.#options;
    if (isAborted(signal)) throw this.#abortion();
  }

  #abortion() {
    return failure(abortion(this.#options.signal, 'decision'), this.#site);
  }

  /** What an earlier call with the same key has stored; `undefined` if there is none. */
  async #storedBefore() {
    const { instance, stream, idempotencyKey } = this.#options;
    if (idempotencyKey === undefined) return undefined;
    const response = await this.#log.loadDecision({ instance, stream, idempotencyKey });
    if (response.success) return response.data ?? undefined;
    // What that means is found out where the state is read.
    if (response.code === 'INSTANCE_NOT_FOUND') return undefined;
    throw failure(response, this.#site);
  }

  /** The events that are decided on the state as it is now. */
  async #decide() {
    this.#check();
    this.#attempts += 1;
    let settled;
    try {
      const decided = this.#options.decide(this.#fold.state);
      settled = isPromise(decided) ? await this.#awaited(decided) : decided;
    } catch (error) {
      // What it waits for may have been called off by the same signal.
      this.#check();
      throw error;
    }
    this.#check();
    if (settled === undefined || settled === null) return [];
    return Array.isArray(settled) ? settled : [settled];
  }

  #awaited(decided) {
    return awaited(decided, this.#waiting);
  }

  /** What waits. */
  get #waiting() {
    const { signal } = this.#options;
    return { log: this.#log, signal, site: this.#site, what: 'decision' };
  }

  /** The response to storing these events after the last one of the state. */
  #store(events) {
    const { instance, stream, idempotencyKey, autoCreateInstance } = this.#options;
    const { number, sequence } = this.#fold;
    const to = { instance, number, stream, sequence };
    const params = { ...to, idempotencyKey, autoCreateInstance, events };
    return this.#log.storeDecision(params, bySignal(this.#options.signal, 'decision'));
  }

  /** Fails unless somebody else was quicker and it may be decided again. */
  #checkRetried(response) {
    // While it waited for its turn, or for a schema: later, nothing calls it off.
    if (response.code === 'ABORTED') throw this.#abortion();
    const { retries = RETRIES } = this.#options;
    const isConflict = response.code === 'SEQUENCE_CONFLICT';
    if (isConflict && this.#attempts <= retries) return;
    const error = isConflict
      ? `${response.error} (${this.#attempts} attempts were in vain, with retries: ${retries})`
      : response.error;
    throw failure({ ...response, error }, this.#site);
  }

  /** The result once the events are stored, which is not called off any more, but for what `apply` does not get done. */
  async #stored({ data: { events, duplicate }, message }) {
    if (duplicate) {
      await this.#fold.catchUp();
      return this.#result({ events, duplicate });
    }
    for (const event of events) {
      try {
        await this.#fold.take(event, (state) => awaitedInTurn(state, this.#waiting));
      } catch (error) {
        throw this.#unapplied(error, event, { events, message });
      }
    }
    return this.#result({ events, message });
  }

  /**
   * What it fails with if `apply` has thrown on an event that is stored, or is not waited for any more: it has the decision,
   * but for the state.
   */
  #unapplied(cause, { sequence_number: number }, stored) {
    const which = `event ${number} of the stream ${JSON.stringify(this.#options.stream)}`;
    const what = isEnd(cause) ? 'it had not answered on' : 'it threw on';
    const error = `apply: ${what} ${which}, which is stored: ${reason(cause)}`;
    const { position, sequence_number: sequence } = stored.events.at(-1);
    const decision = { position, sequence, ...this.#decisionOf(stored) };
    return Object.assign(failure({ code: 'APPLY_FAILED', error, cause }, this.#site), { decision });
  }

  /** The result, with the state. */
  #result(stored) {
    return { ...this.#fold.projection, ...this.#decisionOf(stored) };
  }

  /** What there is to say of what was stored. */
  #decisionOf({ events, duplicate, message }) {
    const decision = { events, attempts: this.#attempts };
    if (duplicate) decision.duplicate = true;
    if (message !== undefined) decision.message = message;
    return decision;
  }
}

/** Whether that ends a wait for `apply`. */
function isEnd(error) {
  return error instanceof EventLogError && ['ABORTED', 'CLOSED'].includes(error.code);
}

async function decide(log, options) {
  return new Decision(log, decisionOf(options), new CallSite()).run();
}

module.exports = { decide };
