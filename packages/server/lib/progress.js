// Whether a client takes something of what waits for it, however slowly.

/**
 * Long writes under TLS. Node.js starts the timer of a socket anew while parts of a long write are taken, but not with
 * TLS: that writes all of it to the connection under it in one piece, and knows no more.
 */
export class Progress {
  /** Connections that TLS is being agreed on, by who is at their other end. */
  #opening = new Map();
  /** What is under a connection with TLS, and how much the system had not taken of it when it was looked at last. */
  #under = new WeakMap();

  /** @param {import('node:https').Server} https - A server whose connections are kept. */
  watch(https) {
    https.on('connection', (raw) => {
      const name = nameOf(raw);
      this.#opening.set(name, raw);
      raw.on('close', () => {
        if (this.#opening.get(name) === raw) this.#opening.delete(name);
      });
    });
    https.on('secureConnection', (socket) => {
      const name = nameOf(socket);
      const raw = this.#opening.get(name);
      this.#opening.delete(name);
      if (raw !== undefined) this.#under.set(socket, { raw, left: undefined });
    });
  }

  /**
   * Whether the client has taken something since this was asked last, although the timer of its connection has run down.
   *
   * @param {import('node:net').Socket} socket - The connection.
   */
  hasGoneOn(socket) {
    const under = this.#under.get(socket);
    if (under === undefined) return false;
    const left = queued(under.raw);
    const hasTaken = left !== under.left;
    under.left = left;
    return hasTaken;
  }
}

function nameOf({ remoteAddress, remotePort }) {
  return `${remoteAddress} ${remotePort}`;
}

/** How many bytes of a socket's writes the system has not taken. Without it, a client has the time for the whole of one. */
function queued(socket) {
  // oxlint-disable-next-line no-underscore-dangle -- Nothing that is documented tells it.
  return socket._handle?.writeQueueSize;
}
