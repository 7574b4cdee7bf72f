#!/usr/bin/env bash
# @castore/core 2.4.2 with @castore/event-storage-adapter-in-memory 2.4.2
#
# Expected: the events of an aggregate are read by version, as from Castore's stores in databases, whose key is the version, and
# `reverse` with `limit: 1` is the latest version.
# Instead: they are read as they were pushed, whatever their versions. Versions may leave gaps that are filled later.
# Seen: versions 1, 3 and 2, pushed in that order, are read in that order; the last one is 2; the aggregate of three events has the
# version 2, so that the next event, by its version, is refused as one that is there.
# Here: sequence numbers have no gaps, and are the order of a stream. An import of such events is sorted by version before.
. "$(dirname "$0")/seen.sh"

install @castore/core@2.4.2 @castore/event-storage-adapter-in-memory@2.4.2
cat > order.cjs << 'END_OF_PROGRAM'
const { EventStore, EventType } = require('@castore/core');
const { InMemoryEventStorageAdapter } = require('@castore/event-storage-adapter-in-memory');

const orders = new EventStore({
  eventStoreId: 'orders',
  eventTypes: [new EventType({ type: 'Changed' })],
  reducer: (_, { aggregateId, version }) => ({ aggregateId, version }),
  eventStorageAdapter: new InMemoryEventStorageAdapter(),
});
const push = (version) => orders.pushEvent({ aggregateId: 'order-1', version, type: 'Changed' });
const versions = async (options) => {
  const { events } = await orders.getEvents('order-1', options);
  return events.map(({ version }) => version).join(' ');
};

(async () => {
  for (const version of [1, 3, 2]) await push(version);
  const { aggregate } = await orders.getAggregate('order-1');
  const next = await push(aggregate.version + 1).then(() => 'stored', () => 'refused');
  console.log(`read: ${await versions()}\nlast: ${await versions({ reverse: true, limit: 1 })}`);
  console.log(`aggregate: ${aggregate.version}\nnext: ${next}`);
})();
END_OF_PROGRAM
compare 'read: 1 3 2
last: 2
aggregate: 2
next: refused' "$(node order.cjs)"
