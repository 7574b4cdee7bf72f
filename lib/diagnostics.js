'use strict';

// What is told to whoever listens by `node:diagnostics_channel`: what is done, how large it is, where it stands, and never
// what is in it. Where nobody listens, a call looks at a few flags, and nothing else happens.

const { diagnostics, types } = require('./builtins.js');
const { JSON } = require('./intrinsics.js');

const NAMES = ['append', 'commit', 'query', 'read', 'subscribe', 'checkpoint'];

/**
 * The channels of that name, such as `tracing:codebolt-eventlog:append:start`. They are made one by one: a
 * `tracingChannel` has the same, and is not in all runtimes.
 */
function channelsOf(name) {
  const channelOf = (message) =>
    diagnostics.channel(`tracing:codebolt-eventlog:${name}:${message}`);
  return {
    start: channelOf('start'),
    end: channelOf('end'),
    asyncStart: channelOf('asyncStart'),
    asyncEnd: channelOf('asyncEnd'),
    error: channelOf('error'),
  };
}

/** The channels by their names. */
const CHANNELS = Object.fromEntries(NAMES.map((name) => [name, channelsOf(name)]));

/** Whether anybody listens to a channel. */
function isHeard({ start, end, asyncStart, asyncEnd, error }) {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}

/** Whether anybody listens to the channel of that name. */
function isTraced(name) {
  return isHeard(CHANNELS[name]);
}

/**
 * Makes a call, and tells those who listen to the channel of that name.
 *
 * @param {string} name - One of {@link NAMES}.
 * @param {() => object} describe - What there is to say before the call.
 * @param {(context?: object) => Promise<object>} make - Makes the call. Its promise is of a response, and does not
 *   reject. `context` is what is told, to be added to; it is not there if nobody listens.
 * @param {(response: object) => object} [read] - The response as an object, where it is something else.
 * @returns {Promise<object>} The response.
 */
function traced(name, describe, make, read = (response) => response) {
  const channels = CHANNELS[name];
  if (!isHeard(channels)) return make(undefined);
  const { start, end } = channels;
  const context = describe();
  // What follows the call, such as a span of it, is in the context of what listens.
  return start.runStores(context, () => {
    const responding = make(context);
    end.publish(context);
    return toldOf(responding, channels, context, read);
  });
}

async function toldOf(responding, { asyncStart, asyncEnd, error }, context, read) {
  const response = await responding;
  Object.assign(context, outcomeOf(read(response)));
  if (!response.success) error.publish(context);
  asyncStart.publish(context);
  asyncEnd.publish(context);
  return response;
}

/** What there is to say of a response. */
function outcomeOf({ success, code, error, data }) {
  if (!success) return { code, error: Object.assign(new Error(error), { code }) };
  const { event, result } = data ?? {};
  const events = event === undefined ? (data?.events ?? result?.events ?? []) : [event];
  // A page of lines says how many it has, and where they stand.
  const outcome = { code: 'OK', events: result?.count ?? events.length };
  if (result?.total !== undefined) outcome.total = result.total;
  if (data?.duplicate) outcome.duplicate = true;
  const first = result?.firstPosition ?? events[0]?.position;
  const last = result?.lastPosition ?? events.at(-1)?.position;
  if (first !== undefined) {
    outcome.firstPosition = Math.min(first, last);
    outcome.lastPosition = Math.max(first, last);
  }
  if (event !== undefined) {
    outcome.stream = event.stream_id;
    outcome.sequence = event.sequence_number;
  }
  return outcome;
}

/** Whether anybody listens to what threads of the addon do by themselves. */
function isTimed() {
  return isHeard(CHANNELS.commit) || isHeard(CHANNELS.checkpoint);
}

/** Tells of commits and checkpoints, which are over: `taken` is the JSON text of them, or `null` if there are none. */
function tellTimed(taken) {
  if (taken === null) return;
  for (const { kind, ...context } of JSON.parse(taken)) {
    if (kind === 'checkpoint') for (const key of ['events', 'calls', 'bytes']) delete context[key];
    const { start, end } = CHANNELS[kind];
    start.publish(context);
    end.publish(context);
  }
}

/** A value that an object has of its own, without running code of the program. */
function ownValue(object, key) {
  if (typeof object !== 'object' || object === null || types.isProxy(object)) return undefined;
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** What is said of a call of a method before it is made. */
function contextOf(method, args) {
  const [given] = args;
  const from = ownValue(given, 'from') ?? given;
  const instance = ownValue(from, 'instanceId') ?? ownValue(from, 'instance');
  return { method, instance };
}

module.exports = { contextOf, isTimed, isTraced, tellTimed, traced };
