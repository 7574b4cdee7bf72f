// Appends that arrive in one turn of the event loop, over any of the sockets: the log is called once for all of them.

/** So many are called at once, and so many bytes of them: what comes later in the turn is another batch. */
const APPENDS_MAX = 128;
const BYTES_MAX = 262_144;

/** A longer text takes more time than a call. It is called by itself. */
export const APPEND_BYTES_MAX = 16_384;

/**
 * Appends that wait for the end of the turn. They are called in the order in which they have come. Whoever calls something
 * else of the log flushes them before.
 *
 * A call has its `row` in the table of methods, `json`, the text of its argument, `requestId`, and its `caller`. That is
 * told of the response by `answered(call, response)`. Or the call is given back by `takeBack(call)`: its text is not
 * as `JSON.stringify` writes it, or such calls cannot be made now. Then nothing has happened. Of several, the last is given
 * back first, and `goOn()` is called once all are.
 */
export class AppendBatch {
  #calls;
  #waiting = [];
  #bytes = 0;
  #isDue = false;

  /** @param {import('./calls.js').Calls} calls - What makes the calls. */
  constructor(calls) {
    this.#calls = calls;
  }

  /** Adds a call, which counts as one that is being answered. */
  add(call) {
    this.#calls.occupy();
    this.#waiting.push(call);
    this.#bytes += call.json.length;
    if (this.#waiting.length >= APPENDS_MAX || this.#bytes >= BYTES_MAX) this.flush();
    else this.#flushSoon();
  }

  /** Makes the calls that wait. */
  flush() {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    const made = this.#calls.makeBatch(waiting);
    if (made < waiting.length) this.#giveBack(waiting.slice(made));
  }

  #giveBack(calls) {
    for (const call of calls.toReversed()) call.caller.takeBack(call);
    this.#calls.vacateQuietly(calls.length);
    for (const caller of new Set(calls.map((call) => call.caller))) caller.goOn();
    this.#calls.wake();
  }

  #flushSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.flush();
    });
  }
}
