// Clients of the protocol before 2026-07-28: each opens a session, and is told of changes on a stream of its own.

import { randomUUID } from 'node:crypto';
import {
  isInitializeRequest,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { createServer, offerSubscriptions } from '../server.js';
import { refused } from './exchange.js';

/** How many sessions there may be at a time. */
export const SESSIONS_MAX = 64;

/** A session without requests and without a stream ends after this time, in milliseconds. */
const IDLE_MS_MAX = 30 * 60_000;

/** The sessions of a server. */
export class Sessions {
  #serving;
  #bodyBytesMax;
  /** Those that are open or being opened: each takes a place. */
  #all = new Set();
  /** Those that have an id, by it. */
  #sessions = new Map();

  /**
   * @param {import('../server.js').Serving} serving - What they work with.
   * @param {number} bodyBytesMax - The largest request, in bytes.
   */
  constructor(serving, bodyBytesMax) {
    this.#serving = serving;
    this.#bodyBytesMax = bodyBytesMax;
  }

  /**
   * Answers a request.
   *
   * @param {Request} request - The request.
   * @param {{ parsedBody?: unknown }} options - Its body, if that was read already.
   * @returns {Promise<Response>} The response.
   */
  async fetch(request, options) {
    const id = request.headers.get('mcp-session-id');
    if (id !== null) {
      const session = this.#sessions.get(id);
      if (session === undefined)
        return refused(404, -32001, 'Session not found: initialize a new one');
      return session.fetch(request, options);
    }
    if (!isInitializeRequest(options.parsedBody)) {
      return refused(400, -32600, 'Expected an initialize request, or the header Mcp-Session-Id');
    }
    if (this.#all.size >= SESSIONS_MAX) {
      return refused(
        503,
        -32000,
        `Expected at most ${SESSIONS_MAX} sessions at a time, found one more`,
      );
    }
    return this.#open(request, options);
  }

  /** Ends all sessions. */
  async close() {
    await Promise.all([...this.#all].map((session) => session.close()));
  }

  async #open(request, options) {
    const session = new Session(this.#serving, this.#bodyBytesMax, {
      opened: (id) => this.#sessions.set(id, session),
      closed: (id) => {
        this.#all.delete(session);
        this.#sessions.delete(id);
      },
    });
    this.#all.add(session);
    try {
      await session.open();
      return await session.fetch(request, options);
    } finally {
      // The request was refused: nobody can know this session.
      if (session.id === undefined) await session.close();
    }
  }
}

class Session {
  #server;
  #watcher;
  #transport;
  #serving;
  #idle;
  #requests = 0;
  #isClosed = false;
  #closed;
  #hasStream = false;
  /** Resources to tell of, as soon as the client has a stream on which it hears. */
  #untold = new Set();

  constructor(serving, bodyBytesMax, { opened, closed }) {
    this.#serving = serving;
    this.#closed = closed;
    this.#server = createServer(serving);
    this.#watcher = offerSubscriptions(this.#server, serving, (uri) => this.#tell(uri));
    this.#transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: bodyBytesMax,
      onsessioninitialized: opened,
    });
    this.#server.onclose = () => this.#onClose();
    this.#server.onerror = serving.onError;
  }

  /** Its id, as soon as it is initialized. */
  get id() {
    return this.#transport.sessionId;
  }

  async open() {
    await this.#server.connect(this.#transport);
  }

  async fetch(request, options) {
    this.#begin();
    try {
      const response = await this.#transport.handleRequest(request, options);
      const isStream = request.method === 'GET' && response.ok;
      if (isStream) this.#listens(request.signal);
      return response;
    } finally {
      this.#end();
    }
  }

  close() {
    return this.#server.close();
  }

  #onClose() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#idle);
    this.#watcher.close();
    this.#closed(this.id);
  }

  #listens(signal) {
    if (signal.aborted) return;
    this.#begin();
    this.#hasStream = true;
    signal.addEventListener('abort', () => {
      this.#hasStream = false;
      this.#end();
    });
    for (const uri of this.#untold) this.#tell(uri);
    this.#untold.clear();
  }

  async #tell(uri) {
    if (!this.#hasStream) this.#untold.add(uri);
    else await this.#server.sendResourceUpdated({ uri }).catch(this.#serving.onError);
  }

  #begin() {
    clearTimeout(this.#idle);
    this.#requests += 1;
  }

  #end() {
    this.#requests -= 1;
    if (this.#isClosed || this.#requests > 0) return;
    this.#idle = setTimeout(() => this.close().catch(this.#serving.onError), IDLE_MS_MAX);
    this.#idle.unref();
  }
}
