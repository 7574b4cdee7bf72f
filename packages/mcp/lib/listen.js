// Subscriptions of the newest protocol: one request names all resources that a client wants to hear of.

import { protocolError, SUBSCRIPTIONS_MAX, tooManySubscriptions } from './server.js';
import { Watcher } from './watcher.js';

/** What the open requests of a connection, or of all connections, are to be told of. */
export class ListenSubscriptions {
  #watcher;
  #open = new Map();

  /**
   * @param {import('./server.js').Serving} serving - What the resources are followed with.
   * @param {(uri: string) => void} changed - Is told of a resource that has new events.
   */
  constructor(serving, changed) {
    this.#watcher = new Watcher(serving, changed);
  }

  /**
   * Begins to follow what a request names. Once it resolves, no event is missed.
   *
   * @param {unknown} key - Tells this request from the others that are open.
   * @param {any} message - The request. The SDK checks its form.
   * @returns {Promise<object | undefined>} The response that refuses it, if it is refused.
   */
  async open(key, message) {
    const named = message.params?.notifications?.resourceSubscriptions;
    if (!Array.isArray(named)) return undefined;
    const uris = [...new Set(named.filter((uri) => typeof uri === 'string'))];
    const added = [];
    try {
      if (uris.length > SUBSCRIPTIONS_MAX) throw tooManySubscriptions();
      for (const uri of uris) {
        await this.#watcher.add(uri);
        added.push(uri);
      }
    } catch (error) {
      for (const uri of added) this.#watcher.remove(uri);
      const { code, message: text, data } = protocolError(error);
      return { jsonrpc: '2.0', id: message.id, error: { code, message: text, data } };
    }
    this.end(key);
    this.#open.set(key, uris);
    return undefined;
  }

  /** @param {unknown} key - A request that is open no more. */
  end(key) {
    for (const uri of this.#open.get(key) ?? []) this.#watcher.remove(uri);
    this.#open.delete(key);
  }

  /** Ends all of them. */
  close() {
    this.#open.clear();
    this.#watcher.close();
  }
}
