// Exports, imports, checks, copies and evidence that the contract allows: each has to compile.
import {
  eventLog,
  EventLog,
  fromCloudEvent,
  openReplica,
  toCloudEvent,
  unwrap,
  type EventLogBackupResponse,
  type EventLogCompactResponse,
  type EventLogCopyResponse,
  type EventLogMetricsResponse,
  type EventLogCounts,
  type EventLogExportOptions,
  type EventLogImportOptions,
  type EventLogImportResponse,
  type EventLogImportSource,
  type EventLogKeyService,
  type EventLogOperationOptions,
  type EventLogProblem,
  type EventLogProgress,
  type EventLogReplica,
  type EventLogReport,
  type EventLogVerifyResponse,
} from 'codebolt-eventlog';
import {
  EvidenceError,
  cosignCheckpoint,
  generateKeys,
  readProof,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
  type EvidenceKeys,
  type InclusionProof,
} from 'codebolt-eventlog/evidence';
import { holds, type Same } from './same.mjs';

declare const log: EventLog;
declare const signal: AbortSignal;

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
const other = await EventLog.open(':memory:');
const copied = await eventLog.copyTo(other, { signal, onProgress, follow: true, until: signal });
holds<Same<typeof copied, EventLogCopyResponse>>();
await eventLog.copyTo(other.typed<{ made: { n: number } }>());
const replica = await openReplica(new URL('postgres://h/d'), 'r.redb', {
  cacheBytes: 2_000_000,
  source: { ca: 'ca.pem' },
});
holds<Same<typeof replica, EventLogReplica>>();
const { events: lacking, failure: kept } = unwrap(await replica.behind());
console.log(lacking ?? 0, kept?.code, (await replica.catchUp({ signal })).success);
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

// Retention

await log.createInstance('kept', undefined, { retention: { maxAgeMs: 86_400_000 } });
const ruled = await log.strict.updateInstance('kept', {
  retention: { maxEvents: 5, maxBytes: 1e6, archive: { path: 'archive' }, force: true },
});
console.log(ruled.instance.retention?.archive?.path.trim(), ruled.instance.retentionError?.code);
await log.updateInstance('kept', { retention: null });
const [applied] = (await log.strict.applyRetention({ instance: 'kept' })).instances;
console.log(applied?.firstPosition.toFixed(), applied?.heldBy?.consumer.trim());
console.log((await log.strict.metrics()).retention.lastError?.error.trim());
const byPrefix = { retention: { streams: [{ prefix: 'session-', maxAgeMs: 5 }] } };
const [ofStreams] =
  (await log.strict.updateInstance('kept', byPrefix)).instance.retention?.streams ?? [];
console.log(ofStreams?.prefix.trim(), ofStreams?.maxEvents?.toFixed());
const ofStream = { instance: 'kept', stream: 'a', beforeSequence: 1, archive: { path: 'archive' } };
console.log((await log.strict.trimStream(ofStream)).firstSequence.toFixed());

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
const service: EventLogKeyService = {
  wrap: async (key, options) => (options.signal.aborted ? new Uint8Array() : key),
  unwrap: (wrapped) => wrapped,
  timeoutMs: 5_000,
};
await (await EventLog.open('held.redb', { key: service })).rotateKey(service);
const proven: InclusionProof = await log.strict.proveInclusion({ instance: 'shop', position: 1 });
const witness = await generateKeys('witness.example', { for: 'witness' });
const cosigned = await cosignCheckpoint(signed.note, witness.signingKey, {
  key: keys.verifierKey,
  origin: 'shop',
  last: null,
});
const asked = { origin: 'shop', witnesses: [witness.verifierKey], witnessesMin: 1 };
const checkpoint = await verifyCheckpoint(cosigned.note, keys.verifierKey, asked);
console.log(checkpoint.cosigners?.map(({ name, time }) => `${name} ${time ?? ''}`));
console.log((await verifyProof(proven, checkpoint)).payload?.length, checkpoint.size.toFixed());
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
