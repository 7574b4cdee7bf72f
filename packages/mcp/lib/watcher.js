// Follows the instances and streams that a client has subscribed to, and says which have new events, whoever has appended
// them.

import { foundAt } from './resources.js';

/** Between two words about one resource, in milliseconds: a client that reads it anew finds all that came meanwhile. */
const PAUSE_MS = 100;

/** Watches resources. One that is asked for several times is followed once. */
export class Watcher {
  #server;
  #changed;
  #watched = new Map();

  /**
   * @param {import('./server.js').Serving} server - What they are followed with.
   * @param {(uri: string) => void | Promise<void>} changed - Is told of a resource that has new events, or is gone. It is
   *   told of the same one again only after this has resolved: of what a client does not read, there is one word each.
   */
  constructor(server, changed) {
    this.#server = server;
    this.#changed = changed;
  }

  /** How many resources are watched. */
  get size() {
    return this.#watched.size;
  }

  /**
   * Begins to watch a resource. Once it resolves, no event is missed.
   *
   * @param {string} uri - Its address. There must be such an instance; a stream may get its first event later.
   */
  async add(uri) {
    const present = this.#watched.get(uri);
    if (present !== undefined) {
      present.count += 1;
      return present.begun;
    }
    const entry = {
      count: 1,
      abort: new AbortController(),
      timer: undefined,
      isSpeaking: false,
      isLate: false,
    };
    entry.begun = this.#begin(uri, entry);
    this.#watched.set(uri, entry);
    try {
      await entry.begun;
    } catch (error) {
      if (this.#watched.get(uri) === entry) this.#watched.delete(uri);
      throw error;
    }
  }

  /** @param {string} uri - The address of a resource that one less is interested in. */
  remove(uri) {
    const entry = this.#watched.get(uri);
    if (entry === undefined) return;
    entry.count -= 1;
    if (entry.count === 0) this.#end(uri, entry);
  }

  /** Watches nothing any more. */
  close() {
    for (const [uri, entry] of this.#watched) this.#end(uri, entry);
  }

  async #begin(uri, entry) {
    const { instance, stats, stream } = await foundAt(this.#server, uri);
    if (entry.abort.signal.aborted) return;
    const subscription = this.#server.log.subscribe({
      instance,
      stream,
      afterPosition: stats.eventCount,
      signal: entry.abort.signal,
    });
    void this.#follow(uri, entry, subscription);
  }

  async #follow(uri, entry, subscription) {
    try {
      for await (const _ of subscription) this.#tell(uri, entry);
    } catch (error) {
      if (entry.abort.signal.aborted) return;
      // Its instance was deleted, or the log cannot be read: who reads it now learns which.
      if (error.code !== 'INSTANCE_NOT_FOUND') this.#server.onError(error);
      this.#changed(uri);
      this.#end(uri, entry);
    }
  }

  #tell(uri, entry) {
    entry.isLate = true;
    if (!entry.isSpeaking) this.#speak(uri, entry);
  }

  /** Says that there is news, and pauses, for as long as there is more. */
  async #speak(uri, entry) {
    entry.isSpeaking = true;
    while (entry.isLate && !entry.abort.signal.aborted) {
      entry.isLate = false;
      await this.#changed(uri);
      await this.#pause(entry);
    }
    entry.isSpeaking = false;
  }

  #pause(entry) {
    return new Promise((resolve) => {
      entry.timer = setTimeout(resolve, PAUSE_MS);
    });
  }

  #end(uri, entry) {
    if (this.#watched.get(uri) === entry) this.#watched.delete(uri);
    clearTimeout(entry.timer);
    entry.abort.abort();
  }
}
