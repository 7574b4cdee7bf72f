// What stands between a log and its server, and loses connections at each step of what they say.

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';

/** When a connection is lost. */
export const cuts = [
  // The server does not get what it is sent.
  'before a request',
  // It gets that, and its answer does not come.
  'after a request',
  // It gets a part of it.
  'within a request',
  // Its answer does not come, or a part of it does.
  'before an answer',
  'within an answer',
];

/** Listens at a socket of its own. */
export class Proxy {
  #server;
  #target;
  #oneIn;
  /** How many connections were lost at each step. */
  lost = Object.fromEntries(cuts.map((cut) => [cut, 0]));

  /**
   * @param {string} folder - Where its socket is made.
   * @param {string} target - The folder of the server's socket.
   * @param {number} oneIn - One in so many pieces of what is said is lost, with its connection.
   */
  static async start(folder, target, oneIn) {
    const proxy = new Proxy();
    proxy.host = folder;
    proxy.#target = join(target, '.s.PGSQL.5432');
    proxy.#oneIn = oneIn;
    proxy.#server = createServer((client) => proxy.#carry(client));
    proxy.#server.listen(join(folder, '.s.PGSQL.5432'));
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** How many connections were lost. */
  get count() {
    return Object.values(this.lost).reduce((sum, count) => sum + count, 0);
  }

  /** The address of a log. */
  urlOf(schema) {
    return `postgres://postgres@${encodeURIComponent(this.host)}/postgres?schema=${schema}`;
  }

  /** Takes no connections any more. */
  async stop() {
    this.#server.close();
    await once(this.#server, 'close');
  }

  #carry(client) {
    const server = createConnection(this.#target);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => {
      const cut = this.#cut('request');
      if (cut === undefined) server.write(bytes);
      else if (cut === 'before') end();
      // What was written arrives, though nobody waits for an answer.
      else this.#last(client, server, cut === 'within' ? half(bytes) : bytes);
    });
    server.on('data', (bytes) => {
      const cut = this.#cut('answer');
      if (cut === undefined) client.write(bytes);
      else if (cut === 'before') end();
      else this.#last(server, client, half(bytes));
    });
  }

  /** Sends the last bytes of a connection, of which the other side is lost at once. */
  #last(from, to, bytes) {
    from.removeAllListeners('close');
    from.destroy();
    to.end(bytes);
  }

  /** Which step of a kind a connection is lost at now, if it is. */
  #cut(kind) {
    if (randomInt(this.#oneIn) !== 0) return undefined;
    const possible = cuts.filter((cut) => cut.endsWith(kind));
    const cut = possible[randomInt(possible.length)];
    this.lost[cut] += 1;
    return cut.split(' ')[0];
  }
}

const half = (bytes) => bytes.subarray(0, bytes.length >> 1);
