// Calls that the contract allows: each has to compile.
import codebolt, {
  attach,
  Codebolt,
  eventLog,
  EventLog,
  fromCloudEvent,
  isStringified,
  onReady,
  ready,
  toCloudEvent,
  unwrap,
  waitForConnection,
  waitForReady,
  type AppendEventParams,
  type AppendEventsParams,
  type CodeboltEventLog,
  type EventLogBackupResponse,
  type EventLogBaseResponse,
  type EventLogCheckpoint,
  type EventLogCompactResponse,
  type EventLogJsonCall,
  type EventLogMetricsResponse,
  type EventLogCondition,
  type EventLogCounts,
  type EventLogDSL,
  type EventLogEntry,
  type EventLogDecideOptions,
  type EventLogDecision,
  type EventLogError,
  type EventLogErrorCode,
  type EventLogExactReduce,
  type EventLogExportOptions,
  type EventLogFollowedEntry,
  type EventLogGroup,
  type EventLogFollowOptions,
  type EventLogImportOptions,
  type EventLogImportResponse,
  type EventLogImportSource,
  type EventLogOperationOptions,
  type EventLogOptions,
  type EventLogPositionedEntry,
  type EventLogProblem,
  type EventLogProgress,
  type EventLogQueryOptions,
  type EventLogQueryPlan,
  type EventLogReader,
  type EventLogReport,
  type EventLogResponse,
  type EventLogVerifyResponse,
  type EventLogRetryOptions,
  type EventLogSubscription,
  type EventLogWhere,
  type EventLogWherePart,
} from 'codebolt-eventlog';
import {
  EvidenceError,
  generateKeys,
  readProof,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
  type EvidenceKeys,
  type InclusionProof,
} from 'codebolt-eventlog/evidence';

/** The one test of types that a compiler can run: that two types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

interface Order {
  orderId: string;
  lines: { product: string; quantity: number }[];
}
declare const order: Order;
declare const orders: readonly Order[];
class Money {
  constructor(
    readonly amount: number,
    readonly currency: string,
  ) {}
}

// Opening and closing
const options: EventLogOptions = { exclusive: true, cacheBytes: 1 << 20, eventBytesMax: 1024 };
const log: EventLog = await EventLog.open('./log.redb', options);
const fromUrl = await EventLog.open(new URL('file:///tmp/log.redb'), { queuedBytesMax: 1024 });
await EventLog.open('./log.redb', { readOnly: true });
await fromUrl.close();
{
  await using scoped = await EventLog.open('./log.redb');
  const disposable: AsyncDisposable = scoped;
  holds<Same<typeof disposable, AsyncDisposable>>();
}
await codebolt.waitForConnection().catch((error: EventLogError) => {
  const code: EventLogErrorCode = error.code;
  console.error(code, error.message, error.stack);
});
holds<Same<typeof codebolt.eventLog, CodeboltEventLog>>();
const whole: EventLog = eventLog;
const ofSdk: CodeboltEventLog = whole;
console.log(ofSdk === codebolt.eventLog);

// The other eight methods
const created = await log.createInstance('orders', 'What customers ordered');
if (created.success) holds<Same<typeof created.data.instance.id, string>>();
holds<Same<NonNullable<typeof created.data>['instance']['description'], string | undefined>>();
(await log.createInstance('orders')).data?.instance.createdAt.startsWith('2');
await log.createInstance('orders', undefined, { ifExists: 'get' });
unwrap(await log.getInstance('orders')).instance.updatedAt.startsWith('2');
unwrap(await log.listInstances()).instances.map((instance) => instance.name);
unwrap(await log.updateInstance('orders', { name: 'purchases' })).instance.name.trim();
unwrap(await log.updateInstance('orders', { description: 'Purchases' })).instance.name.trim();
unwrap(await log.deleteInstance('orders')).instance.id.trim();
const stats = unwrap(await log.getInstanceStats('orders'));
const counts: number[] = [stats.eventCount, stats.streamCount, stats.storedBytes];
console.log(counts, stats.instanceId, stats.name, stats.createdAt, stats.updatedAt);

// Append parameters
await eventLog.appendEvent({ instanceId: 'i', eventType: 't' });
await eventLog.appendEvent({ instanceId: 'i', event_type: 't', stream_id: 's' });
await eventLog.appendEvent({ instanceId: 'i', event_type: 't', eventType: 't' });
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: order, metadata: orders });
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: new Money(1, 'EUR') });
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: [1, 'two', null] });
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: Object.create(null) });
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', timestamp: new Date() });
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', timestamp: Date.now() });
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', timestamp: '2024-01-01T00:00:00Z' });
const params: AppendEventParams = { instanceId: 'i', eventType: 't' };
const batch: AppendEventsParams = {
  instanceId: 'i',
  autoCreateInstance: true,
  events: [{ eventType: 't' }, { event_type: 'u', streamId: 's', payload: order, timestamp: 0 }],
};
await eventLog.appendEvent(params);
const appended = await eventLog.appendEvents(batch);
if (appended.success) {
  holds<Same<typeof appended.data, { events: EventLogEntry[]; count: number; duplicate?: true }>>();
}

// Queries
const query: EventLogDSL = {
  from: { instance: 'i', stream: 's' },
  where: [
    { field: 'event_type', operator: 'eq', value: 'login' },
    { field: 'payload.userId', operator: 'neq', value: null },
    { field: 'payload.total', operator: 'gt', value: 10 },
    { field: 'timestamp', operator: 'gte', value: new Date() },
    { field: 'payload.text', operator: 'contains', value: 'error' },
    { field: 'payload.kind', operator: 'in', value: ['a', 1, null, true] },
    { field: 'timestamp', operator: 'between', value: ['2024-01-01', Date.now()] },
  ],
  select: ['id', 'payload.userId'],
  orderBy: { field: 'timestamp', direction: 'desc' },
  limit: 50,
  offset: 0,
};
declare const operator: EventLogCondition['operator'];
declare const value: any;
const condition: EventLogCondition = { field: 'payload.a', operator, value };
const foundBy = await eventLog.queryEvents({ ...query, where: [condition] });
const found = unwrap(foundBy);
found.result.events.map((event) => event.payload['userId']);
holds<Same<typeof found.result.total, number>>();
await eventLog.queryEvents({ from: { instance: 'i' }, orderBy: { field: 'id' } });
const average = await eventLog.queryEvents({
  from: { instance: 'i' },
  reduce: { type: 'avg', field: 'payload.responseTime', groupBy: ['payload.endpoint'] },
});
console.log(average.data?.result.aggregation[0].avg);
await eventLog.queryEvents({ from: { instance: 'i' }, reduce: { type: 'count' } });
await eventLog.queryEvents({
  from: { instance: 'i' },
  reduce: { type: 'count', groupBy: 'event_type' },
});
const { signal } = new AbortController();
const queryOptions: EventLogQueryOptions = { signal };
await eventLog.queryEvents(query, queryOptions);
await eventLog.queryEvents(query, signal);
await eventLog.queryEvents(query, { signal: AbortSignal.timeout(1000) });
await eventLog.queryEvents(query, {});
const queriedText: Uint8Array = await eventLog.queryEvents(query, { format: 'json', signal });
const strictText: Uint8Array = await eventLog.strict.queryEvents(query, { format: 'json' });
const textAnswer = await eventLog.callJson('appendEvent', queriedText, { requestId: 7 });
if (!textAnswer.success) console.log(textAnswer.code, strictText.length);
console.log(textAnswer.json.length, isStringified(textAnswer.json) && isStringified('{}'));
const jsonCalls: EventLogJsonCall[] = [{ method: 'appendEvent', json: '{}', requestId: 'a' }];
const madeCalls: number = eventLog.callJsonBatch(jsonCalls, (response, at) => {
  console.log(response.json.length, at.toFixed(), response.success || response.code);
});
console.log(
  madeCalls,
  eventLog.callJsonBatch(new Set<EventLogJsonCall>(), () => {}),
);
for await (const piece of eventLog.readAll({ instance: 'i', format: 'jsonl' })) {
  console.log(piece.subarray(1));
}
for await (const part of eventLog.readStream({ instance: 'i', stream: 's', format: 'jsonl' })) {
  console.log(part.lastIndexOf('\n'));
}
for await (const piece of eventLog.subscribe({ instance: 'i', format: 'jsonl' })) {
  console.log(piece.lastIndexOf('\n'));
}
await eventLog.queryEvents(query, undefined);
const explained = await eventLog.queryEvents({ ...query, explain: true });
const { plan } = unwrap(explained).result;
holds<Same<typeof plan, EventLogQueryPlan | undefined>>();
const { path, description, blocks, eventsExamined, eventsRead, milliseconds } = plan!;
holds<Same<typeof path, 'stream' | 'blocks' | 'positions' | 'none'>>();
const numbers: number[] = [...Object.values(blocks), eventsExamined, eventsRead, milliseconds];
for (const { field, every, bins } of plan!.reduce?.groups ?? []) {
  const taken: string = every ?? `${bins ?? 'equal values of'} ${field}`;
  numbers.push(taken.length);
}
const { filled, chosen, ...otherRows } = plan!.reduce!.rows!;
numbers.push(filled, chosen, otherRows.found);
for (const how of Object.values(plan!.reduce!.aggregates)) {
  const { summary, columns, events } = how.blocks;
  numbers.push(summary, columns, events, how.sketch === true ? 1 : how.type.length);
}
console.log(description.trim(), blocks.total - blocks.skipped - blocks.read, numbers);
if (explained.code === 'ABORTED') console.log(explained.error);

// Exports and imports
const exported: AsyncIterable<Uint8Array> = eventLog.exportEvents();
for await (const chunk of exported) console.log(chunk.byteLength);
const onProgress = ({ done, total }: EventLogProgress) => console.log(done / (total ?? done));
const exportOptions: EventLogExportOptions = { instance: 'i', signal, onProgress };
eventLog.exportEvents(exportOptions).destroy();
const imported = await eventLog.importEvents(eventLog.exportEvents({}), { signal, onProgress });
holds<Same<typeof imported, EventLogImportResponse>>();
const { instances, events: storedEvents, skippedInstances, skippedEvents } = unwrap(imported);
const importedCounts: number[] = [instances, storedEvents, skippedInstances, skippedEvents];
console.log(importedCounts.length);
await eventLog.importEvents(['{"format":"codebolt-eventlog"', new Uint8Array(1)]);
async function* lines() {
  yield '{}';
}
const lineSource: EventLogImportSource = lines();
const importOptions: EventLogImportOptions = {};
await eventLog.importEvents(lineSource, importOptions);
if (imported.code === 'IMPORT_CONFLICT') console.log(imported.error);

// Checks and backups
const checked = await eventLog.verify({ signal, onProgress });
holds<Same<typeof checked, EventLogVerifyResponse>>();
const { intact, problemCount, problems } = unwrap(checked);
console.log(intact, problemCount - problems.length);
for (const { instanceId, position, what } of problems) {
  holds<Same<typeof instanceId, string | undefined>>();
  console.log(what.trim(), position?.toFixed());
}
const operationOptions: EventLogOperationOptions = { onProgress };
const backedUp = await eventLog.backup(new URL('file:///copy.redb'), operationOptions);
holds<Same<typeof backedUp, EventLogBackupResponse>>();
const backedUpCounts: EventLogCounts = unwrap(backedUp);
console.log(
  backedUpCounts.bytes / backedUpCounts.events,
  backedUpCounts.streams / backedUpCounts.instances,
  backedUp.data?.path.trim(),
);
const checkReport: EventLogReport = await eventLog.strict.verify();
const problem: EventLogProblem | undefined = checkReport.problems[0];
const compacted: EventLogCompactResponse = await eventLog.compact({ signal });
const told: EventLogMetricsResponse = await eventLog.metrics();
if (told.success) {
  const { commits, queue, syncSeconds, followers } = told.data;
  console.log(commits + queue.bytes + syncSeconds.sum + (syncSeconds.counts[0] ?? 0));
  console.log(followers.behindMax.toFixed());
}
console.log((await eventLog.strict.metrics()).calls.toFixed());
if (compacted.success) console.log(compacted.data.bytesBefore - compacted.data.bytesAfter);
if (backedUp.code === 'CORRUPTED') console.log(backedUp.error, problem);

// Responses: checked, destructured, and passed on whatever the method
const response = await eventLog.appendEvent(params);
holds<Same<typeof response.type, 'eventLog.appendEvent'>>();
holds<Same<typeof response.error, string | undefined>>();
if (!response.success) {
  holds<Same<typeof response.error, string>>();
  holds<Same<typeof response.code, EventLogErrorCode | undefined>>();
  holds<Same<typeof response.data, undefined>>();
} else {
  holds<Same<typeof response.data.event, EventLogEntry>>();
}
const { success, data, error } = await eventLog.appendEvent(params);
if (success) console.log(data.event.id);
else console.log(error.length);
const report = (any: EventLogBaseResponse): string => any.error ?? any.message ?? any.requestId;
report(response);
report(foundBy);
function first<Method extends string, Data>(answer: EventLogResponse<Method, Data>): Data {
  if (answer.success) return answer.data;
  throw new Error(`${answer.code}: ${answer.error}`);
}
holds<Same<ReturnType<typeof first<'appendEvent', number>>, number>>();
first(response).event.id.trim();

// `attach`
const sdk = { chat: { send: (text: string) => text }, eventLog: { appendEvent: () => 'remote' } };
const detach = attach(sdk, log);
holds<Same<typeof detach, () => void>>();
class SdkObject {
  get eventLog() {
    return sdk.eventLog;
  }
}
attach(new SdkObject())();
attach({ eventLog: undefined });

// What the SDK's object has beside the log
await waitForReady();
await waitForConnection();
if (ready || codebolt.ready) onReady(async () => console.log('open'));
const second: Codebolt = new Codebolt();
holds<Same<typeof second.eventLog, CodeboltEventLog>>();
second.onReady(() => 'anything');
codebolt.onMessage(async (reqMessage) => {
  console.log(reqMessage.userMessage);
});
const message = await codebolt.getMessage();
console.log(message.userMessage);

// Expecting where a stream stands
const guarded = await eventLog.appendEvent({
  instanceId: 'orders',
  eventType: 'made',
  expectedSequence: 3,
});
if (!guarded.success && guarded.code === 'SEQUENCE_CONFLICT') {
  const { streamId, expected, actual } = guarded.conflict!;
  const at: number | 'exists' = expected;
  console.log(streamId.length, at, actual.toFixed());
}
await eventLog.appendEvents({
  instanceId: 'orders',
  events: [{ eventType: 'made' }],
  expectedSequences: { default: 'exists', other: 0 },
});

// Failing if there is an event
const where: EventLogCondition[] = [{ field: 'payload.name', operator: 'eq', value: 'ada' }];
const conditional = await eventLog.appendEvent({
  instanceId: 'users',
  eventType: 'registered',
  failIf: { where, afterPosition: 7 },
});
if (!conditional.success && conditional.code === 'CONDITION_FAILED') {
  const position: number = conditional.conflict!.position;
  console.log(position);
}
await eventLog.appendEvents({
  instanceId: 'users',
  events: [{ eventType: 'registered' }],
  failIf: [{ where }, { where: [], afterPosition: 9 }],
});

// Making a call again
const keyed = await eventLog.appendEvent({
  instanceId: 'orders',
  eventType: 'made',
  expectedSequence: 3,
  idempotencyKey: 'request 1',
});
if (keyed.success) {
  const duplicate: true | undefined = keyed.data.duplicate;
  console.log(duplicate);
} else if (keyed.code === 'IDEMPOTENCY_MISMATCH') {
  console.log(keyed.error);
}
const keyedBatch = await eventLog.appendEvents({
  instanceId: 'orders',
  events: [{ eventType: 'made' }],
  idempotencyKey: 'request 2',
});
console.log(keyedBatch.data?.duplicate === true, keyedBatch.data?.count);

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

// Errors
const failedTool = { instanceId: 'tools', eventType: 'failed' };
await log.appendEvent({ ...failedTool, payload: new Error('boom'), metadata: new RangeError('x') });
await log.appendEvent({ ...failedTool, payload: { tool: 'x', error: new Error('boom') } });

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

// Evidence

const keys: EvidenceKeys = await generateKeys('example.com/shop');
const signed = await log.strict.checkpoint({ instance: 'shop', key: keys.signingKey });
console.log(
  (await log.checkpoint({ instance: 'shop', keyFile: new URL('file:///key') })).data?.root,
);
const encrypting = await EventLog.open('keyed.redb', { key: async () => new Uint8Array(32) });
await encrypting.appendEvent({
  instanceId: 'shop',
  eventType: 'x',
  encrypt: { subject: 'customer-7' },
});
const { forgottenAt } = await encrypting.strict.forgetSubject('customer-7');
console.log(forgottenAt?.length, (await encrypting.strict.rotateKey('base64')).keys.toFixed());
const proven: InclusionProof = await log.strict.proveInclusion({ instance: 'shop', position: 1 });
const checkpoint = await verifyCheckpoint(signed.note, keys.verifierKey, { origin: 'shop' });
console.log((await verifyProof(proven, checkpoint)).payload.length, checkpoint.size.toFixed());
await verifyConsistency(
  await log.strict.proveConsistency({ instance: 'shop', oldSize: 1 }),
  checkpoint,
  checkpoint,
);
await log.verify({
  checkpoints: [{ instance: 'shop', note: signed.note, key: [keys.verifierKey] }],
});
console.log(readProof(writeProof(proven, signed.note)).note.trim());
console.log(new EvidenceError('NOT_PROVEN', 'text').code === 'NOT_PROVEN');

// Trees of conditions

await eventLog.queryEvents({
  from: { instance: 'i' },
  where: {
    any: [
      { field: 'event_type', operator: 'eq', value: 'a' },
      { all: [{ field: 'payload.n', operator: 'exists', value: true }, { not: { any: [] } }] },
      { not: { field: 'payload.name', operator: 'startsWith', value: 'A', ignoreCase: true } },
      { field: 'payload.a', operator: 'gt', valueField: 'payload.b' },
      { field: 'payload.a', operator: 'notIn', value: ['x', null] },
      { field: 'payload.a', operator: 'matches', value: '^a+$' },
    ],
  },
});
await eventLog.queryEvents({
  from: { instance: 'i' },
  where: [{ any: [] }, { field: 'payload.a', operator: 'endsWith', value: 'z' }],
});
const tree: EventLogWhere = { not: { field: 'a', operator: 'eq', value: 1 } };
const parts: EventLogWherePart[] = [{ field: 'a', operator: 'eq', value: 1 }, { any: [] }];
await eventLog.queryEvents({ from: { instance: 'i' }, where: tree });
await eventLog.queryEvents({ from: { instance: 'i' }, where: parts });
await eventLog.queryEvents({ from: { instance: 'i' }, where: { any: parts } });
for await (const event of eventLog.readAll({ instance: 'i', where: tree })) void event;
for await (const event of eventLog.subscribe({ instance: 'i', where: parts })) void event;
await eventLog.appendEvent({ instanceId: 'i', eventType: 'a', failIf: { where: tree } });

// Other formats, in and out.
const formatted = eventLog.exportEvents({
  format: 'csv',
  columns: { n: 'payload.n', total: { field: 'payload.total', type: 'int64' } },
});
await eventLog.importEvents(formatted, {
  format: 'json-lines',
  instance: 'a',
  map: { type: '$.kind', timeUnit: 's' },
  dryRun: true,
});
const cloudEvent = toCloudEvent(
  {
    id: '',
    instanceId: '',
    stream_id: '',
    event_type: '',
    payload: {},
    metadata: {},
    timestamp: '',
    sequence_number: 1,
  },
  { source: ({ stream_id: stream }) => `/${stream}` },
);
await eventLog.appendEvent({ instanceId: 'a', ...fromCloudEvent(cloudEvent, { stream: 's' }) });

// Several aggregates

const summary = await eventLog.queryEvents({
  from: { instance: 'i' },
  reduce: {
    groupBy: 'event_type',
    aggregates: {
      n: { type: 'count' },
      p95: { type: 'percentile', field: 'payload.ms', p: 0.95 },
      users: { type: 'countDistinct', field: 'metadata.userId' },
      top: { type: 'topK', field: 'payload.path', k: 3 },
      all: { type: 'collect', field: 'payload.ms' },
    },
  },
});
void summary;
await eventLog.queryEvents({
  from: { instance: 'i' },
  reduce: { type: 'stddev', field: 'payload.ms' },
});
const reduce: EventLogExactReduce = {
  type: 'last',
  field: 'payload.state',
  groupBy: ['stream_id'],
};
await eventLog.queryEvents({ from: { instance: 'i' }, reduce });

// Spans of time, bins, and rows that are chosen

await eventLog.queryEvents({
  from: { instance: 'i' },
  reduce: {
    aggregates: { n: { type: 'count' } },
    groupBy: [
      { field: 'timestamp', every: '1h', timeZone: 'Europe/Berlin', fill: true },
      { field: 'payload.ms', bins: [0, 10, 100] },
      'event_type',
    ],
    having: { any: [{ field: 'n', operator: 'gt', value: 1 }] },
  },
});
const groups: EventLogGroup[] = ['a', { field: 'timestamp', every: '1d' }];
await eventLog.queryEvents({ from: { instance: 'i' }, reduce: { type: 'count', groupBy: groups } });
