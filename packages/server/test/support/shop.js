// A log of a small shop: the same events in each test.

const TYPES = ['OrderPlaced', 'OrderPlaced', 'ItemAdded', 'OrderPaid', 'PaymentFailed'];
const NAMES = ['Ann', 'Bob', 'Cem', 'Dee'];

/** When the first event is. Each comes a second after the one before. */
export const BEGIN = Date.UTC(2026, 0, 31, 12);

/** The event with a number from 0. */
export function shopEvent(n) {
  return {
    streamId: `order-${n % 7}`,
    eventType: TYPES[n % TYPES.length],
    timestamp: BEGIN + n * 1000,
    payload: {
      n,
      total: (n * 37) % 100,
      customer: { name: NAMES[n % NAMES.length], isNew: n % 3 === 0 },
      ...(n % 5 === 0 ? { note: `note ${n}` } : {}),
    },
    metadata: { correlationId: `request-${Math.floor(n / 4)}` },
  };
}

/** Fills an instance `shop` with events. */
export async function fillShop(log, count = 500) {
  for (let start = 0; start < count; start += 10_000) {
    const length = Math.min(10_000, count - start);
    const events = Array.from({ length }, (_, n) => shopEvent(start + n));
    const { success, error } = await log.appendEvents({
      instanceId: 'shop',
      autoCreateInstance: true,
      events,
    });
    if (!success) throw new Error(error);
  }
}

/** What fills an instance `shop` with so many events. */
export const holding = (count) => (log) => fillShop(log, count);
