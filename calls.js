'use strict';

// The calls in flight: what waits for each one's response, and how responses become objects.

const { setImmediate } = require('node:timers');

const native = require('./native.js');

const realm = native.createRealm();
drainAtExit();

/** Whether the process is ending, so that nothing can be waited for any more. */
let ending = false;

/**
 * Has what was called committed when the process ends in a way that can be noticed.
 *
 * `process.exit()` and an uncaught exception end it with calls in flight, and what was called last
 * often says why. A process has one listener, whatever number of times this module is loaded.
 */
function drainAtExit() {
  const key = Symbol.for('codebolt-eventlog.drains');
  if (process[key] === undefined) {
    const drains = new Set();
    Object.defineProperty(process, key, { value: drains });
    process.on('exit', () => drains.forEach((drain) => drain()));
  }
  process[key].add(() => {
    ending = true;
    native.drain(realm);
  });
}

/** Waits, in the listeners of a process that is ending, for what was just called. */
function drainIfEnding() {
  if (ending) native.drain(realm);
}

// A call in flight has a number, which is free for another one once the call is answered: each is
// answered once. These are indexed by it.
let resolvers = [];
let types = [];
let givenEvents = [];
let freeNumbers = [];

/** The size from which the arrays above are let go when no call is in flight. */
const KEPT_NUMBERS = 4096;

/** Keeps `resolve` for a response of that type, and returns the number of the call. */
function expect(type, resolve) {
  const number = freeNumbers.length > 0 ? freeNumbers.pop() : resolvers.length;
  resolvers[number] = resolve;
  types[number] = type;
  return number;
}

/**
 * Keeps what a call of `appendEvents` has given, read from the text that is stored: it is what the
 * response has for payloads, and reading it now takes no time, since the call waits for the disk.
 */
function keepGiven(number, text) {
  givenEvents[number] = JSON.parse(text)[0]?.events;
}

function forget(number) {
  resolvers[number] = undefined;
  givenEvents[number] = undefined;
  freeNumbers.push(number);
  if (freeNumbers.length === resolvers.length && resolvers.length > KEPT_NUMBERS) {
    resolvers = [];
    types = [];
    givenEvents = [];
    freeNumbers = [];
  }
}

/**
 * Takes a group of responses: the JSON text of an array of their values, which
 * `src/request/response.rs` lays out. Before the first, and where it changes, stands their time.
 */
function settle(text) {
  // A group for each turn of the event loop: timers and sockets have theirs in between.
  setImmediate(settleNext);
  const values = JSON.parse(text);
  let timestamp;
  for (let at = 0; at < values.length;) {
    if (typeof values[at] === 'string') {
      timestamp = values[at];
      at += 1;
    }
    at = settleOne(values, at, timestamp);
  }
}

function settleNext() {
  const text = native.takeResponses(realm);
  if (text !== null) settle(text);
}

// What a response's values are, by their second.
const FAILURE = 0;
const EVENT = 2;
const EVENTS = 3;

/** How many values an event has beside its instance, payload and metadata. */
const EVENT_VALUES = 5;

/** Settles the call whose response begins at `at`, and returns where the next one begins. */
function settleOne(values, at, timestamp) {
  const number = values[at];
  const kind = values[at + 1];
  const requestId = values[at + 2];
  const type = types[number];
  const resolve = resolvers[number];
  const given = givenEvents[number];
  forget(number);
  if (kind === FAILURE) {
    resolve(failed(type, values[at + 3], values[at + 4], timestamp, requestId));
    return at + 5;
  }
  const message = values[at + 3];
  let data;
  let end;
  if (kind === EVENT) {
    end = at + 4 + EVENT_VALUES;
    data = { event: eventAt(values, at + 4, values[end], values[end + 1], values[end + 2]) };
    end += 3;
  } else if (kind === EVENTS) {
    const count = values[at + 4];
    data = { events: eventsAt(values, at + 6, count, values[at + 5], given), count };
    end = at + 6 + EVENT_VALUES * count;
  } else {
    data = values[at + 4];
    end = at + 5;
  }
  resolve(
    message === null
      ? { type, success: true, data, timestamp, requestId }
      : { type, success: true, data, message, timestamp, requestId },
  );
  return end;
}

function eventsAt(values, start, count, instanceId, given) {
  const events = [];
  for (let i = 0; i < count; i += 1) {
    const { payload = {}, metadata = {} } = given[i];
    events.push(eventAt(values, start + EVENT_VALUES * i, instanceId, payload, metadata));
  }
  return events;
}

function eventAt(values, at, instanceId, payload, metadata) {
  return {
    id: values[at],
    instanceId,
    stream_id: values[at + 1],
    event_type: values[at + 2],
    payload,
    metadata,
    timestamp: values[at + 3],
    sequence_number: values[at + 4],
  };
}

function failed(type, error, code, timestamp, requestId) {
  return { type, success: false, error, code, timestamp, requestId };
}

/** A failed response that is known without asking the engine. */
function refusal(type, code, error) {
  return failed(type, error, code, new Date().toISOString(), native.newRequestId());
}

module.exports = { drainIfEnding, expect, keepGiven, realm, refusal, settle };
