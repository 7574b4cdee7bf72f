// WebSockets: which upgrades are accepted, and what answers on them.

import { WebSocketServer } from 'ws';

import { TOKEN_KEYS } from './access.js';
import { Failure, asFailure } from './failures.js';
import { refuseSocket } from './http/answers.js';
import { locationOf, tooMany } from './http/router.js';
import { subscriptionOptions } from './http/streams.js';
import { SUBSCRIBE } from './methods.js';
import { Reading } from './reading.js';
import { Connection } from './socket/connection.js';
import { follow } from './socket/follow.js';

/** How often clients are asked whether they are still there. One that has not answered by the next time is let go. */
const HEARTBEAT_MS = 30_000;

/** Where the SDK's protocol is spoken. */
const PROTOCOL_PATHS = ['/codebolt', '/plugin'];

/** The WebSockets of one server. */
export class Upgrades {
  #server;
  #access;
  #sockets;
  #connections = new Set();
  #heartbeat;

  /**
   * @param {object} server - `calls`, `appends`, `pushes`, `metrics`, `options`, `progress`, `corks`, `stopping` and
   *   `isFull` of the server.
   * @param {import('./access.js').Access} access - Who may come in.
   */
  constructor(server, access) {
    this.#server = server;
    this.#access = access;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: server.options.bodyBytesMax,
      perMessageDeflate: false,
    });
    this.#heartbeat = setInterval(() => this.#askAll(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** How many WebSockets are open. */
  get size() {
    return this.#sockets.clients.size;
  }

  /** Answers a request to upgrade. It never rejects. */
  async handle(request, socket, head) {
    // Until the WebSocket is there, nobody else listens.
    const ignore = () => {};
    socket.on('error', ignore);
    try {
      const { path, query } = locationOf(request);
      if (this.#server.isFull()) throw tooMany(this.#server.options);
      const refusal = this.#access.refusal(request, query);
      if (refusal !== undefined) throw refusal;
      const { opened, givenUp } = await this.#answerer(request, path, query);
      let isOpen = false;
      try {
        if (this.#server.stopping.aborted) throw new Failure('CLOSED', 'the server stops');
        // It calls back before it returns, or not at all: if the handshake is wrong, or the client has left.
        this.#sockets.handleUpgrade(request, socket, head, (ws) => {
          isOpen = true;
          socket.off('error', ignore);
          this.#keep(ws);
          opened(ws, socket);
        });
      } finally {
        if (!isOpen) givenUp();
      }
    } catch (error) {
      const failure = asFailure(error);
      this.#server.metrics.refused(failure.code);
      refuseSocket(socket, failure);
    }
  }

  /** What is to be done with the WebSocket at a path: once it is open, or if it does not come to that. */
  async #answerer(request, path, query) {
    if (PROTOCOL_PATHS.includes(path)) {
      const converse = (ws, socket) =>
        this.#converse(new Connection(ws, socket, path, this.#server), ws);
      return { opened: converse, givenUp: () => {} };
    }
    if (path !== `/eventlog/${SUBSCRIBE.name}`) {
      throw new Failure('NOT_FOUND', 'path: expected /codebolt, /plugin or /eventlog/subscribe');
    }
    for (const key of TOKEN_KEYS) query.delete(key);
    const options = subscriptionOptions(query, SUBSCRIBE.known);
    const refusal = await this.#server.calls.refusal(SUBSCRIBE, options);
    if (refusal !== undefined) throw refusal;
    const reading = await Reading.begin(this.#server, SUBSCRIBE, options);
    return {
      opened: (ws, socket) => follow(ws, socket, reading, this.#server),
      givenUp: () => reading.end(),
    };
  }

  /** Finishes what has begun, and closes every WebSocket. */
  async stop() {
    clearInterval(this.#heartbeat);
    await Promise.all([...this.#connections].map((connection) => connection.stop()));
  }

  /** Closes every WebSocket at once. */
  terminate() {
    for (const ws of this.#sockets.clients) ws.terminate();
  }

  #converse(connection, ws) {
    this.#connections.add(connection);
    ws.on('close', () => this.#connections.delete(connection));
  }

  #keep(ws) {
    ws.isThere = true;
    ws.on('pong', () => (ws.isThere = true));
    // Frames that break the protocol, or are too large: the library closes the socket with the code that says so.
    ws.on('error', (error) => this.#server.metrics.refused(asFailure(error).code));
  }

  #askAll() {
    for (const ws of this.#sockets.clients) {
      // A socket that is not read from cannot hear an answer. It has a time limit of its own.
      if (ws.isPaused) continue;
      if (ws.isThere) ws.ping();
      else ws.terminate();
      ws.isThere = false;
    }
  }
}
