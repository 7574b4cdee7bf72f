// Each option that may be left out may be `undefined`, in every method that takes one.
import {
  EventLog,
  attach,
  fromCloudEvent,
  toCloudEvent,
  type AppendEventsParams,
  type EventLogEntry,
  type EventLogExpectedSequence,
} from 'codebolt-eventlog';

declare const text: string | undefined;
declare const count: number | undefined;
declare const flag: boolean | undefined;
declare const signal: AbortSignal | undefined;
declare const onProgress: (() => void) | undefined;
declare const direction: 'forward' | 'backward' | undefined;
declare const sequences: Record<string, EventLogExpectedSequence> | undefined;
declare const entry: EventLogEntry;

const log = await EventLog.open('./log.redb', {
  exclusive: flag,
  readOnly: flag,
  cacheBytes: count,
  queuedBytesMax: count,
  lockWaitMs: count,
  autoCreateInstances: flag,
  clock: undefined,
  events: undefined,
  unknownEvents: undefined,
  validateReads: flag,
  upcasters: undefined,
});
const guards = { checkpoint: undefined, failIf: undefined, idempotencyKey: text };
const common = { timestamp: count, payload: undefined, metadata: undefined };
await log.appendEvent({ instanceId: 'i', eventType: 't', ...common, ...guards });
const batch: AppendEventsParams = {
  instanceId: 'i',
  autoCreateInstance: flag,
  expectedSequences: sequences,
  events: [{ eventType: 't', streamId: text, ...common }],
  ...guards,
};
await log.appendEvents(batch);
await log.appendEvents({ instanceId: 'i', events: [], expectedSequences: sequences });
await log.callJson('appendEvent', '{}', { requestId: count, under: text });
await log.callJson('queryEvents', '{}', { signal, requestId: text });
const from = { instance: 'i', stream: text };
const ignoreCase = flag;
await log.queryEvents({
  from,
  where: [{ field: 'a', operator: 'eq', value: 'b', ignoreCase }],
  orderBy: { field: 'a', direction: undefined },
  offset: count,
  explain: flag,
});
const every = { field: 'timestamp', every: '1h', timeZone: text, fill: flag } as const;
await log.queryEvents({ from, reduce: { type: 'count', field: text, groupBy: every } });
await log.queryEvents({ from, reduce: { type: 'topK', field: 'a', k: count, having: undefined } });
const bins = { field: 'a', bins: [1], fill: flag };
await log.queryEvents({ from, reduce: { type: 'collect', field: text, groupBy: bins } });
const related = { correlationId: text, causationId: text, whole: flag };
log.readAll({ instance: 'i', afterPosition: count, direction, where: undefined, ...related });
log.readStream({
  instance: 'i',
  stream: 's',
  fromSequence: count,
  direction,
  limit: count,
  signal,
});
const awaitInstance = flag;
const following = { instance: 'i', stream: text, where: undefined, signal, awaitInstance };
log.subscribe({ ...following, afterPosition: count });
log.subscribe({ ...following, consumer: text });
log.subscribe({ ...following, consumer: 'c', retry: undefined, onFailed: undefined });
const retry = { attempts: 2, delayMs: undefined };
log.subscribe({ ...following, consumer: 'c', retry, onFailed: 'park' });
const kept = { name: text, version: count, snapshotEvery: count, signal };
const fold = { instance: 'i', initial: 0, apply: () => 0, ...kept };
await log.project({ ...fold, stream: text, where: undefined, awaitInstance });
const decided = { idempotencyKey: text, retries: count, autoCreateInstance: flag };
await log.decide({ ...fold, stream: 's', decide: () => [], ...decided });
const page = { after: text, limit: count };
await log.listStreams({ instance: 'i', prefix: text, ...page });
await log.listConsumers({ instance: 'i', ...page });
await log.listParked({ instance: 'i', consumer: 'c', after: count, limit: count });
await log.retryParked({ instance: 'i', consumer: 'c', positions: undefined });
await log.discardParked({ instance: 'i', consumer: 'c', positions: undefined });
await log.deleteSnapshots({ instance: 'i', name: text });
const columns = { a: { field: 'payload.a', type: undefined } };
log.exportEvents({ instance: text, format: undefined, columns, signal, onProgress });
log.exportEvents({ columns: undefined });
const own = { format: undefined, instance: undefined, map: undefined, dryRun: undefined };
await log.importEvents([], { ...own, signal, onProgress });
const map = { stream: text, type: text, time: text, timeUnit: undefined, payload: text };
const mapped = { ...map, metadata: text, id: text };
await log.importEvents([], { format: 'pino', instance: 'i', map: mapped, dryRun: flag, signal });
await log.copyTo(log, { follow: flag, until: signal, signal, onProgress });
await log.checkpoint({ instance: 'i', key: text, keyFile: undefined, origin: text, signal });
await log.proveInclusion({ instance: 'i', position: 1, size: count });
await log.proveConsistency({ instance: 'i', oldSize: 1, newSize: count });
await log.verify({ signal, onProgress, checkpoints: undefined });
const checkpoints = [{ instance: 'i', note: 'n', key: 'k', origin: text }];
await log.verify({ checkpoints });
await log.backup('./copy.redb', { signal, onProgress });
await log.compact({ signal });
log.typed({
  events: undefined,
  unknownEvents: undefined,
  validateReads: flag,
  upcasters: undefined,
});
toCloudEvent(entry, { source: text });
fromCloudEvent({}, { stream: text });
attach({}, undefined);
