// The connection of a client: one WebSocket, opened again whenever it is lost.

import { openWebSocket } from '#websocket';

import { EventLogError, failedResponse } from './errors.js';

const LOST = 'the connection was lost';

/** Sends requests, and gives each its response. */
export class Link {
  #url;
  #options;
  #socket;
  #isOpen = false;
  #isClosed = false;
  #count = 0;
  /** What waits for a response, by its id. What was not sent yet waits for the connection. */
  #calls = new Map();
  #retry;
  #attempts = 0;

  /**
   * @param {string} url - The address of the WebSocket.
   * @param {object} options - `token`, `callTimeoutMs`, `retryDelayMs`, `retryDelayMaxMs` and `onStateChange`.
   */
  constructor(url, options) {
    this.#url = url;
    this.#options = options;
  }

  /** Opens the first connection. Rejects if that fails: the address or the token can be wrong. */
  open() {
    return new Promise((resolve, reject) => {
      const failed = (error) => {
        this.close();
        reject(error);
      };
      this.#connect(resolve, failed);
    });
  }

  /** Whether the connection is open right now. */
  get isOpen() {
    return this.#isOpen;
  }

  /**
   * Makes a request.
   *
   * @param {string} type - Its type.
   * @param {object} params - Its parameters.
   * @param {'again' | 'once' | 'bound'} kind - What happens if the connection is lost before the response: it is made
   *   again, it is answered with `OUTCOME_UNKNOWN`, or it is answered with `CONNECTION_LOST`, since it belongs to what
   *   was opened on that connection.
   * @returns {Promise<object>} The response. It never rejects.
   */
  request(type, params, kind) {
    if (this.#isClosed) {
      return Promise.resolve(
        failedResponse(type, 'CLOSED', 'the client was closed: connect again'),
      );
    }
    if (kind === 'bound' && !this.#isOpen) {
      return Promise.resolve(failedResponse(type, 'CONNECTION_LOST', LOST));
    }
    this.#count += 1;
    const requestId = String(this.#count);
    let text;
    try {
      text = JSON.stringify({ type, requestId, params });
    } catch (error) {
      const reason = `params: expected a value that can be JSON: ${error.message}`;
      return Promise.resolve(failedResponse(type, 'INVALID_ARGUMENT', reason));
    }
    return new Promise((resolve) => {
      const call = { type, text, kind, resolve, isSent: false };
      if (kind !== 'bound') this.#limit(requestId, call);
      this.#calls.set(requestId, call);
      if (this.#isOpen) this.#send(call);
    });
  }

  /** Closes the connection, and answers what waits. */
  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket?.close(1000);
    this.#lose('CLOSED', 'the client was closed');
    this.#tell('closed');
  }

  #limit(requestId, call) {
    const { callTimeoutMs } = this.#options;
    call.timer = setTimeout(() => {
      this.#calls.delete(requestId);
      const isUnknown = call.isSent && call.kind === 'once';
      const code = isUnknown ? 'OUTCOME_UNKNOWN' : 'TIMED_OUT';
      call.resolve(failedResponse(call.type, code, `no response came within ${callTimeoutMs} ms`));
    }, callTimeoutMs);
  }

  #connect(opened, failed) {
    let socket;
    try {
      socket = openWebSocket(this.#url, this.#options.token);
    } catch (error) {
      failed(new EventLogError('INVALID_ARGUMENT', `url: ${error.message}`));
      return;
    }
    this.#socket = socket;
    let reason = 'no connection could be made';
    socket.onopen = () => {
      if (this.#isClosed) return;
      this.#isOpen = true;
      this.#attempts = 0;
      for (const call of this.#calls.values()) this.#send(call);
      this.#tell('open');
      opened?.();
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    // Browsers say nothing more than that it failed.
    socket.onerror = ({ message }) => {
      reason = message ?? reason;
    };
    socket.onclose = () => {
      const wasOpen = this.#isOpen;
      this.#isOpen = false;
      if (this.#isClosed) return;
      if (wasOpen) {
        this.#lose('CONNECTION_LOST', LOST, true);
        this.#tell('lost');
      }
      if (!wasOpen && failed !== undefined) failed(new EventLogError('CONNECTION_LOST', reason));
      else this.#connectLater();
    };
  }

  #connectLater() {
    const { retryDelayMs, retryDelayMaxMs } = this.#options;
    const delay = Math.min(retryDelayMs * 2 ** this.#attempts, retryDelayMaxMs);
    this.#attempts += 1;
    // Many clients of one server must not all come at once.
    this.#retry = setTimeout(() => this.#connect(), delay * (0.5 + Math.random() / 2));
  }

  #send(call) {
    call.isSent = true;
    this.#socket.send(call.text);
  }

  #receive(text) {
    const response = JSON.parse(text);
    const call = this.#calls.get(response.requestId);
    if (call === undefined) return;
    this.#calls.delete(response.requestId);
    clearTimeout(call.timer);
    call.resolve(response);
  }

  /** Answers what cannot be made again. */
  #lose(code, error, mayGoOn = false) {
    for (const [requestId, call] of this.#calls) {
      if (mayGoOn && (call.kind === 'again' || !call.isSent)) {
        call.isSent = false;
        continue;
      }
      this.#calls.delete(requestId);
      clearTimeout(call.timer);
      const isUnknown = call.isSent && call.kind === 'once';
      const found = isUnknown ? 'OUTCOME_UNKNOWN' : code;
      const text = isUnknown
        ? `${error} before the response: the change may be stored or not`
        : error;
      call.resolve(failedResponse(call.type, found, text));
    }
  }

  #tell(state) {
    this.#options.onStateChange?.(state);
  }
}
