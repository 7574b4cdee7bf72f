// The events of a list that are seen, and those around them.

import { isAborted } from '../log/call.js';

/** How many events are asked for together, and how many such pages are kept. */
const PAGE = 50;
const PAGES_MAX = 120;

/** How many pages may be on their way. What was asked for before and is not seen any more is aborted. */
const UNDER_WAY_MAX = 4;

export class RowCache {
  #list;
  #onChange;
  #onFailure;
  /** Pages by their numbers: `{ events }`, or `{ abort }` while one is on its way. The newest used are last. */
  #pages = new Map();

  /**
   * @param {import('./event-list.js').EventList} list - The list.
   * @param {() => void} onChange - Called when events have come.
   * @param {(error: Error) => void} onFailure - Called when they cannot.
   */
  constructor(list, onChange, onFailure) {
    this.#list = list;
    this.#onChange = onChange;
    this.#onFailure = onFailure;
  }

  /** The event with a number, if it is there. */
  row(number) {
    return this.#pages.get(Math.floor(number / PAGE))?.events?.[number % PAGE];
  }

  /** Fetches what is missing of a part of the list, which is what is seen now. */
  want(first, last) {
    const wanted = [];
    for (let n = Math.floor(first / PAGE); n <= Math.floor(last / PAGE); n += 1) wanted.push(n);
    this.#forget(wanted);
    for (const n of wanted) {
      const page = this.#pages.get(n);
      this.#pages.delete(n);
      if (page === undefined) this.#fetch(n);
      else this.#pages.set(n, page);
      const isIdle = page?.abort === undefined && page?.events !== undefined;
      if (isIdle && page.events.length < this.#lengthOf(n)) this.#fetch(n, page.events);
    }
  }

  /** Gives everything up. */
  close() {
    for (const { abort } of this.#pages.values()) abort?.abort();
    this.#pages.clear();
    this.#onChange = () => {};
    this.#onFailure = () => {};
  }

  #lengthOf(n) {
    return Math.min(PAGE, this.#list.total - n * PAGE);
  }

  async #fetch(n, events) {
    const abort = new AbortController();
    const page = { abort, events };
    this.#pages.set(n, page);
    try {
      const have = events?.length ?? 0;
      const start = n * PAGE + have;
      const more = await this.#list.page(start, this.#lengthOf(n) - have, abort.signal);
      page.events = [...(events ?? []), ...more];
      page.abort = undefined;
      this.#onChange();
    } catch (error) {
      if (this.#pages.get(n) === page) this.#pages.delete(n);
      if (!isAborted(error)) this.#onFailure(error);
    }
  }

  /** Lets go of what is neither wanted nor new. */
  #forget(wanted) {
    const idle = [...this.#pages].filter(([n]) => !wanted.includes(n));
    const underWay = idle.filter(([, { abort }]) => abort !== undefined);
    const late = underWay.slice(0, Math.max(0, underWay.length + wanted.length - UNDER_WAY_MAX));
    const old = idle.slice(0, Math.max(0, idle.length - PAGES_MAX));
    for (const [n, { abort }] of [...late, ...old]) {
      abort?.abort();
      this.#pages.delete(n);
    }
  }
}
