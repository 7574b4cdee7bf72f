// Which request gets which answer.

import { TOKEN_KEYS } from '../access.js';
import { CLOUD_EVENTS_PATH } from '../cloud-events/modes.js';
import { giveCloudEvents, takeCloudEvents } from '../cloud-events/requests.js';
import { Failure, asFailure, statusOf } from '../failures.js';
import { CALLS, READERS, SUBSCRIBE } from '../methods.js';
import { openApi } from '../openapi.js';
import {
  answer,
  answerFailure,
  answerJson,
  giveUpUnread,
  goneOf,
  setCommonHeaders,
} from './answers.js';
import { plainArgument } from '../plain-message.js';
import { parseJson, readJson, readJsonText } from './body.js';
import { answerEvents, answerLines, subscriptionOptions } from './streams.js';
import { Viewer } from './viewer.js';

const SUBSCRIBE_PATH = '/eventlog/subscribe';

/** Answers the requests of one server. */
export class Router {
  #server;
  #access;
  #viewer;
  /** Each path, with what answers it by method. */
  #routes;

  /**
   * @param {object} server - `calls`, `metrics`, `options`, `progress`, `stopping` and `isFull` of the server.
   * @param {import('../access.js').Access} access - Who may come in.
   */
  constructor(server, access) {
    this.#server = server;
    this.#access = access;
    this.#viewer = new Viewer(server.options.viewer);
    this.#routes = new Map([
      ...CALLS.map((row) => [`/eventlog/${row.name}`, { POST: this.#calling(row) }]),
      ...READERS.map((row) => [`/eventlog/${row.name}`, { POST: this.#reading(row) }]),
      [SUBSCRIBE_PATH, { GET: this.#subscribe }],
      [CLOUD_EVENTS_PATH, { GET: this.#giveCloudEvents, POST: this.#takeCloudEvents }],
      ['/healthz', { GET: this.#health }],
      ['/metrics', { GET: this.#metrics }],
      ['/openapi.json', { GET: this.#openApi }],
    ]);
  }

  /** Answers a request. It never rejects. */
  async handle(request, response) {
    const type = 'error';
    // What cannot be written is lost with its connection, and the answer is told of that by 'close'. Without a listener
    // the error would end the process.
    response.on('error', () => {});
    giveUpUnread(response, this.#server);
    try {
      setCommonHeaders(response);
      const { path, query } = locationOf(request);
      if (this.#allowOrigin(request, response)) return;
      if (this.#server.isFull()) throw tooMany(this.#server.options);
      const refusal = this.#access.refusal(request, query);
      if (refusal !== undefined) throw refusal;
      if (this.#signIn(request, response, path, query)) return;
      for (const key of TOKEN_KEYS) query.delete(key);
      const found = this.#routeTo(request, path);
      await found(request, response, query, path);
    } catch (error) {
      const failure = asFailure(error);
      this.#server.metrics.refused(failure.code);
      if (response.headersSent) response.destroy();
      else if (!response.destroyed) answerFailure(response, type, failure);
    }
  }

  /** What answers a request, by its path and method. */
  #routeTo({ method }, path) {
    const route = this.#routes.get(path) ?? this.#viewerRoute(path);
    if (route === undefined) {
      if (path.startsWith('/eventlog/')) {
        const found = JSON.stringify(path.slice(0, 100));
        const reason = `path: expected /eventlog/ and the name of a method, such as /eventlog/appendEvent, found ${found}`;
        throw new Failure('UNKNOWN_METHOD', reason);
      }
      throw new Failure('NOT_FOUND', 'path: there is nothing here');
    }
    const found = route[method === 'HEAD' && route.GET === this.#file ? 'GET' : method];
    if (found !== undefined) return found;
    const allowed = Object.keys(route).join(', ');
    throw new Failure('METHOD_NOT_ALLOWED', `method: expected ${allowed}`, { Allow: allowed });
  }

  #viewerRoute(path) {
    return this.#viewer.has(path) ? { GET: this.#file } : undefined;
  }

  /** Tells browsers that pages of an allowed origin may read answers. Returns whether that was all that was asked. */
  #allowOrigin(request, response) {
    const { origin, 'access-control-request-method': asked } = request.headers;
    response.setHeader('Vary', 'Origin');
    if (origin === undefined || !this.#access.isAllowedOrigin(origin)) return false;
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (request.method !== 'OPTIONS' || asked === undefined) return false;
    const refusal = this.#access.foreign(request);
    if (refusal !== undefined) throw refusal;
    response.writeHead(204, {
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': 'Authorization, Content-Type, Last-Event-ID',
      'Access-Control-Max-Age': '600',
    });
    response.end();
    return true;
  }

  /** Takes the token of a link to a page into a cookie, and out of the address. Returns whether it was one. */
  #signIn({ method }, response, path, query) {
    const token = TOKEN_KEYS.map((key) => query.get(key)).find((value) => value !== null);
    if (method !== 'GET' || token === undefined || !this.#viewer.has(path)) return false;
    for (const key of TOKEN_KEYS) query.delete(key);
    const rest = query.toString();
    response.writeHead(303, {
      Location: rest === '' ? path : `${path}?${rest}`,
      'Set-Cookie': this.#access.cookie(token),
    });
    response.end();
    return true;
  }

  #calling(row) {
    return async (request, response) => {
      const text = await readJsonText(request, this.#server.options.bodyBytesMax);
      const { calls } = this.#server;
      const plain = calls.takesJson(row) ? plainArgument(row, text) : undefined;
      const params = plain === undefined ? parseJson(text) : undefined;
      const refusal = await (plain === undefined
        ? calls.refusal(row, params)
        : calls.refusalOfJson(row, () => parseJson(text)));
      if (refusal !== undefined) throw refusal;
      if (calls.isFull) throw calls.overload();
      const gone = goneOf(response);
      // Numbers of payloads are kept as the request has them.
      const json = plain ?? (row.changes && calls.takesJson(row) ? text : undefined);
      const answered = await (json === undefined
        ? calls.make(row, params, gone)
        : calls.makeJson(row, json, { params: () => params ?? parseJson(text), gone }));
      if (gone.aborted) return;
      const { success, json: body } = answered;
      const failed = success || body === undefined ? answered : JSON.parse(body.toString());
      const status = success ? 200 : statusOf(failed);
      answer(response, status, 'application/json', body ?? JSON.stringify(answered));
    };
  }

  #reading(row) {
    return async (request, response) => {
      await answerLines(this.#server, row, await this.#paramsOf(row, request), response);
    };
  }

  async #paramsOf(row, request) {
    const params = await readJson(request, this.#server.options.bodyBytesMax);
    const refusal = await this.#server.calls.refusal(row, params);
    if (refusal !== undefined) throw refusal;
    if (this.#server.calls.isFull) throw this.#server.calls.overload();
    return params;
  }

  #subscribe = async (request, response, query) => {
    const options = subscriptionOptions(query, SUBSCRIBE.known, request.headers['last-event-id']);
    const refusal = await this.#server.calls.refusal(SUBSCRIBE, options);
    if (refusal !== undefined) throw refusal;
    await answerEvents(this.#server, SUBSCRIBE, options, response);
  };

  #takeCloudEvents = (request, response, query) =>
    takeCloudEvents(this.#server, request, response, query);

  #giveCloudEvents = (request, response, query) =>
    giveCloudEvents(this.#server, request, response, query);

  #health = async (_, response) => {
    const failure = await this.#server.calls.health();
    if (failure !== undefined) throw failure;
    answerJson(response, 200, { success: true });
  };

  #metrics = async (_, response) => {
    const lines = await this.#server.calls.logMetrics();
    const text = this.#server.metrics.text() + lines.map((line) => `${line}\n`).join('');
    answer(response, 200, 'text/plain; version=0.0.4; charset=utf-8', text);
  };

  #openApi = (_, response) => answerJson(response, 200, openApi());

  #file = (request, response, _, path) => this.#viewer.answer(request, response, path);
}

/** The path and the query string of a request. Nothing else of its address matters, and no part of it is kept. */
export function locationOf({ url }) {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  return { path, query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)) };
}

/** The refusal of a connection more than there may be. */
export function tooMany({ connectionsMax }) {
  const text = `${connectionsMax} connections are open: close one, or come again later`;
  return new Failure('TOO_MANY_CONNECTIONS', text, { 'Retry-After': '1', Connection: 'close' });
}
