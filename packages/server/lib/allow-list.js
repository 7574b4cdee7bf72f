// Which instances the clients of a server may use.

import { Failure, describe } from './failures.js';

/** The place of the name that an instance is to get. */
const NEW_NAME = 'name';

/**
 * The instances that clients may use, by ids or names. A request can name an instance by its id while the list has its
 * name, or the other way about. That is looked up in the log. A name that an instance is to get must itself be on the
 * list: otherwise the id of an instance, as its new name, would take the instance out of the list.
 */
export class AllowList {
  #log;
  #allowed;

  /**
   * @param {object} log - The log.
   * @param {readonly string[]} allowed - Ids and names of instances, which need not exist yet.
   */
  constructor(log, allowed) {
    this.#log = log;
    this.#allowed = new Set(allowed);
  }

  /**
   * Whether a request may name these instances. What is refused is refused in the same words whether or not there is such
   * an instance.
   *
   * @param {readonly [string, unknown][]} named - Each instance with its place in the request.
   * @returns {Failure | undefined | Promise<Failure | undefined>} Why not; a promise if the log has to be asked.
   */
  check(named) {
    for (const [place, value] of named) {
      if (typeof value !== 'string') {
        return new Failure(
          'INVALID_ARGUMENT',
          `${place}: expected a string, found ${describe(value)}`,
        );
      }
    }
    const unlisted = named.filter(([, value]) => !this.#allowed.has(value));
    const newName = unlisted.find(([place]) => place === NEW_NAME);
    if (newName !== undefined) return forbidden(newName);
    return unlisted.length === 0 ? undefined : this.#lookUp(unlisted);
  }

  /** Whether an instance that the log has given is on the list. */
  has({ id, name }) {
    return this.#allowed.has(id) || this.#allowed.has(name);
  }

  async #lookUp(unlisted) {
    for (const named of unlisted) {
      const { success, data } = await this.#log.getInstance(named[1]);
      if (!success || !this.has(data.instance)) return forbidden(named);
    }
    return undefined;
  }
}

function forbidden([place]) {
  return new Failure('FORBIDDEN', `${place}: this server does not give access to that instance`);
}
