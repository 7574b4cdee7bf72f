// Readers, consumers and projections that the contract allows: each has to compile.
import {
  EventLog,
  type EventLogCheckpoint,
  type EventLogEntry,
  type EventLogDecideOptions,
  type EventLogDecision,
  type EventLogError,
  type EventLogFollowedEntry,
  type EventLogFollowOptions,
  type EventLogPositionedEntry,
  type EventLogReader,
  type EventLogRetryOptions,
  type EventLogSubscription,
} from 'codebolt-eventlog';
import { holds, type Same } from './same.mjs';

declare const log: EventLog;
declare const signal: AbortSignal;

// Reading in a row
interface Sale {
  item: string;
  price: number;
}
const reader = log.readStream<Sale>({ instance: 'shop', stream: 'till', fromSequence: 3 });
holds<Same<typeof reader, EventLogReader<EventLogPositionedEntry<Sale>>>>();
for await (const event of reader) {
  holds<Same<typeof event.payload, Sale>>();
  const entry: EventLogEntry = event;
  console.log(event.position.toFixed(), entry.id);
}
const every = log.readAll({
  instance: 'shop',
  afterPosition: 10,
  direction: 'backward',
  where: [{ field: 'event_type', operator: 'eq', value: 'sold' }],
  correlationId: 'c',
  causationId: 'd',
  limit: 5,
  signal: AbortSignal.timeout(1000),
});
for await (const event of every) console.log(event.payload.anything, event.metadata.at);
const step = await log.readAll<Sale, { user: string }>({ instance: 'shop' }).next();
if (!step.done) console.log(step.value.metadata.user.trim());
await every.return();
holds<Same<EventLogEntry, EventLogEntry<Record<string, any>, Record<string, any>>>>();
const listed = await log.listStreams({ instance: 'shop', prefix: 'order-', after: 'order-1' });
if (listed.success) {
  const last = listed.data.streams.at(-1);
  console.log(last?.stream_id, last?.sequence_number, last?.timestamp, listed.data.hasMore);
}

// Following
const following = log.subscribe<Sale>({
  instance: 'shop',
  stream: 'till',
  where: [{ field: 'payload.price', operator: 'gt', value: 5 }],
  afterPosition: 'end',
  signal: AbortSignal.timeout(1000),
});
await following.untilCaughtUp;
const isLive: boolean = following.caughtUp;
for await (const event of following) {
  console.log(event.payload.item.trim(), event.position, isLive);
  break;
}
log.subscribe({ instance: 'shop', afterPosition: 12 });

// Following as a consumer, or not
async function follow(consumer?: string, more: Partial<EventLogFollowOptions> = {}) {
  const instance = 'shop';
  for await (const event of log.subscribe<Sale>({ ...more, instance, consumer })) {
    console.log(event.payload.item.trim(), event.checkpoint?.position.toFixed());
    const acknowledged: Promise<void> | undefined = event.ack?.();
    await acknowledged;
  }
  const events: EventLogSubscription<EventLogFollowedEntry> = log.subscribe({ instance, consumer });
  return events.caughtUp;
}
console.log(await follow(), await follow('biller', { afterPosition: 'end' }));
log.subscribe({ instance: 'shop', consumer: undefined });

// Consumers
for await (const event of log.subscribe<Sale>({ instance: 'shop', consumer: 'biller' })) {
  console.log(event.payload.item.trim(), event.position);
  const acknowledged: Promise<void> = event.ack();
  await acknowledged;
  const billed = await log.appendEvent({
    instanceId: 'bills',
    eventType: 'billed',
    checkpoint: { consumer: 'biller', position: event.position, instance: 'shop' },
  });
  if (!billed.success && billed.code === 'CHECKPOINT_CONFLICT') {
    console.log(billed.conflict?.consumer, billed.conflict?.actual);
  }
  const checkpoint: EventLogCheckpoint = event.checkpoint;
  await log.appendEvents({ instanceId: 'bills', checkpoint, events: [] });
  console.log(event.checkpoint.instance.trim(), event.checkpoint.generation.toFixed());
}
const standing = ({ conflict }: EventLogError): number | undefined => conflict?.actual;
console.log(standing);
const consumers = await log.listConsumers({ instance: 'shop', after: 'a', limit: 5 });
if (consumers.success) console.log(consumers.data.consumers[0]?.behind, consumers.data.hasMore);
const biller = { instance: 'shop', consumer: 'biller' };
console.log((await log.strict.resetConsumer({ ...biller, position: 'end' })).consumer.position);
console.log((await log.strict.deleteConsumer(biller)).consumer.timestamp);

// Events that fail, and parked ones
const retry: EventLogRetryOptions = { attempts: 3, delayMs: (attempt) => 100 * 2 ** attempt };
for await (const event of log.subscribe<Sale>({ ...biller, retry, onFailed: 'park' })) {
  try {
    console.log(event.attempt.toFixed(), event.payload);
    await event.ack();
  } catch (failed) {
    const nothing: void = await event.nack(failed);
    console.log(nothing);
  }
  const { instance, generation, retry: turn } = event.checkpoint;
  console.log(instance.length, generation.toFixed(), turn?.toFixed());
  await log.appendEvent({ instanceId: 'shop', eventType: 'a', checkpoint: event.checkpoint });
}
log.subscribe({ ...biller, retry: { attempts: 2, delayMs: 5 }, onFailed: undefined });
log.subscribe({ ...biller, retry: { attempts: 2 } }).return();
const { parked } = await log.strict.listParked({ ...biller, after: 3, limit: 5 });
for (const { position, error: text, attempts, retrying, timestamp } of parked) {
  console.log(position + attempts, text?.length, retrying === true, timestamp.length);
}
const positions: readonly number[] = parked.map(({ position }) => position);
console.log((await log.strict.retryParked({ ...biller, positions })).count.toFixed());
const discarded = await log.discardParked(biller);
if (discarded.success) console.log(discarded.data.count);
console.log((await log.strict.listConsumers({ instance: 'shop' })).consumers[0]?.parked.toFixed());
const failure = ({ code, position, attempts, cause }: EventLogError) =>
  code === 'EVENT_FAILED' && console.log(position?.toFixed(), attempts?.toFixed(), cause);
await log.subscribe(biller).next().catch(failure);

// Projections
const takings = await log.project<{ total: number }, Sale>({
  instance: 'shop',
  stream: 'till',
  initial: { total: 0 },
  apply: ({ total }, event) => ({ total: total + event.payload.price }),
  name: 'takings',
  version: 1,
  snapshotEvery: 100,
});
holds<Same<typeof takings.sequence, number>>();
console.log(takings.state.total.toFixed(), takings.position);
const names = await log.project({
  instance: 'shop',
  where: [{ field: 'event_type', operator: 'eq', value: 'sold' }],
  initial: () => new Set<string>(),
  apply: async (all, { stream_id }) => all.add(stream_id),
});
holds<Same<typeof names.sequence, number | undefined>>();
console.log(names.state.has('till'));
const counted = await log.decide({
  instance: 'shop',
  stream: 'till',
  initial: { total: 0 },
  apply: (state, { payload }: EventLogPositionedEntry<{ price: number }>) => ({
    total: state.total + payload.price,
  }),
  decide: async ({ total }) => (total < 9 ? [{ eventType: 'sold', payload: { price: 9 } }] : []),
  name: 'takings',
  snapshotEvery: 100,
  autoCreateInstance: true,
  signal,
});
holds<Same<typeof counted.sequence, number>>();
console.log(counted.state.total.toFixed(), counted.events[0]?.payload.price.toFixed());
const decideOn = (given: EventLogDecideOptions<number>): Promise<EventLogDecision<number>> =>
  log.decide({ retries: undefined, idempotencyKey: undefined, ...given });
await decideOn({
  instance: 'shop',
  stream: 'till',
  initial: 0,
  apply: (sum) => sum + 1,
  decide: (sum) => (sum === 0 ? { event_type: 'opened', timestamp: new Date() } : undefined),
}).catch((thrown: EventLogError) => {
  if (thrown.code === 'APPLY_FAILED') console.log(thrown.decision?.events.length, thrown.cause);
  if (thrown.code === 'SEQUENCE_CONFLICT') console.log(thrown.conflict?.streamId?.trim());
});
console.log((await log.deleteSnapshots({ instance: 'shop', name: 'takings' })).data?.count);
