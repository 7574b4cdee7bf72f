// What is sent in one turn of the event loop leaves each socket in one write.

export class Corks {
  #corked = new Set();

  /** Has a socket keep what is written until the end of the turn. */
  cork(socket) {
    if (this.#corked.has(socket)) return;
    if (this.#corked.size === 0) setImmediate(() => this.#uncork());
    this.#corked.add(socket);
    socket.cork();
  }

  #uncork() {
    const corked = this.#corked;
    this.#corked = new Set();
    for (const socket of corked) socket.uncork();
  }
}
