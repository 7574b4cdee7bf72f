// A client that sends requests over a WebSocket and gets a response to each: the SDK's protocol.

import { randomUUID } from 'node:crypto';

import { APPEND_BYTES_MAX } from '../append-batch.js';
import { elementsOf } from '../event-lines.js';
import { Failure, asFailure, describe, failedResponse, isObject } from '../failures.js';
import { methodNamed } from '../methods.js';
import { PUSHED } from '../pushes.js';
import { Outgoing } from './outgoing.js';
import { headOf, plainMessage } from '../plain-message.js';
import { Readings } from './readings.js';

const REQUEST = /^eventLog\.(\w+)$/;

/** A large response, or a late one, counts as so much of what a connection may have under way. */
const LONG_SHARE = 1 / 8;

/** What a client sends and gets back is short enough for any response if it has at most so many characters. */
const SHORT_CHARACTERS_MAX = 1_000;

/** The close code for a client that does not take what is sent to it ("try again later"). */
const TRY_AGAIN_LATER = 1013;

/**
 * One client.
 *
 * A client that has too much under way, or does not take its responses, is not read from: then its own socket fills, and
 * nothing else waits. So the server holds a bounded number of its requests. While the server answers as many requests as
 * it may, no client is read from. They then take turns.
 */
export class Connection {
  #ws;
  #server;
  #id = randomUUID();
  #path;
  #outgoing;
  #readings;
  /** What has arrived and is not begun: at most what one read of the socket brings. */
  #waiting = [];
  #load = 0;
  #bytesUnderWay = 0;
  /** Whether the log is asked if a request may be made. Later ones wait, since changes keep their order. */
  #isAsking = false;
  #isStopping = false;
  #gone = new AbortController();
  #whenIdle;

  /**
   * @param {import('ws').WebSocket} ws - The socket.
   * @param {import('node:net').Socket} socket - What is under it.
   * @param {string} path - The path that it was opened at.
   * @param {object} server - `calls`, `appends`, `pushes`, `metrics`, `options`, `progress` and `corks` of the server.
   */
  constructor(ws, socket, path, server) {
    this.#ws = ws;
    this.#server = server;
    this.#path = path;
    this.#outgoing = new Outgoing(ws, socket, server, () => this.#advance());
    this.#readings = new Readings(server);
    ws.on('message', (data, isBinary) => {
      // What still arrives while the socket closes is not answered, and must not pile up.
      if (ws.readyState !== ws.OPEN) return;
      this.#waiting.push({ data, isBinary, head: isBinary ? undefined : headOf(data) });
      this.#advance();
    });
    ws.on('close', () => this.#end());
  }

  /**
   * Answers what has begun, begins no more, and closes.
   *
   * @returns {Promise<void>} Resolves once everything is handed to the socket.
   */
  async stop() {
    // What is given back of them is begun.
    this.#server.appends.flush();
    this.#isStopping = true;
    this.#server.pushes.remove(this.#push);
    this.#readings.end();
    if (this.#load > 0) await new Promise((resolve) => (this.#whenIdle = resolve));
    this.#ws.resume();
    this.#ws.close(1001, 'the server stops');
  }

  /** Begins what has arrived, as far as the client and the server may have it under way. */
  #advance = () => {
    while (this.#waiting.length > 0 && this.#mayBegin()) {
      const [message] = this.#waiting;
      if (this.#isBatched(message)) {
        this.#waiting.shift();
        this.#append(message);
        continue;
      }
      // Calls keep their order. What is given back then stands before this message.
      this.#server.appends.flush();
      if (this.#waiting[0] === message && this.#mayBegin()) this.#begin(this.#waiting.shift());
    }
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#server.calls.isFull) this.#server.calls.whenFree(this.#advance);
    if (this.#waiting.length > 0 || !this.#mayBegin()) this.#ws.pause();
    else if (this.#ws.isPaused) this.#ws.resume();
  };

  #mayBegin() {
    const { pipelineMax, bufferedBytesMax, bodyBytesMax } = this.#server.options;
    return (
      !this.#isAsking &&
      !this.#isStopping &&
      !this.#server.calls.isFull &&
      this.#load < pipelineMax &&
      this.#bytesUnderWay < bodyBytesMax &&
      this.#ws.bufferedAmount <= bufferedBytesMax
    );
  }

  /** What a request counts for that has a large response, or a late one. */
  get #longShare() {
    return Math.max(1, Math.floor(this.#server.options.pipelineMax * LONG_SHARE));
  }

  /** Whether a message is made a call in a batch. */
  #isBatched({ data, head, isGivenBack }) {
    return (
      head !== undefined &&
      !isGivenBack &&
      data.length <= APPEND_BYTES_MAX &&
      this.#server.calls.takesBatches(head.row)
    );
  }

  /** Begins an append, whose text nobody has looked at. */
  #append(message) {
    const { row, written, requestId } = message.head;
    const share = row.isLong ? this.#longShare : 1;
    this.#load += share;
    this.#bytesUnderWay += message.data.length;
    this.#server.appends.add({ row, json: written, requestId, caller: this, message, share });
  }

  /** Sends the response to an append of a batch. */
  answered({ message, share }, { json }) {
    this.#load -= share;
    this.#bytesUnderWay -= message.data.length;
    this.#outgoing.send(json);
    if (this.#load === 0) this.#whenIdle?.();
  }

  /** Has a message wait again that was to be an append of a batch, before those that wait. */
  takeBack({ message, share }) {
    this.#load -= share;
    this.#bytesUnderWay -= message.data.length;
    this.#waiting.unshift({ ...message, isGivenBack: true });
  }

  /** Goes on after messages were given back. */
  goOn() {
    this.#advance();
  }

  #begin({ data, isBinary, head }) {
    const plain = head === undefined ? undefined : plainMessage(head);
    if (plain !== undefined && this.#server.calls.takesJson(plain.row)) {
      const { type, requestId, row, json, params } = plain;
      const refusal = this.#server.calls.refusalOfJson(row, params);
      const answer = (gone) => this.#server.calls.makeJson(row, json, { params, requestId, gone });
      this.#settle({ type, requestId, row, length: data.length, answer }, refusal);
      return;
    }
    let text;
    let message;
    let requestId;
    try {
      if (isBinary) throw new SyntaxError('expected a text frame, found a binary one');
      text = data.toString();
      message = JSON.parse(text);
      if (!isObject(message))
        throw new SyntaxError(`expected an object, found ${describe(message)}`);
      requestId = requestIdOf(message);
      if (typeof message.type !== 'string') {
        throw new SyntaxError(`type: expected a string, found ${describe(message.type)}`);
      }
    } catch ({ message: reason }) {
      const failure = new Failure('INVALID_ARGUMENT', `expected a request as JSON: ${reason}`);
      this.#reply({ requestId }, failedResponse('error', failure));
      return;
    }
    const answer = this.#simple(message);
    if (answer === undefined) this.#request(message, text, data.length);
    else this.#reply(message, answer);
  }

  /** The answer to what is no method of a log. */
  #simple({ type, clientType, params }) {
    switch (type) {
      case 'register': {
        const connectionType = typeof clientType === 'string' ? clientType : this.#path.slice(1);
        return { type: 'registered', connectionId: this.#id, connectionType };
      }
      case 'ping':
        return { type: 'pong' };
      case 'subscribe':
        return this.#subscribe(params);
      case 'unsubscribe':
        this.#server.pushes.remove(this.#push);
        return { type, success: true, data: { events: [] } };
      default:
        return undefined;
    }
  }

  #subscribe(params) {
    const events = params?.events ?? PUSHED;
    if (!Array.isArray(events) || !events.every((event) => PUSHED.includes(event))) {
      const text = `params.events: expected an array of ${PUSHED.join(', ')}`;
      return failedResponse('subscribe', new Failure('INVALID_ARGUMENT', text));
    }
    this.#server.pushes.add(this.#push, events);
    return { type: 'subscribe', success: true, data: { events } };
  }

  #request(message, text, length) {
    const { type, requestId } = message;
    const params = message.params ?? {};
    const [, name] = REQUEST.exec(type) ?? [];
    if (name === 'next' || name === 'return') {
      this.#page(message, name, params);
      return;
    }
    const row = methodNamed(name);
    if (row === undefined) {
      this.#server.metrics.refused('UNKNOWN_METHOD');
      const found = JSON.stringify(type.slice(0, 100));
      const reason = `type: expected "eventLog." and the name of a method, found ${found}`;
      this.#reply(message, failedResponse(type, new Failure('UNKNOWN_METHOD', reason)));
      return;
    }
    const { calls } = this.#server;
    const answer = (gone) => {
      if (row.read !== undefined) return this.#readings.open(type, row, params);
      // Numbers of payloads are kept as the message has them.
      return row.changes && calls.takesJson(row) && isObject(message.params) && requestId !== null
        ? calls.makeJson(row, text, { under: 'params', params: () => params, requestId, gone })
        : calls.make(row, params, gone);
    };
    this.#settle({ type, requestId, row, length, answer }, calls.refusal(row, params));
  }

  /** Proceeds with a request once it is known whether it is refused. */
  #settle(request, refusal) {
    if (refusal instanceof Promise) this.#ask(request, refusal);
    else this.#proceed(request, refusal);
  }

  async #page(message, name, params) {
    const { type } = message;
    if (!isObject(params)) {
      const text = `params: expected an object with a reading, found ${describe(params)}`;
      this.#reply(message, failedResponse(type, new Failure('INVALID_ARGUMENT', text)));
      return;
    }
    // A page of a subscription can be long in coming, and is no work until then.
    const share = name === 'next' && this.#readings.isReader(params) ? this.#longShare : 0;
    this.#load += share;
    const answer = await this.#readings[name](type, params).catch((error) => ({
      response: failedResponse(type, asFailure(error)),
    }));
    this.#load -= share;
    if (answer !== undefined) this.#reply(message, answer.response, answer.lines);
    if (this.#load === 0) this.#whenIdle?.();
  }

  async #ask(request, asked) {
    this.#isAsking = true;
    const refusal = await asked.catch(asFailure);
    this.#isAsking = false;
    this.#proceed(request, refusal);
    this.#advance();
  }

  async #proceed({ type, requestId, row, length, answer }, refusal) {
    if (refusal !== undefined) {
      this.#server.metrics.refused(refusal.code);
      this.#reply({ requestId }, failedResponse(type, refusal));
      return;
    }
    const share = row.isLong ? this.#longShare : 1;
    this.#load += share;
    this.#bytesUnderWay += length;
    let response;
    try {
      response = await answer(this.#gone.signal);
    } catch (error) {
      response = failedResponse(type, asFailure(error));
    }
    this.#load -= share;
    this.#bytesUnderWay -= length;
    if (response.json === undefined) this.#reply({ requestId }, response);
    else this.#outgoing.send(response.json);
    if (this.#load === 0) this.#whenIdle?.();
  }

  /** Sends the response to a message. `lines` are the events that its `data` is to have. It never throws. */
  #reply({ requestId }, response, lines) {
    if (requestId !== undefined) response.requestId = requestId;
    let text;
    try {
      text = lines === undefined ? JSON.stringify(response) : textWithEvents(response, lines);
    } catch (error) {
      const failure = new Failure(
        'LIMIT_EXCEEDED',
        `the response does not fit into a string: ${error.message}`,
      );
      const type = isShort(response.type) ? response.type : 'error';
      const own = isShort(requestId) ? { requestId } : {};
      text = JSON.stringify({ ...failedResponse(type, failure), ...own });
    }
    this.#outgoing.send(text);
  }

  /** Sends what a client is told unasked. It cannot be held up, so a client that does not take it is let go. */
  #push = (text) => {
    if (this.#ws.bufferedAmount > this.#server.options.bufferedBytesMax) {
      this.#server.pushes.remove(this.#push);
      this.#server.metrics.refused('OVERLOADED');
      this.#ws.resume();
      this.#ws.close(TRY_AGAIN_LATER, 'OVERLOADED: pushed messages were not taken in time');
    } else {
      this.#outgoing.send(text);
    }
  };

  #end() {
    this.#gone.abort();
    this.#waiting.length = 0;
    this.#server.calls.forget(this.#advance);
    this.#server.pushes.remove(this.#push);
    this.#readings.end();
    this.#whenIdle?.();
  }
}

/** The id of a request. It goes into the response, so nothing is taken that could fail to become a text again. */
function requestIdOf({ requestId }) {
  if (typeof requestId === 'number' && !isKept(requestId)) {
    const found = 'one that JavaScript alters: send it as a string';
    throw new SyntaxError(`requestId: expected a string or a number, found ${found}`);
  }
  if (requestId === null || ['undefined', 'string', 'number'].includes(typeof requestId)) {
    return requestId;
  }
  throw new SyntaxError(`requestId: expected a string or a number, found ${describe(requestId)}`);
}

/** Whether a number surely comes back as it was sent. */
function isKept(number) {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}

function isShort(value) {
  return value !== undefined && String(value).length <= SHORT_CHARACTERS_MAX;
}

function textWithEvents({ data, ...response }, lines) {
  const head = JSON.stringify(response).slice(0, -1);
  const own = JSON.stringify(data).slice(0, -1);
  const start = Buffer.from(`${head},"data":${own},"events":[`);
  return Buffer.concat([start, elementsOf(lines), Buffer.from(']}}')]);
}
