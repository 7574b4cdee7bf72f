#!/usr/bin/env bash
# eventstore 1.15.5 (node-eventstore), with its store in memory, which is the one that it has without options
#
# Expected: of two that have loaded a stream at the same revision, the second one to commit gets a ConcurrencyError, as with the stores
# in databases, so that it loads the stream again and decides anew.
# Instead: both commits succeed, and the stream has two events of the same revision.
# Seen: two withdrawals of 80 from an account of 100, each decided on the balance that it has read, are both stored as revision 1.
# Here: a test with that store does not show that a program lacks the handling of a conflict, which an append with `expectedSequence`
# asks for.
. "$(dirname "$0")/seen.sh"

install eventstore@1.15.5
cat > conflict.cjs << 'END_OF_PROGRAM'
const { promisify } = require('node:util');

const store = require('eventstore')();

const load = () => promisify(store.getEventStream.bind(store))('account-1');
const commit = (stream, event) => {
  stream.addEvent(event);
  return promisify(stream.commit.bind(stream))();
};
const balance = ({ events }) => events.reduce((sum, { payload }) => sum + payload.amount, 0);

async function run() {
  await promisify(store.init.bind(store))();
  await commit(await load(), { amount: 100 });
  const both = [await load(), await load()];
  for (const stream of both) {
    const before = balance(stream);
    await commit(stream, { amount: -80 });
    console.log(`withdrawn from ${before}`);
  }
  const { events, lastRevision } = await load();
  const revisions = events.map(({ streamRevision }) => streamRevision).join(' ');
  console.log(`revisions ${revisions}, last ${lastRevision}, balance ${balance({ events })}`);
}

void run();
END_OF_PROGRAM
compare 'withdrawn from 100
withdrawn from 100
revisions 0 1 1, last 1, balance -60' "$(node conflict.cjs)"
