#!/usr/bin/env bash
# evtstore 12.0.1, with its provider in memory
#
# Expected: with `persistAggregate: true`, which stores an aggregate beside each of its events so that it need not be folded, aggregates
# are what they are without it.
# Instead: the provider in memory, asked for the last event of an aggregate, answers with the last one of the whole stream. So every
# aggregate is the one that was written last, and a command's events are appended to that one, under its id.
# Seen: after a deposit of 100 by ada and of 1 by bob, bob has 101, and both events are ada's. Without the option bob has 1, and one
# event.
# Here: a snapshot of `project` belongs to its own stream, in a log in memory as in one on disk. Events of tests with this provider may
# stand under another aggregate's id, when they are imported.
. "$(dirname "$0")/seen.sh"

install evtstore@12.0.1
cat > accounts.cjs << 'END_OF_PROGRAM'
const { createAggregate, createCommands, createDomain } = require('evtstore');
const memory = require('evtstore/provider/memory');

async function told(name, provider, options) {
  const account = createAggregate({
    stream: 'accounts',
    create: () => ({ balance: 0 }),
    fold: ({ amount }, { balance }) => ({ balance: balance + amount }),
    ...options,
  });
  const { domain } = createDomain({ provider }, { account });
  const { deposit } = createCommands(domain.account, {
    deposit: async ({ amount }) => ({ type: 'deposited', amount }),
  });
  await deposit('ada', { amount: 100 });
  await deposit('bob', { amount: 1 });
  const { balance } = await domain.account.getAggregate('bob');
  const events = await provider.getEventsFrom('accounts', 0);
  console.log(`${name}: bob has ${balance}, events of ${events.map(({ aggregateId }) => aggregateId).join(' and ')}`);
}

(async () => {
  await told('in memory', memory.createProvider(), {});
  await told('in memory, persisted', memory.createProvider(), { version: '1', persistAggregate: true });
})();
END_OF_PROGRAM
compare 'in memory: bob has 1, events of ada and bob
in memory, persisted: bob has 101, events of ada and ada' "$(node accounts.cjs)"
