'use strict';

// The wait for an instance that is not there yet.

const { encode } = require('../wire/arguments.js');
const { Pages } = require('./reader.js');

/** Looks for an instance, and again at each commit, by a subscription of which no event is taken. */
class InstanceWait extends Pages {
  #isReleased = false;
  /** What is asked for at each look. */
  #text;

  /** `calls` is what a subscription is read with. */
  constructor(calls, { instance, signal }, site) {
    const text = encode(['query'], [{ instance, afterPosition: 'end' }]).slice(1, -1);
    super(calls, { signal, text }, site);
    this.#text = text;
  }

  /**
   * Resolves with whether the instance is there, which it was not before; it is not if nobody waits any more, or the log
   * was closed meanwhile.
   */
  async found() {
    // What has seen an instance stays with that one, which may have been deleted since.
    this.restart(this.#text);
    while (!this.isAborted && !this.#isReleased) {
      const step = await this.first(this.call('step'));
      if (step?.code !== 'INSTANCE_NOT_FOUND') return this.#settled(step);
      const wait = await this.first(this.call('wait'));
      if (!this.#settled(wait)) return false;
    }
    return false;
  }

  #settled(response) {
    if (response === undefined) return false;
    if (response.success) return true;
    if (response.code === 'CLOSED') return false;
    throw this.failure(response);
  }

  release() {
    this.#isReleased = true;
    this.call('interrupt');
    super.release();
  }
}

module.exports = { InstanceWait };
