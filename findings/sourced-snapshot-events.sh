#!/usr/bin/env bash
# sourced 4.0.7, a package for entities that are made of snapshots and events
#
# Expected: an entity that is made of a snapshot of version 2 and of events, each of which says its version, takes those after version 2.
# Instead: it takes all of them on top of the snapshot, so that what is in the snapshot counts twice. The version is right all the same.
# Seen: deposits of 10, 5 and 1, with a snapshot after the second, give a balance of 31 and the version 3; with the last event alone, 16
# and the version 3.
# Here: `project` reads the events after the position of its snapshot by itself. A program that moves to it from this package has to look
# at what its snapshots were made of.
. "$(dirname "$0")/seen.sh"

install sourced@4.0.7
cat > account.cjs << 'END_OF_PROGRAM'
const { Entity } = require('sourced');

class Account extends Entity {
  constructor(snapshot, events) {
    super();
    this.balance = 0;
    this.rehydrate(snapshot, events);
  }

  deposit(given) {
    this.balance += given.amount;
    this.digest('deposit', given);
  }
}

const account = new Account();
account.deposit({ amount: 10 });
account.deposit({ amount: 5 });
const snapshot = account.snapshot();
account.deposit({ amount: 1 });
const events = account.newEvents;
console.log(`snapshot ${snapshot.version}, events ${events.map(({ version }) => version).join(' ')}`);
for (const given of [events, events.filter(({ version }) => version > snapshot.version)]) {
  const { balance, version } = new Account(snapshot, given);
  console.log(`${given.length} events: balance ${balance}, version ${version}`);
}
END_OF_PROGRAM
compare 'snapshot 2, events 1 2 3
3 events: balance 31, version 3
1 events: balance 16, version 3' "$(node account.cjs)"
