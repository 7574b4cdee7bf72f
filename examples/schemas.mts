// Events whose payloads are checked before they are stored. TypeScript learns the map of events from the schemas, here of
// zod (`npm install zod`). Any other schema that follows Standard Schema does as well.

import assert from 'node:assert/strict';

import { EventLog } from 'codebolt-eventlog';
import { z } from 'zod';

const events = {
  AccountOpened: z.strictObject({ owner: z.string().min(1) }),
  MoneyMoved: z.strictObject({ cents: z.int(), note: z.string().optional() }),
};

const log = await EventLog.open(':memory:', {
  autoCreateInstances: true,
  events,
  unknownEvents: 'refuse',
  validateReads: true,
});
const account = { instanceId: 'bank', streamId: 'account-1' } as const;

// What the compiler can know, it refuses before the program runs. What comes from outside is refused when it is appended.
const moved = { ...account, eventType: 'MoneyMoved' } as const;
// @ts-expect-error: cents are a number
const wrong = () => log.appendEvent({ ...moved, payload: { cents: '5' } });
assert.equal((await wrong()).code, 'INVALID_ARGUMENT');
const received = JSON.parse('{ "cents": 0.5 }');
const refused = await log.appendEvent({ ...moved, payload: received });
console.log(refused.error);

// A batch is stored as a whole or not at all, also if one event does not fit.
await log.appendEvents({
  instanceId: 'bank',
  events: [
    { streamId: 'account-1', eventType: 'AccountOpened', payload: { owner: 'Ada' } },
    { streamId: 'account-1', eventType: 'MoneyMoved', payload: { cents: 500 } },
  ],
});
const { state } = await log.decide({
  instance: 'bank',
  stream: 'account-1',
  initial: 0,
  apply: (cents, event) =>
    event.event_type === 'MoneyMoved' ? cents + event.payload.cents : cents,
  decide: (cents) => ({ eventType: 'MoneyMoved', payload: { cents: -cents, note: 'all of it' } }),
});
assert.equal(state, 0);

for await (const event of log.readStream({ instance: 'bank', stream: 'account-1' })) {
  if (event.event_type === 'AccountOpened') console.log(`opened by ${event.payload.owner}`);
  else console.log(event.payload.cents, event.payload.note ?? '');
}
await log.close();
