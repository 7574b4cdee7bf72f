#!/usr/bin/env bash
# @rotorsoft/act 1.31.26, with its store in memory
#
# Expected: what was committed is what the store has, as it is with a store in a database.
# Instead: it keeps the very objects that it was given, and hands them out. Who changes one afterwards, before or after reading, changes
# the event for everybody.
# Seen: an array that grows after the commit has grown in the stored event; and what one reader writes into an event, the next one finds.
# Here: events are JSON text once they are appended, in memory too, and each reader has objects of its own.
. "$(dirname "$0")/seen.sh"

install @rotorsoft/act@1.31.26
cat > package.json << 'END_OF_FILE'
{ "name": "orders", "version": "1.0.0", "description": "orders", "author": "somebody", "license": "MIT" }
END_OF_FILE
cat > references.cjs << 'END_OF_PROGRAM'
const { InMemoryStore } = require('@rotorsoft/act');

(async () => {
  const store = new InMemoryStore();
  const data = { items: ['tea'] };
  await store.commit('order-1', [{ name: 'Placed', data }], { correlation: 'c', causation: {} });
  data.items.push('milk');
  const read = async () => {
    let found;
    await store.query((event) => (found = event), { stream: 'order-1' });
    return found;
  };
  const event = await read();
  console.log(`after the commit: ${JSON.stringify(event.data)}`);
  event.data.price = 0;
  console.log(`after a reader: ${JSON.stringify((await read()).data)}`);
})();
END_OF_PROGRAM
compare 'after the commit: {"items":["tea","milk"]}
after a reader: {"items":["tea","milk"],"price":0}' "$(LOG_LEVEL=error NODE_ENV=production node references.cjs)"
