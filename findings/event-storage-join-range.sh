#!/usr/bin/env bash
# event-storage 0.8.0
#
# Expected: `fromStreams` with a range of revisions gives the events of that range, of the streams together or of each.
# Instead: the range is one of the store's whole order. Where one of the streams has nothing within it, reading the joined stream throws.
# Seen: of two streams with two events each, committed one after the other, all are joined by the range 0 to 3; the range 0 to 1, which
# lies in the first stream, throws.
# Here: `readAll` reads a range of positions of all streams, and a stream without events in it has none.
. "$(dirname "$0")/seen.sh"

install event-storage@0.8.0
cat > join.cjs << 'END_OF_PROGRAM'
const EventStore = require('event-storage');

const store = new EventStore('orders', { storageDirectory: './data' });
const joined = (name, from, to) => {
  try {
    return store.fromStreams(name, ['a', 'b'], from, to).events.map(({ n }) => n).join(' ');
  } catch (error) {
    return error.message;
  }
};
store.on('ready', () => {
  store.commit('a', [{ n: 1 }, { n: 2 }], () => {
    store.commit('b', [{ n: 3 }, { n: 4 }], () => {
      console.log(`0 to 3: ${joined('all', 0, 3)}\n0 to 1: ${joined('begin', 0, 1)}`);
      store.close();
    });
  });
});
END_OF_PROGRAM
compare '0 to 3: 1 2 3 4
0 to 1: Range scan error for range 1 - 0.' "$(node join.cjs)"
