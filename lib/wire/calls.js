'use strict';

// The calls in flight: what waits for each one's response.

const { told } = require('../failure.js');
const { abortion, onAbort } = require('../signal.js');
const { JSON, Promise } = require('../intrinsics.js');
const { NEXT_TURN } = require('../methods.js');
const native = require('../native.js');
const { uncaught } = require('../uncaught.js');
const { Collected } = require('./collected.js');
const { drainAtExit } = require('./exit.js');
const { collect, failed, isPiece, responseAt } = require('./responses.js');

/**
 * What an addon has of this load of the package, and the calls that are to be handed over to it, by the addon: there is more
 * than one where logs need different ones.
 */
const realms = new Map();

function knownOf(addon) {
  let known = realms.get(addon);
  if (known === undefined) {
    const realm = addon.createRealm();
    known = { realm, collected: new Collected(addon, realm, settle, fail) };
    realms.set(addon, known);
  }
  return known;
}

/** What an addon has of this load of the package. */
function realmOf(addon) {
  return knownOf(addon).realm;
}

/** Answers a call that could not be handed over. Its number stays taken: it is not known whether an answer comes under it. */
function fail(number, error) {
  resolvers[number](refusal(types[number], told(error)));
}

/** Hands over what was collected, before something else is: calls take effect in their order. */
function handOverCollected() {
  for (const { collected } of realms.values()) collected.handOver();
}

/**
 * Makes a call of a log with the JSON text of its arguments, which may be handed over a little later, with others, but before
 * anything else is.
 *
 * @param {object} addon - The addon of the log.
 * @param {import('../../native.js').EventLog} opened - The native log.
 * @param {number} number - What the call is answered under.
 * @param {number} method - The place of its method in the addon's table.
 * @param {string} text - The JSON text of its arguments.
 * @param {object} given - What is kept for its response.
 */
function callTogether(addon, opened, number, method, text, given) {
  givenEvents[number] = given;
  if (!knownOf(addon).collected.add(opened, number, method, text)) {
    opened.call(settle, number, method, text, false);
  }
}

/** Waits until what was called is committed. */
function drainAll() {
  handOverCollected();
  for (const [addon, { realm }] of realms) addon.drain(realm);
}

/**
 * The end of the process. `process.exit()` and an uncaught exception end it with calls in flight, and what was called last
 * often says why. While calls are in flight the addon holds `settle`, and so this.
 */
const ending = {
  /** Whether it has begun, so that nothing can be waited for any more. */
  hasBegun: false,

  drain() {
    ending.hasBegun = true;
    drainAll();
  },
};
drainAtExit(ending);

/** Waits, in the listeners of a process that is ending, for what was just called. */
function drainIfEnding() {
  if (ending.hasBegun) drainAll();
}

/** Whether nothing can be waited for any more. */
function isEnding() {
  return ending.hasBegun;
}

// A call in flight has a number, which is free for another one once the call is answered: each is
// answered once. These are indexed by it.
let resolvers = [];
let connections = [];
let types = [];
let givenEvents = [];
let queries = [];
let freeNumbers = [];

/** The size from which the arrays above are let go when no call is in flight. */
const KEPT_NUMBERS = 4096;

/**
 * Keeps `resolve` for a response of that type, and returns the number of the call. What is kept lives until the disk has
 * answered, and the garbage collector moves it meanwhile: so it is the function itself, and nothing that is made for a call.
 *
 * @param {string} type - The type of the response.
 * @param {(response: object) => void} resolve - Takes the response.
 * @param {{ tellTimed(): void }} [connection] - What has something to tell whenever it has an answer.
 */
function expect(type, resolve, connection) {
  const number = freeNumbers.length > 0 ? freeNumbers.pop() : resolvers.length;
  resolvers[number] = resolve;
  connections[number] = connection;
  types[number] = type;
  queries[number] = undefined;
  return number;
}

/** The longest text that is read by `keepGiven`, in UTF-16 units: as in `src/request/append/answer.rs`. */
const KEPT_UNITS_MAX = 512 * 1024;

/** Whether the response to a call of `appendEvents` with this text has its payloads, unless it says that they are kept. */
function isLong(text) {
  return text.length > KEPT_UNITS_MAX;
}

/**
 * Keeps what a call of `appendEvents` has given: it is what the response has for payloads. If it was not `given` as what
 * `JSON.parse` would read from the text that is stored, it is read now, which takes no time, since the call waits for the
 * disk. The response to a longer call brings them back then, in pieces: this turn is long enough already.
 */
function keepGiven(number, text, given) {
  if (given === undefined && isLong(text)) return;
  givenEvents[number] = (given ?? JSON.parse(text)[0])?.events;
}

/** What is kept of a query in flight whose result comes in pieces, or that can be called off. */
function queryOf(number) {
  queries[number] ??= { list: [], watch: undefined };
  return queries[number];
}

/** A signal that calls off a query once it is aborted. The query is answered at once, and then runs out. */
class Watch {
  #signal;
  #unlisten;
  #number;
  #addon;
  #cancellation;
  isAborted = false;

  /** Begins to listen, before the query is begun: a signal that cannot be listened to is refused. */
  constructor(signal) {
    this.#signal = signal;
    this.#unlisten = onAbort(signal, () => {
      this.isAborted = true;
      if (this.#number !== undefined) this.#abort();
    });
  }

  /** Calls off the query of that number from now on, which that addon has. */
  over(number, addon, cancellation) {
    this.#number = number;
    this.#addon = addon;
    this.#cancellation = cancellation;
    queryOf(number).watch = this;
    if (this.isAborted) this.#abort();
  }

  /** Ends the listening. */
  end() {
    this.#unlisten();
  }

  #abort() {
    const number = this.#number;
    queryOf(number).list = [];
    this.#addon.cancel(this.#cancellation);
    resolvers[number](refusal(types[number], abortion(this.#signal)));
  }
}

function forget(number) {
  queries[number] = undefined;
  resolvers[number] = undefined;
  connections[number] = undefined;
  givenEvents[number] = undefined;
  freeNumbers.push(number);
  if (freeNumbers.length === resolvers.length && resolvers.length > KEPT_NUMBERS) {
    resolvers = [];
    connections = [];
    types = [];
    givenEvents = [];
    queries = [];
    freeNumbers = [];
  }
}

/**
 * Takes a group of responses, or a piece of a result: the JSON text of an array of their values,
 * which `src/request/response.rs` and `piece.rs` lay out. Before the first response, and where it
 * changes, stands their time. `json` has the responses that come as JSON text, one after the other.
 */
function settle(text, json) {
  const values = JSON.parse(text);
  let timestamp;
  for (let at = 0; at < values.length;) {
    if (typeof values[at] === 'string') {
      timestamp = values[at];
      at += 1;
    }
    at = settleOne(values, at, timestamp, json);
  }
}

/**
 * Settles the call whose response begins at `at`, or keeps what begins there of a result. Returns
 * where the next response begins.
 */
function settleOne(values, at, timestamp, json) {
  const number = values[at];
  const kind = values[at + 1];
  if (isPiece(kind)) {
    const query = queryOf(number);
    // The answer to a query that was called off is known.
    return collect(values, at + 1, query.watch?.isAborted ? [] : query.list);
  }
  const type = types[number];
  const resolve = resolvers[number];
  const connection = connections[number];
  const given = givenEvents[number];
  const query = queries[number];
  forget(number);
  const list = query?.list;
  const { response, end } = responseAt(values, at, { type, timestamp, given, list, json });
  try {
    connection?.tellTimed();
    resolve(response);
  } catch (error) {
    uncaught(error);
  }
  // Last, since a signal of the program's own may do as it likes.
  query?.watch?.end();
  return end;
}

/** Resolves in a later turn of the event loop, by an answer of the addon: a test may have replaced timers. */
function nextTurn() {
  return new Promise((resolve) =>
    native.nextTurn(realmOf(native), settle, expect(NEXT_TURN.type, resolve)),
  );
}

/** Takes back the number of a call that was not made, so that no answer comes under it. */
function withdraw(number) {
  forget(number);
}

/** A failed response that is known without asking the engine. */
function refusal(type, { code, error }) {
  // Not by a clock of JavaScript's, which a test may have replaced.
  const [timestamp, requestId] = native.stampRefusal();
  return failed(type, error, code, timestamp, requestId);
}

module.exports = {
  Watch,
  callTogether,
  drainAll,
  drainIfEnding,
  expect,
  handOverCollected,
  isEnding,
  isLong,
  keepGiven,
  nextTurn,
  realmOf,
  refusal,
  settle,
  withdraw,
};
