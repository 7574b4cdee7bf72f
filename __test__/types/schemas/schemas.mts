// Schemas of real libraries: the map of events is what they take.
import { type } from 'arktype';
import { EventLog, eventLog, type EventLogEventsOf, type EventLogTyped } from 'codebolt-eventlog';
import * as v from 'valibot';
import { z } from 'zod';

/** That two types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

const events = {
  OrderCreated: z.object({ total: z.number(), currency: z.string().default('EUR') }),
  OrderPaid: v.object({ amount: v.number() }),
  OrderSent: type({ parcel: 'string', 'weight?': 'number' }),
  // What is stored is what the schema takes.
  OrderDated: z.object({ at: z.string().transform((text) => new Date(text)) }),
};

const log = await EventLog.open('./log.redb', { events, validateReads: true, exclusive: true });
holds<Same<typeof log, EventLogTyped<EventLogEventsOf<typeof events>>>>();
const same = eventLog.typed({ events, unknownEvents: 'refuse' });
holds<Same<typeof same, typeof log>>();

const at = { instanceId: 'shop' };
await log.appendEvent({ ...at, eventType: 'OrderCreated', payload: { total: 1 } });
await log.appendEvent({ ...at, eventType: 'OrderPaid', payload: { amount: 1 } });
await log.appendEvent({ ...at, eventType: 'OrderSent', payload: { parcel: 'p' } });
await log.appendEvent({ ...at, eventType: 'OrderDated', payload: { at: '2026-01-31' } });
// @ts-expect-error: it is stored as a text
await log.appendEvent({ ...at, eventType: 'OrderDated', payload: { at: new Date() } });
// @ts-expect-error: an amount is a number
await log.appendEvent({ ...at, eventType: 'OrderPaid', payload: { amount: '1' } });
// @ts-expect-error: it has a parcel
await log.appendEvent({ ...at, eventType: 'OrderSent', payload: { weight: 1 } });
// @ts-expect-error: there is no such event
await log.appendEvent({ ...at, eventType: 'OrderLost', payload: {} });

for await (const event of log.readAll({ instance: 'shop' })) {
  if (event.event_type === 'OrderCreated') {
    holds<Same<typeof event.payload, { total: number; currency?: string | undefined }>>();
  } else if (event.event_type === 'OrderSent') {
    console.log(event.payload.parcel.trim(), event.payload.weight?.toFixed());
  } else if (event.event_type === 'OrderDated') {
    holds<Same<typeof event.payload.at, string>>();
  }
}
await log.decide({
  instance: 'shop',
  stream: 'order-1',
  initial: 0,
  apply: (sum, event) => (event.event_type === 'OrderPaid' ? sum + event.payload.amount : sum),
  // @ts-expect-error: the payload is of another event
  decide: () => ({ eventType: 'OrderPaid', payload: { total: 5 } }),
});
