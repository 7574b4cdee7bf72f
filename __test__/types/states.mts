// States with literal types: what `apply` returns is one of them, without a cast and without annotations.
import {
  EventLog,
  eventLog,
  type EventLogDecideOptions,
  type EventLogProjectOptions,
} from 'codebolt-eventlog';
import { holds, type Same } from './same.mjs';

type Events = { OrderOpened: { customer: string }; ItemAdded: { price: number }; OrderPaid: {} };
type Order = { status: 'none' | 'open' | 'paid'; total: number };
/** A state that has other keys in each status. */
type Door = { status: 'open' } | { status: 'locked'; by: string };

const log = await EventLog.open<Events>('./log.redb');
const initial: Order = { status: 'none', total: 0 };
const open = { status: 'open' } as Door;
const decide = () => undefined;

const projected = await log.project({
  instance: 'shop',
  stream: 'order-1',
  initial,
  apply(order, event) {
    switch (event.event_type) {
      case 'OrderOpened':
        return { ...order, status: 'open' };
      case 'ItemAdded':
        return { ...order, total: order.total + event.payload.price };
      case 'OrderPaid':
        return { ...order, status: 'paid' };
    }
  },
});
holds<Same<typeof projected.state, Order>>();
holds<Same<typeof projected.sequence, number>>();
const whole = await log.project({
  instance: 'shop',
  initial,
  apply: (order, { event_type }) =>
    event_type === 'OrderPaid' ? { ...order, status: 'paid' } : order,
});
holds<Same<typeof whole.state, Order>>();
const decided = await log.decide({
  instance: 'shop',
  stream: 'order-1',
  initial: (): Order => ({ status: 'none', total: 0 }),
  apply: async (order, { event_type }) =>
    event_type === 'OrderOpened' ? { ...order, status: 'open' } : order,
  decide: ({ status }) =>
    status === 'none' ? { eventType: 'OrderOpened', payload: { customer: 'Ada' } } : null,
});
holds<Same<typeof decided.state, Order>>();
const door = await eventLog.decide({
  instance: 'house',
  stream: 'door',
  initial: open,
  apply: (before, { event_type, payload }) =>
    event_type === 'locked' ? { status: 'locked', by: String(payload.by) } : before,
  decide: (before) => (before.status === 'locked' ? [] : { eventType: 'locked' }),
});
holds<Same<typeof door.state, Door>>();
await eventLog.project<Door | null>({
  instance: 'house',
  initial: null,
  apply: (before, { event_type }) => (event_type === 'opened' ? { status: 'open' } : before),
});

// Functions and options that are declared elsewhere, and functions of any state.
const paid = (order: Order, event: { event_type: string }): Order =>
  event.event_type === 'OrderPaid' ? { ...order, status: 'paid' } : order;
const inferred = await log.project({
  instance: 'shop',
  initial: { status: 'none', total: 0 },
  apply: paid,
});
holds<Same<typeof inferred.state, Order>>();
const projecting: EventLogProjectOptions<Order> = { instance: 'shop', initial, apply: paid };
await eventLog.project(projecting);
const deciding: EventLogDecideOptions<Order> = {
  instance: 'shop',
  stream: 'order-1',
  initial,
  apply: (order) => ({ ...order, status: 'paid' }),
  decide,
};
await eventLog.decide(deciding);
function stateOf<State>(
  start: State,
  apply: (before: State, event: { event_type: string }) => State,
) {
  return eventLog.project({ instance: 'shop', initial: start, apply });
}
holds<Same<Awaited<ReturnType<typeof stateOf<number>>>['state'], number>>();

// What is no state of that type.
const order = { instance: 'shop', stream: 'order-1', initial, decide };
// @ts-expect-error: an order is never lost
await log.decide({ ...order, apply: (before) => ({ ...before, status: 'lost' }) });
// @ts-expect-error: nothing is returned
await log.decide({ ...order, apply: (before) => void (before.total += 1) });
await log.decide({
  ...order,
  initial: open,
  // @ts-expect-error: a door that is locked is so by somebody
  apply: (before) => ({ ...before, status: 'locked' }),
});
// A promise of a state, and none of something else.
const loaded = await log.project({
  instance: 'shop',
  initial: async (): Promise<Order> => ({ status: 'none', total: 0 }),
  apply: (before) => ({ ...before, status: 'open' }),
});
holds<Same<typeof loaded.state, Order>>();
// @ts-expect-error: a promise is to be awaited before
await log.project<Order>({ instance: 'shop', initial: Promise.resolve(initial), apply: paid });
// @ts-expect-error: a state has no such key
await log.project({ instance: 'shop', initial, apply: (before) => ({ ...before, n: before.n }) });
