'use strict';

// What an open log has done and how it stands, in numbers.

const { EventLogError, told } = require('./failure.js');
const native = require('./native.js');
const { refusal } = require('./wire/calls.js');

/** What is told of rules of retention by a log that is read-only, and applies none. */
const UNAPPLIED = { runs: 0, events: 0, bytes: 0, failures: 0, lastError: null };

/**
 * The response to `metrics`. `connection` is that of the log, and `statsOf(instance)` asks it where an instance stands.
 */
async function metricsOf(type, connection, statsOf) {
  try {
    const counts = await connection.counts();
    const followers = await standingOf(connection.followers.all(), statsOf);
    const [timestamp, requestId] = native.stampRefusal();
    const retention = connection.retention?.counts ?? UNAPPLIED;
    return { type, success: true, data: { ...counts, followers, retention }, timestamp, requestId };
  } catch (error) {
    const { code, message } = error;
    return refusal(type, error instanceof EventLogError ? { code, error: message } : told(error));
  }
}

/** How far subscriptions are. */
async function standingOf(open, statsOf) {
  const lasts = new Map();
  let caughtUp = 0;
  let behind = 0;
  let behindMax = 0;
  for (const follower of open) {
    const { instance, position, isCaughtUp } = follower.place;
    if (isCaughtUp) caughtUp += 1;
    if (position === undefined) continue;
    if (!lasts.has(instance)) lasts.set(instance, await lastPosition(instance, statsOf));
    const own = Math.max(0, lasts.get(instance) - position);
    behind += own;
    behindMax = Math.max(behindMax, own);
  }
  return { open: open.length, caughtUp, behind, behindMax };
}

/** The last position of an instance; 0 for one that is not there. */
async function lastPosition(instance, statsOf) {
  const { success, data } = await statsOf(instance);
  return success ? data.firstPosition - 1 + data.eventCount : 0;
}

module.exports = { metricsOf };
