#!/usr/bin/env bash
# @castore/core 2.4.2 with @castore/event-storage-adapter-in-memory 2.4.2
#
# Expected: the events of a group have one time. Where one of them brings a time, the others get it, and different times are refused:
# the adapter has an error for that, and passes a common time on.
# Instead: neither happens, since a time is only looked at once another was found, and the first one never is.
# Seen: two events with times a year apart are stored as one group. Of two events, one with a time of 2020 and one without, the second
# gets the time of now.
# Here: all events of a call share the time of their commit, unless each brings its own. Events from such a group come in with the times
# that they have, and stand in the order of the group, not of time.
. "$(dirname "$0")/seen.sh"

install @castore/core@2.4.2 @castore/event-storage-adapter-in-memory@2.4.2
cat > time.cjs << 'END_OF_PROGRAM'
const { EventStore, EventType } = require('@castore/core');
const { InMemoryEventStorageAdapter } = require('@castore/event-storage-adapter-in-memory');

const accounts = new EventStore({
  eventStoreId: 'accounts',
  eventTypes: [new EventType({ type: 'Moved' })],
  reducer: (_, { aggregateId, version }) => ({ aggregateId, version }),
  eventStorageAdapter: new InMemoryEventStorageAdapter(),
});
const moved = (aggregateId, timestamp) =>
  accounts.groupEvent({ aggregateId, version: 1, type: 'Moved', ...(timestamp && { timestamp }) });
const year = ({ event }) => new Date(event.timestamp).getUTCFullYear();

(async () => {
  const two = await EventStore.pushEventGroup(
    moved('a', '2020-05-01T00:00:00.000Z'),
    moved('b', '2021-05-01T00:00:00.000Z'),
  );
  console.log(`two times: ${two.eventGroup.map(year).join(' ')}`);
  const one = await EventStore.pushEventGroup(moved('c', '2020-05-01T00:00:00.000Z'), moved('d'));
  const [given, other] = one.eventGroup.map(year);
  console.log(`one time: ${given} ${other === given ? 'for both' : 'and another'}`);
})();
END_OF_PROGRAM
compare 'two times: 2020 2021
one time: 2020 and another' "$(node time.cjs)"
