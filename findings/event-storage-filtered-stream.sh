#!/usr/bin/env bash
# event-storage 0.8.0
#
# Expected: a commit to a stream that was made by a filter over other events is refused, or its events are in the stream afterwards.
# Instead: it is acknowledged, and the stream that it names does not have the event unless the filter lets it through. It is in the store,
# in no stream that has a name of its own.
# Seen: the stream of large orders has one event before and after a commit of a small one to it; the store has three in all.
# Here: an event has one stream, that of its append, and filters are queries.
. "$(dirname "$0")/seen.sh"

install event-storage@0.8.0
cat > filtered.cjs << 'END_OF_PROGRAM'
const EventStore = require('event-storage');

const store = new EventStore('orders', { storageDirectory: './data' });
store.on('ready', () => {
  store.commit('orders', [{ total: 900 }, { total: 5 }], () => {
    store.createEventStream('large', ({ payload }) => payload.total > 100);
    const totals = (stream) => stream.events.map(({ total }) => total).join(' ');
    console.log(`large: ${totals(store.getEventStream('large'))}`);
    store.commit('large', [{ total: 7 }], () => {
      console.log(`acknowledged\nlarge: ${totals(store.getEventStream('large'))}`);
      console.log(`orders: ${totals(store.getEventStream('orders'))}\nall: ${totals(store.getAllEvents())}`);
      store.close();
    });
  });
});
END_OF_PROGRAM
compare 'large: 900
acknowledged
large: 900
orders: 900 5
all: 900 5 7' "$(node filtered.cjs)"
