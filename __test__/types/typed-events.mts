// Events of a map: each pair of a type and its payload is known, without a cast.
import {
  EventLog,
  eventLog,
  unwrap,
  type EventLogSchema,
  type EventLogTyped,
} from 'codebolt-eventlog';
import { holds, type Same } from './same.mjs';

type Events = {
  OrderCreated: { total: number; lines: string[] };
  OrderPaid: { amount: number };
  OrderNoted: { text?: string };
};
interface Visits {
  Arrived: { at: string };
  Left: {};
}

const log = await EventLog.open<Events>('./log.redb');
holds<Same<typeof log, EventLogTyped<Events>>>();
const same = eventLog.typed<Events>();
holds<Same<typeof same, EventLogTyped<Events>>>();
const visits = eventLog.typed<Visits>();
const untyped: EventLog = await EventLog.open('./log.redb');

// Only the pairs of the map are appended.
const at = { instanceId: 'shop', streamId: 'order-1' };
await log.appendEvent({ ...at, eventType: 'OrderPaid', payload: { amount: 5 } });
await log.appendEvent({ ...at, event_type: 'OrderPaid', payload: { amount: 5 } });
await log.appendEvent({ ...at, eventType: 'OrderNoted' });
await visits.appendEvent({ instanceId: 'door', eventType: 'Left' });
const created = { eventType: 'OrderCreated', payload: { total: 1, lines: ['a'] } } as const;
await log.appendEvents({
  instanceId: 'shop',
  expectedSequences: { 'order-1': 0 },
  events: [
    { eventType: 'OrderCreated', payload: { total: 1, lines: [] } },
    { event_type: 'OrderPaid', payload: { amount: 5 }, streamId: 'order-2' },
  ],
});
// @ts-expect-error: there is no such event
await log.appendEvent({ ...at, eventType: 'OrderLost', payload: {} });
// @ts-expect-error: the payload is of another event
await log.appendEvent({ ...at, eventType: 'OrderPaid', payload: { total: 5 } });
// @ts-expect-error: the event has a payload
await log.appendEvent({ ...at, eventType: 'OrderPaid' });
// @ts-expect-error: the payload has an amount
await log.appendEvent({ ...at, eventType: 'OrderPaid', payload: {} });
// @ts-expect-error: an amount is a number
await log.appendEvent({ ...at, event_type: 'OrderPaid', payload: { amount: '5' } });
// @ts-expect-error: an event has a type
await log.appendEvent({ ...at, payload: { amount: 5 } });
await log.appendEvents({
  instanceId: 'shop',
  // @ts-expect-error: the payload of the second one is of another event
  events: [created, { eventType: 'OrderPaid', payload: { total: 5 } }],
});

// What is read narrows on `event_type`.
for await (const event of log.readStream({ instance: 'shop', stream: 'order-1' })) {
  holds<Same<typeof event.event_type, 'OrderCreated' | 'OrderPaid' | 'OrderNoted'>>();
  if (event.event_type === 'OrderCreated') {
    holds<Same<typeof event.payload, { total: number; lines: string[] }>>();
  } else if (event.event_type === 'OrderPaid') {
    console.log(event.payload.amount.toFixed(), event.position);
    // @ts-expect-error: that is of another event
    console.log(event.payload.total);
  } else {
    console.log(event.payload.text?.trim());
  }
}
for await (const event of log.readAll({ instance: 'shop' })) {
  switch (event.event_type) {
    case 'OrderCreated':
      console.log(event.payload.lines.length);
      break;
    case 'OrderPaid':
      console.log(event.payload.amount);
  }
}
for await (const event of log.subscribe({ instance: 'shop' })) {
  if (event.event_type === 'OrderPaid') console.log(event.payload.amount);
  // @ts-expect-error: without a consumer there is nobody who is done
  await event.ack();
}
for await (const event of log.subscribe({ instance: 'shop', consumer: 'biller' })) {
  if (event.event_type === 'OrderPaid') console.log(event.payload.amount.toFixed());
  await event.ack();
  await event.nack(event.attempt);
  console.log(event.checkpoint.position, event.checkpoint.retry);
}
const { result } = unwrap(await log.queryEvents({ from: { instance: 'shop' } }));
for (const event of result.events) {
  if (event.event_type === 'OrderPaid') holds<Same<typeof event.payload, { amount: number }>>();
}
const appended = await log.appendEvent({
  ...at,
  eventType: 'OrderPaid',
  payload: { amount: 5 },
});
if (appended.success && appended.data.event.event_type === 'OrderPaid') {
  console.log(appended.data.event.payload.amount);
}

// A state is inferred from where it begins.
const { state, sequence } = await log.project({
  instance: 'shop',
  stream: 'order-1',
  initial: { paid: 0 },
  apply: (before, event) =>
    event.event_type === 'OrderPaid' ? { paid: before.paid + event.payload.amount } : before,
});
holds<Same<typeof state, { paid: number }>>();
holds<Same<typeof sequence, number>>();
await log.project({
  instance: 'shop',
  initial: 0,
  // @ts-expect-error: there is no such event
  apply: (sum, event) => (event.event_type === 'OrderLost' ? sum : sum + 1),
});

// What is decided are pairs of the map, and the state is inferred as well.
const order = { instance: 'shop', stream: 'order-1', initial: { paid: 0, open: false } };
const decision = await log.decide({
  ...order,
  retries: 3,
  idempotencyKey: 'payment 7',
  apply: (before, event) =>
    event.event_type === 'OrderPaid'
      ? { ...before, paid: before.paid + event.payload.amount }
      : before,
  decide: (before) => {
    holds<Same<typeof before, { paid: number; open: boolean }>>();
    return before.open ? { eventType: 'OrderPaid', payload: { amount: 5 } } : undefined;
  },
});
holds<Same<typeof decision.state, { paid: number; open: boolean }>>();
holds<Same<typeof decision.duplicate, true | undefined>>();
for (const entry of decision.events) {
  if (entry.event_type === 'OrderPaid') console.log(entry.payload.amount, entry.position);
}
const unchanged = { ...order, apply: (before: { paid: number; open: boolean }) => before };
await log.decide({
  ...unchanged,
  decide: async () => [
    { eventType: 'OrderCreated', payload: { total: 1, lines: [] } },
    { event_type: 'OrderNoted', metadata: { by: 'Ada' } },
  ],
});
await log.strict.decide({ ...unchanged, decide: () => {} });
await log.decide({ ...unchanged, decide: () => null });
// @ts-expect-error: there is no such event
await log.decide({ ...unchanged, decide: () => ({ eventType: 'OrderLost' }) });
await log.decide({
  ...unchanged,
  // @ts-expect-error: the payload is of another event
  decide: () => ({ eventType: 'OrderPaid', payload: { total: 5 } }),
});
// @ts-expect-error: the payload has an amount
await log.decide({ ...unchanged, decide: async () => [{ eventType: 'OrderPaid', payload: {} }] });
// @ts-expect-error: a decision is on one stream
await log.decide({ ...unchanged, decide: () => ({ eventType: 'OrderNoted', streamId: 'other' }) });
// @ts-expect-error: the state has no such key
await log.decide({ ...unchanged, decide: (before) => (before.lost ? [] : null) });

// Exceptions, for those who prefer them.
const { event } = await log.strict.appendEvent({
  ...at,
  eventType: 'OrderPaid',
  payload: { amount: 5 },
});
if (event.event_type === 'OrderPaid') console.log(event.payload.amount);
const { instance } = await untyped.strict.createInstance('shop', 'text', { ifExists: 'get' });
holds<Same<typeof instance.id, string>>();
const found = await untyped.strict.queryEvents({ from: { instance: 'shop' }, limit: 1 });
console.log(found.result.total);
for await (const entry of untyped.strict.readAll<{ n: number }>({ instance: 'shop' })) {
  console.log(entry.payload.n);
}
await untyped.strict.close();
// @ts-expect-error: what is resolved with is the data, and no response
console.log((await untyped.strict.listInstances()).success);
// @ts-expect-error: a payload is no string
eventLog.typed<{ Bad: string }>();

// Schemas and upcasters, by what Standard Schema has every schema have.
declare const paid: EventLogSchema<{ amount: number }, { amount: bigint }>;
declare const noted: EventLogSchema<{ text?: string }>;
const checked = await EventLog.open('./log.redb', { events: { OrderPaid: paid, Noted: noted } });
holds<
  Same<typeof checked, EventLogTyped<{ OrderPaid: { amount: number }; Noted: { text?: string } }>>
>();
await checked.appendEvent({ ...at, eventType: 'OrderPaid', payload: { amount: 5 } });
await checked.appendEvent({ ...at, eventType: 'Noted' });
// @ts-expect-error: the schema takes a number
await checked.appendEvent({ ...at, eventType: 'OrderPaid', payload: { amount: 5n } });
const upcasters = {
  OrderPaid: [
    { from: 1, to: 2, up: (payload: { cents: number }) => ({ amount: payload.cents / 100 }) },
    {
      from: 2,
      to: 3,
      up: async (payload: any, stored: { timestamp: string }) => ({
        ...payload,
        at: stored.timestamp,
      }),
    },
  ],
};
const raised: EventLog = await EventLog.open('./log.redb', { upcasters });
const again: EventLog = raised.typed({ upcasters });
const both = await EventLog.open<Events>('./log.redb', { events: { OrderPaid: paid }, upcasters });
holds<Same<typeof both, EventLogTyped<Events>>>();
await again.typed({ events: { OrderPaid: paid }, validateReads: true, unknownEvents: 'refuse' });
// @ts-expect-error: that is no schema
await EventLog.open('./log.redb', { events: { OrderPaid: { type: 'object' } } });
// @ts-expect-error: it is stored or refused
await EventLog.open('./log.redb', { events: { OrderPaid: paid }, unknownEvents: 'ignore' });
// @ts-expect-error: a payload is no text
eventLog.typed({ upcasters: { OrderPaid: [{ from: 1, to: 2, up: () => 'text' }] } });
// @ts-expect-error: a version is a number
eventLog.typed({ upcasters: { OrderPaid: [{ from: '1', to: 2, up: () => ({}) }] } });
