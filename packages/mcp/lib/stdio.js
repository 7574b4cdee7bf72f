// The server over standard input and output: one client, which has started this process.

import { PassThrough } from 'node:stream';
import { StdioServerTransport, serveStdio as serve } from '@modelcontextprotocol/server/stdio';
import { ListenSubscriptions } from './listen.js';
import { createServer, offerSubscriptions, servingOf } from './server.js';

/**
 * Serves a log over standard input and output, until the client closes the input. The log stays open.
 *
 * @param {import('codebolt-eventlog').EventLog} log - An open log.
 * @param {object} [options] - How.
 * @param {boolean} [options.write] - Whether the tools that change something are offered.
 * @param {readonly string[]} [options.instances] - The only instances that clients see; default: all.
 * @param {number} [options.charactersMax] - How long the data of one answer is at most.
 * @param {(error: Error) => void} [options.onError] - Is told of what goes wrong beside the answers.
 * @returns {{ ended: Promise<void>, close: () => Promise<void> }} When it has ended, and what ends it.
 */
export function serveStdio(log, options = {}) {
  const serving = servingOf(log, options);
  const watchers = new Set();
  const transport = new ListeningTransport(process.stdin, process.stdout, serving);
  const ended = new Promise((resolve) => {
    transport.whenClosed = () => {
      for (const watcher of watchers) watcher.close();
      resolve();
    };
  });
  const factory = () => {
    const server = createServer(serving);
    const changed = (uri) => {
      server.sendResourceUpdated({ uri }).catch(serving.onError);
    };
    watchers.add(offerSubscriptions(server, serving, changed));
    transport.changed = changed;
    return server;
  };
  const { close } = serve(factory, { transport, onerror: serving.onError });
  return { ended, close };
}

/**
 * Standard input and output, with an eye on two things that the SDK leaves to itself.
 *
 * - It answers the requests of the newest protocol that open and end subscriptions, and does not say what is to be
 *   followed.
 * - It drops the requests that it has not answered when the input ends. A client that writes all of its requests and closes
 *   the input, as a shell does, still gets its answers here.
 */
class ListeningTransport {
  #input;
  #source;
  #wire;
  #listen;
  #messages = Promise.resolve();
  #unanswered = new Set();
  #hasEnded = false;
  onclose;
  onerror;
  onmessage;
  whenClosed = () => {};
  changed = () => {};

  constructor(source, output, serving) {
    this.#source = source;
    this.#input = new PassThrough();
    this.#wire = new StdioServerTransport(this.#input, output);
    this.#listen = new ListenSubscriptions(serving, (uri) => this.changed(uri));
  }

  async start() {
    this.#wire.onmessage = (message) => {
      this.#messages = this.#messages.then(() => this.#receive(message)).catch(this.#failed);
    };
    this.#wire.onerror = (error) => this.onerror?.(error);
    this.#wire.onclose = () => {
      this.#source.unpipe(this.#input);
      this.#source.pause();
      this.#listen.close();
      this.onclose?.();
      this.whenClosed();
    };
    await this.#wire.start();
    this.#source.on('error', this.#failed);
    this.#source.once('close', () => this.#inputEnds());
    this.#source.once('end', () => this.#inputEnds());
    this.#source.pipe(this.#input, { end: false });
  }

  async send(message) {
    try {
      await this.#wire.send(message);
    } finally {
      if (message.method === undefined) this.#answered(message.id);
    }
  }

  async close() {
    await this.#wire.close();
  }

  #failed = (error) => this.onerror?.(error);

  /** The input has ended. What it had may not have been read yet. */
  #inputEnds() {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    setImmediate(() => this.#afterMessages());
  }

  /** Each message is taken after the ones before it, and this after them. */
  #afterMessages() {
    this.#messages = this.#messages.then(() => this.#endIfAnswered());
  }

  #endIfAnswered() {
    const isRead = this.#input.readableLength + this.#input.writableLength === 0;
    if (!isRead) setImmediate(() => this.#afterMessages());
    else if (this.#unanswered.size === 0) this.#input.end();
  }

  #answered(id) {
    this.#unanswered.delete(id);
    if (this.#hasEnded) this.#afterMessages();
  }

  async #receive(message) {
    const { id, method, params } = message;
    if (method === 'subscriptions/listen') {
      // It is answered when the subscription ends.
      const refusal = await this.#listen.open(id, message);
      if (refusal !== undefined) return this.#wire.send(refusal);
    } else if (method === 'notifications/cancelled') {
      this.#listen.end(params?.requestId);
      this.#answered(params?.requestId);
    } else if (method !== undefined && id !== undefined) {
      this.#unanswered.add(id);
    }
    return this.onmessage?.(message);
  }
}
