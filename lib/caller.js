'use strict';

// The calls of a log, made with arguments or with JSON text.

const { contextOf, isTraced, traced } = require('./diagnostics.js');
const { isPromise } = require('./intrinsics.js');
const { APPEND_EVENTS_KEPT, APPEND_KEPT, CALLED, STORE_DECISION } = require('./methods.js');
const seldom = require('./seldom.js');
const { abortion, isAborted, signalOf } = require('./signal.js');
const { encode, encodeAppend, encodePlainOne } = require('./wire/arguments.js');
const { Watch, isLong, keepGiven, refusal, settle } = require('./wire/calls.js');
const { remarked, textOf } = require('./wire/responses.js');

const [APPEND_EVENT] = CALLED.filter(({ appends }) => appends === 'one');

class Caller {
  #connection;
  /** What the program has declared of its types of events, in the place of what the log was opened with. */
  #ownTypes;

  /**
   * Makes calls of a log.
   *
   * @param {InstanceType<typeof import('./connection.js').Connection>} connection - The open log.
   * @param {object} [ownTypes] - What the program has declared of its types of events, in the place of what the log was
   *   opened with.
   */
  constructor(connection, ownTypes) {
    this.#connection = connection;
    this.#ownTypes = ownTypes;
  }

  /** What the program has declared of its types of events; `undefined` if that is nothing. */
  get eventTypes() {
    return this.#ownTypes ?? this.#connection.eventTypes;
  }

  /**
   * Calls a method with its arguments.
   *
   * @param {import('./methods.js').Method} method - The method.
   * @param {unknown[]} args - What it is given, in the order of its parameters.
   * @param {unknown} [options] - What has the signal that calls it off.
   * @param {import('./wait.js').Listen} [until] - What listens to what ends the wait for its turn, and for schemas.
   */
  call(method, args, options, until) {
    const { channel, name } = method;
    if (channel === undefined || !isTraced(channel))
      return this.#make(method, args, options, until);
    const describe = () => contextOf(name === STORE_DECISION.name ? 'decide' : name, args);
    return traced(channel, describe, (context) =>
      this.#make(method, args, options, until, context),
    );
  }

  /** Makes that call. To what is told of it, if there is a `context`, it adds how large it is. */
  #make(method, args, options, until, context) {
    if (method === APPEND_EVENT && context === undefined) {
      const response = this.#append(args);
      if (response !== undefined) return response;
    }
    const { number: place, parameters, type, appends, changes, keepsGiven } = method;
    return this.#connection.respond(type, (made) => {
      const signal = signalOf(options);
      /** @type {{ text: string, remark?: any, given?: any }} */
      const { text, remark, given } = appends
        ? encodeAppend(parameters, args)
        : { text: encode(parameters, args) };
      if (context !== undefined) context.bytes = Buffer.byteLength(text);
      if (isAborted(signal)) {
        made.resolve(refusal(type, abortion(signal)));
        return;
      }
      const watch = signal && new Watch(signal);
      const answered =
        remark === undefined ? undefined : (response) => made.resolve(remarked(response, remark));
      const call = (opened, stored = text) => {
        const number = made.expect(answered);
        // What a schema has altered is not what was given.
        const kept = keepsGiven && stored === text ? given : undefined;
        const isOwn = kept !== undefined && isLong(stored);
        const [at, sent] = isOwn
          ? [APPEND_EVENTS_KEPT.number, stored.slice(1, -1)]
          : [place, stored];
        const cancellation = opened.call(settle, number, at, sent, watch !== undefined);
        watch?.over(number, this.#connection.addon, cancellation);
        if (keepsGiven) keepGiven(number, stored, kept);
      };
      try {
        if (changes) this.#callInTurn(call, appends, text, made, until);
        else made.handOver(call);
      } catch (error) {
        watch?.end();
        throw error;
      }
    });
  }

  /**
   * The response to `appendEvent` where nothing stands between the call and the addon: it is handed over with others, and a
   * copy of the event is kept for the response. `undefined` if it is to be called in another way.
   */
  #append(args) {
    if (this.eventTypes !== undefined || !this.#connection.isDirect) return undefined;
    const encoded = encodePlainOne(args[0]);
    // Getters of the program may have closed the log.
    if (encoded === undefined || !this.#connection.isDirect) return undefined;
    return this.#connection.collect(APPEND_EVENT.type, APPEND_KEPT.number, encoded);
  }

  /** Calls a method with its arguments, and gives the JSON text of the response. */
  async callForJson(method, args, options) {
    const { parameters, channel, name } = method;
    const given = {
      options: () => ({ signal: signalOf(options) }),
      bytes: () => Buffer.from(encode(parameters, args).slice(1, -1)),
    };
    const make = (context) => this.makeJson(method, given, context);
    const { outcomeOf } = seldom.jsonCalls();
    return textOf(await traced(channel, () => contextOf(name, args), make, outcomeOf));
  }

  /**
   * Makes a call whose argument is JSON text, and which is answered with it.
   *
   * @param {import('./methods.js').Method} method - The method.
   * @param {object} given - What reads what it is made with, and throws what is wrong with that.
   * @param {() => { signal?: AbortSignal, requestId?: string, under?: string }} given.options - The signal that calls it
   *   off, the JSON text of the id that the response is to have, and the key that the argument stands under.
   * @param {(under?: string) => Uint8Array} given.bytes - The text of the argument.
   * @param {{ bytes?: number }} [context] - What is told of the call.
   */
  async makeJson({ number: place, type, appends, changes }, given, context) {
    let requestId;
    const response = await this.#connection.respond(type, (made) => {
      const { signal, under, ...asked } = given.options();
      requestId = asked.requestId;
      let bytes = given.bytes(under);
      if (context !== undefined) context.bytes = bytes.length;
      if (isAborted(signal)) {
        made.resolve(refusal(type, abortion(signal)));
        return;
      }
      const watch = signal && new Watch(signal);
      let isMade = false;
      const call = (opened, stored = bytes) => {
        isMade = true;
        const number = made.expect();
        const answer = { requestId, abortable: watch !== undefined };
        const cancellation = opened.callJson(settle, number, place, stored, answer);
        watch?.over(number, this.#connection.addon, cancellation);
      };
      try {
        if (changes) this.#callJsonInTurn(call, appends, bytes, made);
        else made.handOver(call);
      } catch (error) {
        watch?.end();
        throw error;
      }
      // Whose they are may change them while the call waits.
      if (!isMade) bytes = Buffer.from(bytes);
    });
    if (response.json !== undefined) return response;
    // A closed log reads nothing of a call.
    const { jsonOf, requestIdOf } = seldom.jsonCalls();
    return jsonOf(response, requestId ?? requestIdOf(given));
  }

  /** As `#callInTurn`, for a call whose argument is JSON text. */
  #callJsonInTurn(call, appends, bytes, made) {
    if (this.eventTypes === undefined) {
      made.handOverInTurn(call, undefined, bytes);
      return;
    }
    const inBytes = (opened, text) => call(opened, Buffer.from(text.slice(1, -1)));
    this.#callInTurn(inBytes, appends, `[${Buffer.from(bytes)}]`, made);
  }

  /** Has a change called in its turn, with what is stored once events that it appends were looked at. */
  #callInTurn(call, appends, text, made, until) {
    const types = appends === undefined ? undefined : this.eventTypes;
    const looked = types?.lookedAt(text, appends);
    if (isPromise(looked)) {
      made.handOverInTurn(call, looked, text, until);
    } else {
      const make = looked === undefined ? call : (opened) => call(opened, looked);
      made.handOverInTurn(make, undefined, text, until);
    }
  }
}

module.exports = { Caller };
