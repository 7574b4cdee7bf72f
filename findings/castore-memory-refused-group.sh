#!/usr/bin/env bash
# @castore/core 2.4.2 with @castore/event-storage-adapter-in-memory 2.4.2
#
# Expected: a group of events that is refused, since one of them is there already, leaves nothing behind.
# Instead: an aggregate that came before it in the group is there afterwards, without events. From then on the store cannot list its
# aggregates, any of them.
# Seen: the group is refused, the new aggregate has no events, and `listAggregateIds` throws for want of its first event.
# Here: a refused batch leaves no stream behind. Whoever tries his program on that store, and lists aggregates after a conflict to import
# them, makes a new store first.
. "$(dirname "$0")/seen.sh"

install @castore/core@2.4.2 @castore/event-storage-adapter-in-memory@2.4.2
cat > group.cjs << 'END_OF_PROGRAM'
const { EventStore, EventType } = require('@castore/core');
const { InMemoryEventStorageAdapter } = require('@castore/event-storage-adapter-in-memory');

const orders = new EventStore({
  eventStoreId: 'orders',
  eventTypes: [new EventType({ type: 'Placed' })],
  reducer: (_, { aggregateId, version }) => ({ aggregateId, version }),
  eventStorageAdapter: new InMemoryEventStorageAdapter(),
});
const placed = (aggregateId) => ({ aggregateId, version: 1, type: 'Placed' });
const told = (promise, of) => promise.then(of, (error) => error.message);

(async () => {
  await orders.pushEvent(placed('order-1'));
  const before = await told(orders.listAggregateIds(), ({ aggregateIds }) => aggregateIds.length);
  const group = ['order-2', 'order-1'].map((id) => orders.groupEvent(placed(id)));
  const refused = await EventStore.pushEventGroup(...group).then(() => 'stored', () => 'refused');
  const { events } = await orders.getEvents('order-2');
  const after = await told(orders.listAggregateIds(), ({ aggregateIds }) => aggregateIds.length);
  console.log(`listed before: ${before}\nthe group: ${refused}\nits first order: ${events.length} events\nlisted after: ${after}`);
})();
END_OF_PROGRAM
compare 'listed before: 1
the group: refused
its first order: 0 events
listed after: Unable to find initial timestamp for aggregate order-2' "$(node group.cjs)"
