#!/usr/bin/env bash
# @event-driven-io/emmett 0.42.0, with its event store in memory
#
# Expected: `from` is the position of the first event that is read, as in Emmett's stores in databases, and `currentStreamVersion` is
# the version that the stream has, which is what the next append expects.
# Instead: `from` is one less than the position, since it counts from 0 and positions from 1. And `aggregateStream` tells how many events
# it has read as the version, so that a decision on a part of the stream, such as that behind a snapshot, is always in conflict.
# Seen: with `from: 2n`, the first event has the position 3. Of a stream with five events, an aggregation of those from 3 on tells the
# version 2, and an append that expects it is refused.
# Here: a test that runs with that store does not say how the program reads its database, or this log after an import. The sequence
# numbers of an import are Emmett's positions, and `fromSequence` is the first one that is read.
. "$(dirname "$0")/seen.sh"

install @event-driven-io/emmett@0.42.0
cat > ranges.mjs << 'END_OF_PROGRAM'
import { getInMemoryEventStore } from '@event-driven-io/emmett';

const store = getInMemoryEventStore();
const added = (n) => ({ type: 'ItemAdded', data: { n } });
await store.appendToStream('cart-1', [1, 2, 3, 4, 5].map(added));
const { events } = await store.readStream('cart-1', { from: 2n });
console.log(`from 2: ${events.map(({ metadata }) => metadata.streamPosition).join(' ')}`);
const { currentStreamVersion } = await store.aggregateStream('cart-1', {
  evolve: (state) => state,
  initialState: () => ({}),
  read: { from: 3n },
});
console.log(`the version of five events: ${currentStreamVersion}`);
await store
  .appendToStream('cart-1', [added(6)], { expectedStreamVersion: currentStreamVersion })
  .catch((error) => console.log(error.message));
END_OF_PROGRAM
compare 'from 2: 3 4 5
the version of five events: 2
Expected version 2 does not match current 5' "$(node ranges.mjs)"
