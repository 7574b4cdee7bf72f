// A primary with two standbys, one of which has each commit before it is answered.

import { Node, commit, prepare, until } from './node.mjs';

const NAMES = ['s1', 's2', 's3'];

/** Three servers. */
export class Trio {
  #nodes;
  primary;

  /** Makes and starts them in a folder that is there, with settings beside the usual ones. */
  static async start(folder, settings = {}) {
    prepare(folder);
    const trio = new Trio();
    const synchronous = { synchronous_standby_names: `ANY 1 (${NAMES.join(', ')})` };
    trio.#nodes = NAMES.map((name) => new Node(folder, name, { ...settings, ...synchronous }));
    [trio.primary] = trio.#nodes;
    await trio.primary.make();
    await trio.primary.start();
    for (const node of trio.standbys) await trio.replace(node);
    await trio.caughtUp();
    return trio;
  }

  /** Those that follow the primary, or are to follow it. */
  get standbys() {
    return this.#nodes.filter((node) => node !== this.primary);
  }

  /** The address of a log: whichever of them takes changes. */
  urlOf(schema) {
    const hosts = this.#nodes.map((node) => encodeURIComponent(node.host)).join(',');
    return `postgres://postgres@${hosts}/postgres?schema=${schema}&durability=replicated`;
  }

  /**
   * Kills the primary, and has the standby take its place that has more.
   *
   * @returns {Promise<{ killed: number, ready: number, lost: Node }>} When it was killed, when a commit of somebody else
   *   was answered by the other one, and which one is lost.
   */
  async failOver() {
    const lost = this.primary;
    const killed = performance.now();
    await lost.kill();
    const [first, second] = this.standbys;
    const received = await Promise.all([first.received(), second.received()]);
    const [next, other] = received[0] >= received[1] ? [first, second] : [second, first];
    await next.promote();
    this.primary = next;
    // One that follows it before is told that its timeline has ended, and may take seconds to come back.
    await other.follow(next);
    await commit(next);
    return { killed, ready: performance.now(), lost };
  }

  /** Has one that was lost follow the primary, as a new server. */
  async replace(node) {
    await node.copy(this.primary);
    await node.start();
  }

  /** Waits until both standbys get what the primary writes. */
  async caughtUp() {
    const sql = `SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'`;
    await until(async () => (await this.primary.ask(sql))[0].count === NAMES.length - 1);
  }

  /** Ends all of them. */
  async stop() {
    await Promise.all(this.#nodes.map((node) => node.stop()));
  }
}
