// Standard input and output as a transport of the protocol, which hears what the SDK does not tell of.

import { PassThrough } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { ListenSubscriptions } from './listen.js';

/** How many requests may be answered at a time. Those whose answers are not read yet are among them. */
export const REQUESTS_MAX = 64;

/**
 * Standard input and output, with an eye on three things that the SDK leaves to itself.
 *
 * - It answers the requests of the newest protocol that open and end subscriptions, and does not say what is to be
 *   followed.
 * - It drops the requests that it has not answered when the input ends. A client that writes all of its requests and closes
 *   the input, as a shell does, still gets its answers here.
 * - It reads on, however many requests it is answering, and however many answers are not read. Here it does not: a client
 *   that does not read, or asks for much at once, waits.
 */
export class ListeningTransport {
  #input;
  #source;
  #output;
  #wire;
  #listen;
  #messages = Promise.resolve();
  #unanswered = new Set();
  #whenAnswered;
  #hasEnded = false;
  onclose;
  onerror;
  onmessage;
  whenClosed = () => {};
  changed = () => {};

  constructor(source, output, serving) {
    this.#source = source;
    this.#output = output;
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
    // Each answer that waits to be read listens to the output.
    this.#output.setMaxListeners(0);
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

  /** Waits until one more request may be answered, and reads no further until then. */
  async #place() {
    if (this.#unanswered.size < REQUESTS_MAX) return;
    this.#input.pause();
    await new Promise((resolve) => (this.#whenAnswered = resolve));
    this.#input.resume();
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

  /** An answer has gone out, and the client has room for more. */
  #answered(id) {
    this.#unanswered.delete(id);
    this.#whenAnswered?.();
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
      await this.#place();
      this.#unanswered.add(id);
    }
    return this.onmessage?.(message);
  }
}
