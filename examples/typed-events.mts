// A map of events for TypeScript: which payload belongs to which type. Nothing of it is there at run time.

import assert from 'node:assert/strict';

import { EventLog } from 'codebolt-eventlog';

type Events = {
  AccountOpened: { owner: string };
  MoneyDeposited: { cents: number };
  MoneyWithdrawn: { cents: number; to?: string };
};

interface Account {
  owner: string | undefined;
  cents: number;
}

const log = await EventLog.open<Events>(':memory:', { autoCreateInstances: true });

// The compiler knows what belongs to `eventType`, and refuses what does not.
await log.appendEvent({
  instanceId: 'bank',
  streamId: 'account-1',
  eventType: 'AccountOpened',
  payload: { owner: 'Ada' },
});
const deposit = { instanceId: 'bank', streamId: 'account-1', eventType: 'MoneyDeposited' } as const;
// @ts-expect-error: the payload is that of another event
const wrong = () => log.appendEvent({ ...deposit, payload: { owner: 'Ada' } });
assert.equal(typeof wrong, 'function');

const initial: Account = { owner: undefined, cents: 0 };

/** Changes an account, if that is what follows from its state. */
const change = (amount: number) =>
  log.decide({
    instance: 'bank',
    stream: 'account-1',
    initial,
    apply: (account, event) => {
      // Each case has the payload of its type.
      switch (event.event_type) {
        case 'AccountOpened':
          return { ...account, owner: event.payload.owner };
        case 'MoneyDeposited':
          return { ...account, cents: account.cents + event.payload.cents };
        case 'MoneyWithdrawn':
          return { ...account, cents: account.cents - event.payload.cents };
      }
    },
    decide: ({ cents }) => {
      if (amount > 0) return { eventType: 'MoneyDeposited', payload: { cents: amount } };
      if (cents + amount < 0) throw new Error(`${cents} cents are not enough`);
      return { eventType: 'MoneyWithdrawn', payload: { cents: -amount } };
    },
  });

await change(500);
const { state, events } = await change(-200);
assert.deepEqual(state, { owner: 'Ada', cents: 300 });
assert.equal(events[0]?.event_type, 'MoneyWithdrawn');
await assert.rejects(change(-301), /300 cents are not enough/);

for await (const event of log.readStream({ instance: 'bank', stream: 'account-1' })) {
  if (event.event_type === 'AccountOpened') console.log(`opened by ${event.payload.owner}`);
  else console.log(event.event_type, event.payload.cents);
}
await log.close();
