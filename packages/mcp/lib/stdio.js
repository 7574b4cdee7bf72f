// The server over standard input and output: one client, which has started this process.

import { StdioServerTransport, serveStdio as serve } from '@modelcontextprotocol/server/stdio';
import { ListenSubscriptions } from './listen.js';
import { createServer, offerSubscriptions, servingOf } from './server.js';

/**
 * Serves a log over standard input and output, until the client closes the input. The log stays open.
 *
 * @param {import('codebolt-eventlog').EventLog} log - An open log.
 * @param {object} [options] - How.
 * @param {boolean} [options.write] - Whether the tools that change something are offered.
 * @param {number} [options.charactersMax] - How long the data of one answer is at most.
 * @param {(error: Error) => void} [options.onError] - Is told of what goes wrong beside the answers.
 * @returns {{ ended: Promise<void>, close: () => Promise<void> }} When it has ended, and what ends it.
 */
export function serveStdio(log, options = {}) {
  const serving = servingOf(log, options);
  const watchers = new Set();
  const transport = new ListeningTransport(new StdioServerTransport(), serving);
  const ended = new Promise((resolve) => {
    transport.whenClosed = () => {
      for (const watcher of watchers) watcher.close();
      resolve();
    };
  });
  const factory = () => {
    const server = createServer(serving);
    const changed = (uri) => {
      server.sendResourceUpdated({ uri }).catch((error) => options.onError?.(error));
    };
    watchers.add(offerSubscriptions(server, serving, changed));
    transport.changed = changed;
    return server;
  };
  const { close } = serve(factory, { transport, onerror: options.onError });
  return { ended, close };
}

/**
 * Standard input and output, with an eye on the requests of the newest protocol that open and end subscriptions: the SDK
 * answers them by itself, and does not say what is to be followed.
 */
class ListeningTransport {
  #wire;
  #listen;
  #messages = Promise.resolve();
  onclose;
  onerror;
  onmessage;
  whenClosed = () => {};
  changed = () => {};

  constructor(wire, serving) {
    this.#wire = wire;
    this.#listen = new ListenSubscriptions(serving, (uri) => this.changed(uri));
  }

  async start() {
    this.#wire.onmessage = (message) => {
      this.#messages = this.#messages.then(() => this.#receive(message)).catch(this.#failed);
    };
    this.#wire.onerror = (error) => this.onerror?.(error);
    this.#wire.onclose = () => {
      this.#listen.close();
      this.onclose?.();
      this.whenClosed();
    };
    await this.#wire.start();
  }

  send(message) {
    return this.#wire.send(message);
  }

  async close() {
    await this.#wire.close();
  }

  #failed = (error) => this.onerror?.(error);

  async #receive(message) {
    if (message.method === 'subscriptions/listen') {
      const refusal = await this.#listen.open(message.id, message);
      if (refusal !== undefined) return this.#wire.send(refusal);
    } else if (message.method === 'notifications/cancelled') {
      this.#listen.end(message.params?.requestId);
    }
    return this.onmessage?.(message);
  }
}
