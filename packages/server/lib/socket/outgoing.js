// What a WebSocket sends: texts of one turn of the event loop in one write, and an end to clients that take nothing.

/** Bytes would be sent as such. */
const TEXT = { binary: false };

export class Outgoing {
  #ws;
  #socket;
  #sent;
  #corks;

  /**
   * @param {import('ws').WebSocket} ws - The socket.
   * @param {import('node:net').Socket} socket - What is under it.
   * @param {object} server - `options`, `progress` and `corks` of the server. A client that takes nothing of what waits for
   *   it for a time is cut off. However slowly it takes something, it stays.
   * @param {() => void} [sent] - Called whenever a text was handed to the system.
   */
  constructor(ws, socket, { options: { stallTimeoutMs }, progress, corks }, sent = () => {}) {
    this.#ws = ws;
    this.#socket = socket;
    this.#sent = sent;
    this.#corks = corks;
    // Node.js starts the timer of a socket anew while parts of a long write are taken.
    socket.setTimeout(stallTimeoutMs);
    socket.on('timeout', () => {
      if (ws.bufferedAmount === 0) return;
      if (progress.hasGoneOn(socket)) socket.setTimeout(stallTimeoutMs);
      else ws.terminate();
    });
  }

  /**
   * Sends a text, if the socket is still open.
   *
   * @param {string | Buffer} text - The text, or its bytes in UTF-8.
   * @param {() => void} [done] - Called once it was handed to the system, or the socket is closed.
   */
  send(text, done) {
    if (this.#ws.readyState !== this.#ws.OPEN) {
      done?.();
      return;
    }
    this.#corks.cork(this.#socket);
    this.#ws.send(text, TEXT, done === undefined ? this.#sent : () => this.#done(done));
  }

  #done(done) {
    done();
    this.#sent();
  }
}
