// A server of a log: HTTP, server-sent events and WebSockets at one port.

import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

import { verifierKeyFor } from 'codebolt-eventlog/evidence';

import { Access } from './access.js';
import { AllowList } from './allow-list.js';
import { AppendBatch } from './append-batch.js';
import { Calls } from './calls.js';
import { Failure } from './failures.js';
import { refuseSocket } from './http/answers.js';
import { Router } from './http/router.js';
import { Metrics } from './metrics.js';
import { completeOptions } from './options.js';
import { Progress } from './progress.js';
import { Pushes } from './pushes.js';
import { Corks } from './socket/corks.js';
import { Upgrades } from './upgrades.js';

/** Request line and headers may have so many bytes: clients of the SDK send their environment in the query string. */
const HEADER_BYTES_MAX = 327_680;

/** Beyond its limit of connections, a server accepts so many more, to tell them so. */
const CONNECTIONS_REFUSED_MAX = 64;

/** How long an idle connection for HTTP stays open. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Starts a server. What it does and takes is documented in `index.d.ts`.
 *
 * @param {object} log - An open log.
 * @param {object} [given] - Options.
 * @returns {Promise<object>} The server, once it listens.
 */
export async function serve(log, given) {
  if (typeof log?.appendEvent !== 'function') {
    throw new Failure('INVALID_ARGUMENT', 'log: expected an EventLog');
  }
  const options = completeOptions(given);
  if (options.signingKey !== undefined) await checkSigningKey(options.signingKey);
  const server = new Server(log, options);
  await server.listen();
  return server.handle;
}

/** Refuses a key that cannot sign, before anybody asks for it. */
async function checkSigningKey(signingKey) {
  try {
    await verifierKeyFor(signingKey);
  } catch ({ message }) {
    throw new Failure('INVALID_ARGUMENT', message);
  }
}

class Server {
  #options;
  #http;
  #access;
  #upgrades;
  #sockets = new Set();
  #stopping = new AbortController();
  #closed;

  constructor(log, options) {
    this.#options = options;
    // Each subscription listens to it.
    setMaxListeners(0, this.#stopping.signal);
    const metrics = new Metrics();
    const pushes = new Pushes(log);
    const allowList = options.instances && new AllowList(log, options.instances);
    const calls = new Calls({ log, options, allowList, metrics, pushes });
    const isFull = () => this.#sockets.size > options.connectionsMax;
    const progress = new Progress();
    const stopping = this.#stopping.signal;
    const appends = new AppendBatch(calls);
    const corks = new Corks();
    const parts = {
      calls,
      appends,
      pushes,
      metrics,
      options,
      isFull,
      progress,
      corks,
      stopping,
    };
    this.#access = new Access(options, options.tls !== undefined);
    const router = new Router(parts, this.#access);
    this.#upgrades = new Upgrades(parts, this.#access);
    metrics.addGauge('connections', 'Open connections.', () => this.#sockets.size);
    metrics.addGauge('websockets', 'Open WebSockets.', () => this.#upgrades.size);
    this.#http = createHttp(options, (request, response) => {
      // A connection whose answer ends while the server stops is idle only then.
      response.on('close', () => {
        if (this.#stopping.signal.aborted) this.#http.closeIdleConnections();
      });
      router.handle(request, response);
    });
    if (options.tls !== undefined) progress.watch(this.#http);
    this.#http.on('upgrade', (...upgrade) => this.#upgrades.handle(...upgrade));
    this.#http.on('clientError', refuseUnparsed);
    this.#http.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket) => {
      this.#sockets.add(socket);
      // Each answer under way listens to its connection, and a client can ask for many at once.
      socket.setMaxListeners(0);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listen() {
    const { host, port } = this.#options;
    await new Promise((resolve, reject) => {
      const failed = ({ code, message }) => {
        const advice = code === 'EADDRINUSE' ? ': choose another port, or 0 for any' : '';
        reject(
          new Failure(
            'INVALID_ARGUMENT',
            `cannot listen at ${host} port ${port}: ${message}${advice}`,
          ),
        );
      };
      this.#http.once('error', failed);
      this.#http.listen({ host, port }, () => {
        this.#http.off('error', failed);
        resolve();
      });
    });
    this.#access.port = this.#http.address().port;
  }

  /** What the program has of the server. */
  get handle() {
    const { tls, host, token } = this.#options;
    const { port } = this.#http.address();
    const url = `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
    const link = token === undefined ? url : `${url}?token=${encodeURIComponent(token)}`;
    return { url, link, port, token, close: () => (this.#closed ??= this.#close()) };
  }

  async #close() {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#stopping.abort();
    const timer = setTimeout(() => {
      this.#upgrades.terminate();
      this.#http.closeAllConnections();
      for (const socket of this.#sockets) socket.destroy();
    }, this.#options.stopTimeoutMs);
    await this.#upgrades.stop();
    this.#http.closeIdleConnections();
    await closed;
    clearTimeout(timer);
  }
}

function createHttp(options, answer) {
  const { tls, requestTimeoutMs, connectionsMax } = options;
  const settings = {
    maxHeaderSize: HEADER_BYTES_MAX,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000),
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const http =
    tls === undefined
      ? createServer(settings, answer)
      : createSecureServer({ ...settings, cert: tls.cert, key: tls.key }, answer);
  http.maxConnections = connectionsMax + CONNECTIONS_REFUSED_MAX;
  return http;
}

/** Answers what is no request: Node.js tells what is wrong by a code. */
function refuseUnparsed(error, socket) {
  if (error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [failure, status] = {
    HPE_HEADER_OVERFLOW: [
      new Failure('HEADERS_TOO_LARGE', `headers: expected at most ${HEADER_BYTES_MAX} bytes`),
      431,
    ],
    ERR_HTTP_REQUEST_TIMEOUT: [new Failure('TIMED_OUT', 'the request did not arrive in time'), 408],
  }[error.code] ?? [new Failure('INVALID_ARGUMENT', 'expected a request as of HTTP/1.1'), 400];
  refuseSocket(socket, failure, status);
}

/** Reads the files of a certificate and its key. */
export function readTls(cert, key) {
  try {
    return { cert: readFileSync(cert), key: readFileSync(key) };
  } catch (error) {
    throw new Failure('INVALID_ARGUMENT', `tls: expected files that can be read: ${error.message}`);
  }
}
