'use strict';

// How far a replica is behind the log that it follows.

const { keyOf } = require('../transfer/copy/identity.js');

/** How many events the instances of a log have that those of its replica lack. Both are listed. */
function eventsBehind(source, replica) {
  const there = new Map(replica.map((instance) => [keyOf(instance), instance[2]]));
  let behind = 0;
  for (const instance of source) {
    behind += Math.max(0, instance[2] - (there.get(keyOf(instance)) ?? 0));
  }
  return behind;
}

/** Whether a replica has everything that a log has had, and nothing of what had been deleted there. */
function hasAll(source, replica) {
  const there = new Map(replica.map((instance) => [keyOf(instance), instance[2]]));
  return source.every((instance) => (there.get(keyOf(instance)) ?? -1) >= instance[2]);
}

module.exports = { eventsBehind, hasAll };
