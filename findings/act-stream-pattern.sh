#!/usr/bin/env bash
# @rotorsoft/act 1.31.26, with its store in memory
#
# Expected: a query with `stream: 'order-1'` gives the events of the stream order-1.
# Instead: the name is a regular expression that is looked for anywhere in names, so that other streams come as well, unless
# `stream_exact: true` stands beside it. A name with a dot or a plus is a pattern too.
# Seen: `stream: 'order-1'` gives the events of order-1, order-10 and reorder-1; with `stream_exact` those of order-1.
# Here: `stream` is a name and never a pattern; conditions have operators for prefixes and patterns. A program that moves one stream
# out of such a store has to say `stream_exact`.
. "$(dirname "$0")/seen.sh"

install @rotorsoft/act@1.31.26
cat > package.json << 'END_OF_FILE'
{ "name": "orders", "version": "1.0.0", "description": "orders", "author": "somebody", "license": "MIT" }
END_OF_FILE
cat > pattern.cjs << 'END_OF_PROGRAM'
const { InMemoryStore } = require('@rotorsoft/act');

(async () => {
  const store = new InMemoryStore();
  const placed = [{ name: 'Placed', data: {} }];
  for (const stream of ['order-1', 'order-10', 'reorder-1']) {
    await store.commit(stream, placed, { correlation: 'c', causation: {} });
  }
  for (const query of [{ stream: 'order-1' }, { stream: 'order-1', stream_exact: true }]) {
    const found = [];
    await store.query(({ stream }) => found.push(stream), query);
    console.log(`${JSON.stringify(query)}: ${found.join(' ')}`);
  }
})();
END_OF_PROGRAM
compare '{"stream":"order-1"}: order-1 order-10 reorder-1
{"stream":"order-1","stream_exact":true}: order-1' "$(LOG_LEVEL=error NODE_ENV=production node pattern.cjs)"
