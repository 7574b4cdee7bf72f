// What a WebSocket sends: texts of one turn of the event loop in one write, and an end to clients that take nothing.

export class Outgoing {
  #ws;
  #socket;
  #stallTimeoutMs;
  #sent;
  #isCorked = false;
  #unsent = 0;
  #stall;

  /**
   * @param {import('ws').WebSocket} ws - The socket.
   * @param {import('node:net').Socket} socket - What is under it.
   * @param {number} stallTimeoutMs - How long a client may take nothing of what waits for it, in milliseconds.
   * @param {() => void} [sent] - Called whenever a text was handed to the system.
   */
  constructor(ws, socket, stallTimeoutMs, sent = () => {}) {
    this.#ws = ws;
    this.#socket = socket;
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#sent = sent;
  }

  /**
   * Sends a text, if the socket is still open.
   *
   * @param {string} text - The text.
   * @param {() => void} [done] - Called once it was handed to the system, or the socket is closed.
   */
  send(text, done) {
    if (this.#ws.readyState !== this.#ws.OPEN) {
      done?.();
      return;
    }
    this.#cork();
    this.#unsent += 1;
    this.#stall ??= setTimeout(() => this.#ws.terminate(), this.#stallTimeoutMs);
    this.#ws.send(text, () => {
      this.#unsent -= 1;
      if (this.#unsent === 0) this.end();
      else this.#stall?.refresh();
      done?.();
      this.#sent();
    });
  }

  /** Nothing is sent any more, or waits. */
  end() {
    clearTimeout(this.#stall);
    this.#stall = undefined;
  }

  /** Responses that come in one turn leave in one write. */
  #cork() {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    setImmediate(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }
}
