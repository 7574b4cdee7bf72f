'use strict';

// Who has a log open to write looks now and then for what is over the rules of instances.

const { told } = require('../failure.js');
const native = require('../native.js');
const { Pause } = require('../pause.js');
const { encode } = require('../wire/arguments.js');
const { applyRules, isPassing } = require('./apply.js');
const { trimmingCalls } = require('./calls.js');

/** How long it is between two looks where instances have rules, and where none has. */
const RULES_MS = 1_000;
const NO_RULES_MS = 60_000;

/** So many times as long as a look takes, there is none; but at most so long. */
const SHARE = 50;
const SHARE_MS = 300_000;

/** Where events go that are archived and are no whole block, an archive gets no other file that soon. */
const ARCHIVED_MS = 3_600_000;

/** How long a rule is left alone that has failed. */
const FAILED_MS = 60_000;

/** What rules of retention are applied with. */
function trimmingOf(connection) {
  return trimmingCalls(connection, (method, args, _, until) => {
    const given = [method.number, encode(method.parameters, args), false];
    return method.changes
      ? connection.change(method, 'call', given, until)
      : connection.step(method, 'call', given);
  });
}

/** Looks for what is over the rules of a log. It does not keep the process alive. */
class RetentionWatch {
  #log;
  #pause;
  #isStopped = false;
  #abort;
  /** What is under way. */
  #look;
  /** Whether to look once more when that is over. */
  #again = false;
  /** Until when rules are left alone, by their instances. */
  #failing = new Map();
  #archived = new Map();
  /** @type {{ runs: number, events: number, bytes: number, failures: number, lastError: object | null }} */
  #counts = { runs: 0, events: 0, bytes: 0, failures: 0, lastError: null };

  /** `connection` is that of the log. `log` is what rules are applied with, where that is something else. */
  constructor(connection, log = trimmingOf(connection)) {
    this.#log = log;
    this.#wait(RULES_MS);
  }

  /** What was done so far. */
  get counts() {
    return { ...this.#counts };
  }

  #wait(ms) {
    if (this.#isStopped) return;
    this.#pause?.end();
    this.#pause = new Pause();
    // A log that nobody has closed, and nobody has any more, is not kept by it.
    void RetentionWatch.#startAfter(this.#pause, ms, new WeakRef(this));
  }

  static async #startAfter(pause, ms, watch) {
    if (!(await pause.for(ms))) return;
    const kept = watch.deref();
    if (kept !== undefined) await kept.#start();
  }

  /** Looks soon: an instance has got a rule. */
  lookSoon() {
    this.#again = true;
    if (this.#look === undefined) this.#wait(0);
  }

  /** Has all go that is over the rules. */
  async applyAll(signal) {
    await this.#look;
    await this.#run({ isExact: true, signal });
  }

  /** Looks no more. What is under way is called off; the promise, if there is one, resolves once nothing is. */
  stop() {
    this.#isStopped = true;
    this.#pause?.end();
    this.#abort?.abort();
    return this.#look;
  }

  async #start() {
    if (this.#isStopped || this.#look !== undefined) return;
    this.#again = false;
    this.#abort = new AbortController();
    this.#look = this.#run({ isExact: false, signal: this.#abort.signal });
    const ms = await this.#look;
    this.#look = undefined;
    this.#wait(this.#again ? 0 : ms);
  }

  /** Looks once. Returns how long it is to the next time. */
  async #run(how) {
    const begun = native.elapsedMs();
    const isLater = ({ instance, isWhole, retention }) =>
      !how.isExact &&
      (this.#failing.get(instance) > begun ||
        (retention.archive !== undefined && !isWhole && this.#archived.get(instance) > begun));
    let ms = NO_RULES_MS;
    let hasGone = false;
    try {
      const { rules, applied, failure } = await applyRules(this.#log, { ...how, isLater });
      if (failure !== undefined) this.#failed(undefined, failure);
      if (rules > 0) ms = RULES_MS;
      hasGone = this.#take(applied);
    } catch (error) {
      this.#failed(undefined, told(error));
    }
    const took = native.elapsedMs() - begun;
    // There may be more of it.
    return hasGone ? took : Math.max(ms, Math.min(SHARE * took, SHARE_MS));
  }

  /** Counts what was done. Returns whether anything has gone. */
  #take(applied) {
    let hasGone = false;
    for (const { instanceId, events, bytes, failure } of applied) {
      if (events > 0) {
        hasGone = true;
        this.#counts.runs += 1;
        this.#counts.events += events;
        this.#counts.bytes += bytes;
        this.#archived.set(instanceId, native.elapsedMs() + ARCHIVED_MS);
      }
      if (failure === undefined) this.#failing.delete(instanceId);
      else this.#failed(instanceId, failure);
    }
    return hasGone;
  }

  #failed(instanceId, { code, error }) {
    if (isPassing({ code })) return;
    this.#counts.failures += 1;
    this.#counts.lastError = { instanceId, at: native.stampRefusal()[0], code, error };
    if (instanceId !== undefined) this.#failing.set(instanceId, native.elapsedMs() + FAILED_MS);
  }
}

module.exports = { RetentionWatch };
