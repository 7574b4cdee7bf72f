'use strict';

// The subscriptions of a log that are open, for those who ask how far they are.

/** Subscriptions that are open. One that its program has lost is not kept. */
class Followers {
  /** @type {Set<WeakRef<any>>} */
  #open = new Set();

  /** Notes that a subscription has begun. Returns what notes that it has ended. */
  add(follower) {
    const reference = new WeakRef(follower);
    this.#open.add(reference);
    return () => this.#open.delete(reference);
  }

  /** Those that are open. */
  all() {
    const found = [];
    for (const reference of this.#open) {
      const follower = reference.deref();
      if (follower === undefined) this.#open.delete(reference);
      else found.push(follower);
    }
    return found;
  }
}

module.exports = { Followers };
