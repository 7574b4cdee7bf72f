// How a request becomes a call of the log: what is refused before, and what is noted of it.

import { Failure, asFailure, describe, failedResponse, isObject } from './failures.js';
import { logLines } from './log-metrics.js';

/** So many unknown keys are named at most. */
const IGNORED_NAMED_MAX = 10;

/** What the parameters of a method may have, for whoever has given something else. */
function expectation({ known, example }) {
  const keys = `expected ${known.join(', ')}`;
  return example === undefined ? keys : `${keys}, as in ${example}`;
}

/** What all requests of a server have in common, however they come. */
export class Calls {
  #log;
  #options;
  #allowList;
  #metrics;
  #pushes;
  /** How many requests are being answered. */
  #underWay = 0;
  /** Who wants to be told once one more may be answered, in the order in which they came. */
  #waiting = new Set();

  /**
   * @param {object} parts
   * @param {object} parts.log - The log.
   * @param {object} parts.options - The options of the server, complete.
   * @param {object} [parts.allowList] - The instances that clients may use. Without it, all.
   * @param {object} parts.metrics - What counts.
   * @param {object} parts.pushes - The clients that want to be told of changes.
   */
  constructor({ log, options, allowList, metrics, pushes }) {
    this.#log = log;
    this.#options = options;
    this.#allowList = allowList;
    this.#metrics = metrics;
    this.#pushes = pushes;
  }

  /**
   * Whether a request may be made.
   *
   * @param {object} row - Its row in the table of methods.
   * @param {unknown} params - Its parameters.
   * @returns {Failure | undefined | Promise<Failure | undefined>} Why not; a promise if the log has to be asked.
   */
  refusal(row, params) {
    if (row.changes && this.#options.readOnly) {
      return new Failure('FORBIDDEN', 'this server was started with read-only access');
    }
    if (!isObject(params)) {
      return new Failure(
        'INVALID_ARGUMENT',
        `params: expected an object, found ${describe(params)}`,
      );
    }
    if (row.needed !== undefined && (params[row.needed] ?? null) === null) {
      return new Failure(
        'INVALID_ARGUMENT',
        `${row.needed}: expected a string, found ${describe(params[row.needed])}`,
      );
    }
    const withheld = Object.keys(row.withheld ?? {}).find((key) => (params[key] ?? null) !== null);
    if (withheld !== undefined) {
      const reason = row.withheld[withheld];
      return new Failure('FORBIDDEN', `${withheld}: expected nothing, as ${reason}`);
    }
    if (row.signs && this.#options.signingKey === undefined) {
      const text = 'this server signs no checkpoints: it was started without a signing key';
      return new Failure('FORBIDDEN', text);
    }
    const unknown = row.isEndless && Object.keys(params).find((key) => !row.known.includes(key));
    if (unknown) {
      const expected = row.known.join(', ');
      return new Failure(
        'INVALID_ARGUMENT',
        `params: unknown option ${JSON.stringify(unknown)}: expected one of ${expected}`,
      );
    }
    return this.#allowList?.check(row.instances(params));
  }

  /** Whether as many requests are being answered as may be. */
  get isFull() {
    return this.#underWay >= this.#options.requestsMax;
  }

  /** Why no call is made while the server is full, for a client that cannot wait. */
  overload() {
    const { requestsMax } = this.#options;
    return new Failure(
      'OVERLOADED',
      `${requestsMax} requests are being answered: wait for earlier ones`,
    );
  }

  /**
   * Has somebody told once when a call has ended. Each has one place in the row: who asks again keeps it.
   *
   * @param {() => void} freed - Called once.
   */
  whenFree(freed) {
    this.#waiting.add(freed);
  }

  /** Forgets who does not wait any more. */
  forget(freed) {
    this.#waiting.delete(freed);
  }

  /** Takes the place of a request that is being answered, whether or not there is one: `isFull` is asked before. */
  occupy() {
    this.#underWay += 1;
  }

  /** Gives the place to those who wait, in turn, for as long as there is one. */
  vacate() {
    this.#underWay -= 1;
    this.wake();
  }

  /** Gives so many places back that are about to be taken again. */
  vacateQuietly(count) {
    this.#underWay -= count;
  }

  /** Tells those who wait, in turn, for as long as there is a place. */
  wake() {
    for (const freed of this.#waiting) {
      if (this.isFull) return;
      this.#waiting.delete(freed);
      freed();
    }
  }

  /**
   * Makes a call that was not refused. It never rejects.
   *
   * @param {object} row - Its row in the table of methods.
   * @param {object} params - Its parameters.
   * @param {AbortSignal} [gone] - Aborted when nobody waits for the response any more.
   * @returns {Promise<object>} The response.
   */
  async make(row, params, gone) {
    const type = `eventLog.${row.name}`;
    this.occupy();
    const done = this.#metrics.began(row.name);
    let response;
    let told;
    try {
      told = this.#pushes.watch(row, params);
      response = this.#answered(row, params, await this.#call(row, params, gone));
    } catch (error) {
      response = failedResponse(type, asFailure(error));
    } finally {
      this.vacate();
    }
    done(response.success ? 'OK' : response.code);
    await told?.(response);
    return response;
  }

  /** What calls a method with JSON text. A program that has put a function of its own into a log's place is to see calls. */
  #jsonCall({ name, isJson }) {
    return isJson ? this.#log[name]?.callJson : undefined;
  }

  /** Whether calls of a method are made with JSON text. */
  takesJson(row) {
    return this.#jsonCall(row) !== undefined;
  }

  /**
   * Whether calls of a method can be made in batches: with JSON text, which nobody but the log has to look at before or
   * afterwards, and which cannot be called off.
   */
  takesBatches(row) {
    return (
      this.#allowList === undefined &&
      !this.#options.readOnly &&
      this.#batchCall(row) !== undefined &&
      !this.#pushes.isTold(row.name)
    );
  }

  #batchCall({ name, isJson }) {
    return isJson ? this.#log[name]?.callJsonBatch : undefined;
  }

  /**
   * Makes calls one after the other, each of which takes a place already, up to the first that cannot be made so.
   *
   * @param {readonly object[]} calls - At least one: what `AppendBatch` has.
   * @returns {number} How many were made.
   */
  makeBatch(calls) {
    const done = calls.map(({ row }) => this.#metrics.began(row.name));
    const given = calls.map(({ row, json, requestId }) => ({ method: row.name, json, requestId }));
    const made = this.#batchCall(calls[0].row)(given, (response, at) => {
      this.vacate();
      done[at](response.success ? 'OK' : response.code);
      calls[at].caller.answered(calls[at], response);
    });
    for (let at = made; at < calls.length; at += 1) done[at]();
    return made;
  }

  /**
   * As `refusal`, for a call that is made with JSON text. It is parsed only if something in it matters.
   *
   * @param {object} row - Its row in the table of methods.
   * @param {() => object} params - Gives its parameters.
   */
  refusalOfJson(row, params) {
    return this.#allowList === undefined && !(row.changes && this.#options.readOnly)
      ? undefined
      : this.refusal(row, params());
  }

  /**
   * Makes a call that was not refused with the JSON text of its argument. It never rejects.
   *
   * @param {object} row - Its row in the table of methods.
   * @param {Uint8Array | string} json - The text.
   * @param {object} given - `params()`, which gives the parameters; `requestId`, that of the response; `under`, the key that
   *   the argument stands under in the text; `gone`, aborted when nobody waits for the response any more.
   * @returns {Promise<{ success: boolean, code?: string, json: Buffer }>} The response as JSON text.
   */
  async makeJson(row, json, { params, gone, ...options }) {
    this.occupy();
    const done = this.#metrics.began(row.name);
    let answered;
    let told;
    try {
      if (this.#pushes.isTold(row.name)) told = this.#pushes.watch(row, params());
      const callJson = this.#jsonCall(row);
      const call = (signal) => callJson(row.name, json, { ...options, ...signal });
      answered = row.isAbortable ? await this.#timed(call, gone) : await call();
    } catch (error) {
      const response = failedResponse(`eventLog.${row.name}`, asFailure(error));
      const text = JSON.stringify({
        ...response,
        requestId: options.requestId ?? response.requestId,
      });
      answered = { success: false, code: response.code, json: Buffer.from(text) };
    } finally {
      this.vacate();
    }
    done(answered.success ? 'OK' : answered.code);
    if (told !== undefined) await told(JSON.parse(answered.json.toString()));
    return answered;
  }

  /**
   * Events of a reader or a subscription that was not refused: as lines, if the method is the log's own and the program's
   * types of events leave them as they are stored, or one by one as objects. Its first step throws what is wrong.
   */
  read(row, options) {
    if ((options.format ?? undefined) !== undefined) {
      throw new Failure('INVALID_ARGUMENT', 'format: expected nothing: events come as JSON text');
    }
    const { givesLines } = this.#log[row.name] ?? {};
    return row.read(this.#log, givesLines ? { ...options, format: 'jsonl' } : options);
  }

  /**
   * Where the instance of a reading stands as it begins: its id, when it was created, and its last position.
   *
   * @param {object} row - The row of the reader or the subscription in the table of methods.
   * @param {object} options - Its parameters.
   * @throws {Failure} If it is missing. For one that is awaited, nothing is known then.
   */
  async instanceOf(row, options) {
    const { instance, awaitInstance } = options;
    const { success, data, code, error } = await this.#log.getInstanceStats(instance);
    if (success) {
      return { id: data.instanceId, createdAt: data.createdAt, lastPosition: data.eventCount };
    }
    if (code === 'INSTANCE_NOT_FOUND' && awaitInstance === true) return { lastPosition: 0 };
    // The reader itself says more of options that have no instance.
    if (code === 'INVALID_ARGUMENT') await row.read(this.#log, options).next();
    throw new Failure(code, error.replace(/^instanceId/, 'instance'));
  }

  /**
   * Throws what is wrong with the options of a subscription. Its own first step would throw that too, but has to wait
   * for an event if nothing is wrong.
   */
  async check({ instance, where, afterPosition, awaitInstance }) {
    if (!['undefined', 'boolean'].includes(typeof (awaitInstance ?? undefined))) {
      const text = `awaitInstance: expected a boolean, found ${describe(awaitInstance)}`;
      throw new Failure('INVALID_ARGUMENT', text);
    }
    try {
      await this.#log.readAll({ instance, where, afterPosition, limit: 0 }).next();
    } catch (error) {
      if (error.code !== 'INSTANCE_NOT_FOUND' || awaitInstance !== true) throw error;
    }
  }

  /**
   * Throws what is wrong with the options of a reader, for a client that asks for its first page later.
   *
   * @param {object} row - The row of the reader in the table of methods.
   * @param {object} params - Its parameters.
   */
  async checkReader(row, { untilPosition: _, ...options }) {
    const { limit } = options;
    const isLimit = limit === undefined || (Number.isSafeInteger(limit) && limit > 0);
    await row.read(this.#log, isLimit ? { ...options, limit: 0 } : options).next();
  }

  /** What the log tells of itself in numbers; nothing to clients that may see only some of its instances. */
  async logMetrics() {
    return this.#allowList === undefined ? logLines(await this.#log.metrics()) : [];
  }

  /** Why the log does not answer; `undefined` if it does. */
  async health() {
    const { success, code, error } = await this.#log.getInstance('codebolt-eventlog-server-health');
    return success || code === 'INSTANCE_NOT_FOUND' ? undefined : new Failure(code, error);
  }

  #call(row, params, gone) {
    if (!row.isAbortable) return row.call(this.#log, params);
    const { signingKey } = this.#options;
    const call = ({ signal }) => row.call(this.#log, params, { signal, signingKey });
    return this.#timed(call, gone);
  }

  /** Makes a call that takes so long at most: `call({ signal })` makes it. */
  async #timed(call, gone) {
    const { queryTimeoutMs } = this.#options;
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, queryTimeoutMs);
    gone?.addEventListener('abort', abort);
    try {
      const response = await call({ signal: controller.signal });
      if (response.code !== 'ABORTED' || gone?.aborted) return response;
      throw new Failure(
        'TIMED_OUT',
        `expected a call that takes at most ${queryTimeoutMs} ms: ask for less, or give the server a larger queryTimeoutMs`,
      );
    } finally {
      clearTimeout(timer);
      gone?.removeEventListener('abort', abort);
    }
  }

  /** A response without what the client may not see, and with remarks on what was ignored. */
  #answered(row, params, response) {
    const { name, known } = row;
    if (name === 'listInstances' && response.success && this.#allowList !== undefined) {
      const { instances } = response.data;
      response.data.instances = instances.filter((instance) => this.#allowList.has(instance));
    }
    const ignored = known && Object.keys(params).filter((key) => !known.includes(key));
    if (ignored?.length > 0) {
      const keys = ignored.slice(0, IGNORED_NAMED_MAX).map((key) => JSON.stringify(key));
      const remark = `ignored unknown keys: ${keys.join(', ')}`;
      response.message = response.message === undefined ? remark : `${response.message}; ${remark}`;
      if (response.code === 'INVALID_ARGUMENT')
        response.error += `; ${remark}, ${expectation(row)}`;
    }
    return response;
  }
}
