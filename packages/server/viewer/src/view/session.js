// The events of one scope while it is looked at: the list, the rows that are there, and what comes new.

import { signal } from '@preact/signals';

import { EventList } from '../events/event-list.js';
import { RowCache } from '../events/row-cache.js';
import { isAborted } from '../log/call.js';
import { follow } from '../log/follow.js';

/** How often a connection that was refused is tried again, in milliseconds. */
const RETRY_MS = 2_000;

export class Session {
  #abort = new AbortController();
  #instance;
  #unfollow;
  #retry;
  #isExtending = false;

  /** `counting`, `ready` or `failed`. */
  state = signal('counting');
  /** The error why it failed, or why the last page could not be read. */
  failure = signal(undefined);
  /** How many events there are. */
  total = signal(0);
  /** Changes when rows have come. */
  revision = signal(0);
  /** The newest position of the instance that is known. */
  newest = signal(0);
  /** The position up to which the list goes. */
  lastPosition = signal(0);
  /** Whether new events come into the list. */
  isLive = signal(true);
  /** The connection: `off`, `open`, `lost` or `ended`. */
  connection = signal('off');

  constructor(scope) {
    this.#instance = scope.from.instance;
    this.list = new EventList(scope);
    this.rows = new RowCache(
      this.list,
      () => (this.revision.value += 1),
      (error) => (this.failure.value = error),
    );
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#open();
  }

  /** Whether something waits for the list to go on. */
  get signal() {
    return this.#abort.signal;
  }

  /** Stops what comes new, or lets it come. */
  setLive(isLive) {
    this.isLive.value = isLive;
    if (isLive) this.#extend();
  }

  close() {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    clearTimeout(this.#retry);
    this.#unfollow?.();
    this.#abort.abort();
    this.rows.close();
  }

  async #open() {
    try {
      await this.list.open(this.signal);
      this.#tell();
      this.newest.value = this.list.lastPosition;
      this.state.value = 'ready';
      this.#follow();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A page that nobody sees does not follow: browsers have few connections to a server, for all pages together. */
  #onVisibility = () => {
    if (this.state.value !== 'ready') return;
    if (document.hidden) {
      this.#unfollow?.();
      this.connection.value = 'off';
    } else this.#follow();
  };

  #follow() {
    if (document.hidden || this.signal.aborted) return;
    this.#unfollow?.();
    this.#unfollow = follow({
      instance: this.#instance,
      afterPosition: this.newest.value,
      onPosition: (position) => {
        this.newest.value = Math.max(this.newest.value, position);
        if (this.isLive.value) this.#extend();
      },
      onState: (state, why) => {
        this.connection.value = state;
        if (why !== undefined) this.failure.value = new Error(why);
        if (state === 'ended' && why === undefined) {
          this.#retry = setTimeout(() => this.#follow(), RETRY_MS);
        }
      },
    });
  }

  /** Takes in what is new, until there is nothing. What comes meanwhile is taken in together. */
  async #extend() {
    if (this.#isExtending) return;
    this.#isExtending = true;
    try {
      while (this.isLive.value && this.list.lastPosition < this.newest.value) {
        await this.list.extend(this.newest.value, this.signal);
        this.#tell();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isExtending = false;
    }
  }

  #tell() {
    this.total.value = this.list.total;
    this.lastPosition.value = this.list.lastPosition;
  }

  #fail(error) {
    if (isAborted(error)) return;
    this.failure.value = error;
    if (this.state.value === 'counting') this.state.value = 'failed';
  }
}
