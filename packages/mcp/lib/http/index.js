// The server over streamable HTTP, for clients on this machine.

import { createServer as createHttpServer } from 'node:http';
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { ListenSubscriptions } from '../listen.js';
import { createServer, servingOf } from '../server.js';
import { isLoopback, isToken, linkOf, makeDoors, makeToken, TOKEN_RULE } from './doors.js';
import { answerExchange } from './exchange.js';
import { Sessions } from './sessions.js';

/** The path that clients send requests to. */
const PATH = '/mcp';

/** The largest request, in bytes. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** How many connections there may be at a time. */
const CONNECTIONS_MAX = 256;

/** How long a client may take for the headers of a request, and for all of it, in milliseconds. */
const HEADERS_MS_MAX = 60_000;
const REQUEST_MS_MAX = 120_000;

/** How long a connection stays open between two requests, in milliseconds. */
const IDLE_CONNECTION_MS_MAX = 60_000;

/** What pages of the named origins may send and read. */
const CORS = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, last-event-id, mcp-method, mcp-name, mcp-protocol-version, mcp-session-id',
  'access-control-expose-headers': 'mcp-session-id, mcp-protocol-version',
  'access-control-max-age': '600',
  vary: 'origin',
};

/**
 * Serves a log over streamable HTTP on this machine, at the path `/mcp`. The log stays open.
 *
 * @param {import('codebolt-eventlog').EventLog} log - An open log.
 * @param {object} options - How.
 * @param {number} options.port - The port; 0: any that is free.
 * @param {string | false} [options.token] - What requests have to know; `false`: nothing. Without it, one is made.
 * @param {string} [options.host] - A loopback address.
 * @param {string[]} [options.origins] - Origins of pages that may send requests.
 * @param {boolean} [options.write] - Whether the tools that change something are offered.
 * @param {readonly string[]} [options.instances] - The only instances that clients see; default: all.
 * @param {number} [options.charactersMax] - How long the data of one answer is at most.
 * @param {(error: Error) => void} [options.onError] - Is told of what goes wrong beside the answers.
 * @returns {Promise<{ url: string, link: string, close: () => Promise<void> }>} Where it listens, the same with the token,
 *   and what ends it.
 */
export async function serveHttp(log, options) {
  const { port, token: given, host = '127.0.0.1', origins = [] } = options;
  if (!isLoopback(host)) {
    throw new TypeError(`host: expected a loopback address such as 127.0.0.1, found ${host}`);
  }
  if (given !== undefined && given !== false && !isToken(given)) {
    throw new TypeError(`token: expected false, or ${TOKEN_RULE}`);
  }
  const token = given === false ? undefined : (given ?? makeToken());
  const serving = servingOf(log, options);
  const endpoint = new Endpoint(serving);
  const doors = makeDoors({ host, token, origins });
  const how = { bodyBytesMax: BODY_BYTES_MAX, fetch: endpoint.fetch };
  const server = createHttpServer(
    {
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: IDLE_CONNECTION_MS_MAX,
    },
    (request, response) => {
      if (!letIn(request, response, doors)) return;
      answerExchange(request, response, how).catch((error) => {
        serving.onError(error);
        response.destroy();
      });
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, port, host);
  const named = host.includes(':') ? `[${host}]` : host;
  const url = `http://${named}:${server.address().port}${PATH}`;
  return {
    url,
    link: linkOf(url, token),
    close: () => close(server, endpoint),
  };
}

/** Both generations of the protocol: the request itself says of which it is. */
class Endpoint {
  #modern;
  #sessions;
  #listen;

  constructor(serving) {
    this.#modern = createMcpHandler(() => createServer(serving), {
      legacy: 'reject',
      maxRequestBodySize: BODY_BYTES_MAX,
      onerror: serving.onError,
    });
    this.#sessions = new Sessions(serving, BODY_BYTES_MAX);
    this.#listen = new ListenSubscriptions(serving, (uri) =>
      this.#modern.notify.resourceUpdated(uri),
    );
  }

  fetch = async (request, options) => {
    const { parsedBody } = options;
    const isLegacy = await isLegacyRequest(request, parsedBody);
    if (isLegacy) return this.#sessions.fetch(request, options);
    if (parsedBody?.method !== 'subscriptions/listen') return this.#modern.fetch(request, options);
    return this.#subscribe(request, options);
  };

  async close() {
    this.#listen.close();
    await Promise.all([this.#modern.close(), this.#sessions.close()]);
  }

  async #subscribe(request, options) {
    const refusal = await this.#listen.open(request, options.parsedBody);
    if (refusal !== undefined) return Response.json(refusal);
    const end = () => this.#listen.end(request);
    const response = await this.#modern.fetch(request, options);
    const isOpen = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (isOpen && !request.signal.aborted) request.signal.addEventListener('abort', end);
    else end();
    return response;
  }
}

/** Answers what is not let in. */
function letIn(request, response, doors) {
  const refusal = doors(request);
  if (refusal !== undefined) return send(response, refusal);
  if (request.url.split('?')[0] !== PATH) {
    return send(response, { status: 404, text: `Expected the path ${PATH}` });
  }
  const { origin } = request.headers;
  if (origin === undefined) return true;
  for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
  response.setHeader('access-control-allow-origin', origin);
  if (request.method !== 'OPTIONS') return true;
  response.writeHead(204).end();
  return false;
}

function send(response, { status, text, headers = {} }) {
  const body = JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message: text }, id: null });
  response.writeHead(status, {
    'content-type': 'application/json',
    connection: 'close',
    ...headers,
  });
  response.end(body);
  return false;
}

function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function close(server, endpoint) {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  await endpoint.close();
  server.closeAllConnections();
  await closed;
}
