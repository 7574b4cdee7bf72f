// Under `exactOptionalPropertyTypes`, what may be left out may be `undefined`: a program passes on what it was given.
import { EventLog, type AppendEventParams, type EventLogDSL } from 'codebolt-eventlog';

declare const text: string | undefined;
declare const count: number | undefined;
declare const flag: boolean | undefined;
declare const signal: AbortSignal | undefined;

const log = await EventLog.open('./log.redb', {
  exclusive: flag,
  readOnly: flag,
  cacheBytes: count,
  lockWaitMs: count,
  autoCreateInstances: flag,
  clock: undefined,
});
const params: AppendEventParams = { instanceId: 'i', eventType: text, streamId: text };
await log.appendEvent(params);
await log.appendEvent({
  instanceId: 'i',
  eventType: 't',
  streamId: text,
  payload: undefined,
  metadata: undefined,
  timestamp: count,
  autoCreateInstance: flag,
  expectedSequence: count,
  idempotencyKey: text,
  failIf: { where: [], afterPosition: count },
});
await log.appendEvents({ instanceId: 'i', events: [{ eventType: 't', stream_id: text }] });
const query: EventLogDSL = {
  from: { instance: 'i', stream: text },
  where: undefined,
  select: undefined,
  orderBy: undefined,
  limit: count,
  reduce: undefined,
};
await log.queryEvents(query, { signal });
await log.createInstance('i', text, { ifExists: undefined });
await log.updateInstance('i', { name: text, description: text });
for await (const event of log.readAll({ instance: 'i', limit: count, signal })) void event;
for await (const event of log.subscribe({ instance: 'i', stream: text, signal })) void event;
await log.project({ instance: 'i', stream: text, initial: 0, apply: () => 0, signal });
await log.verify({ signal, onProgress: undefined });
const listed = await log.listStreams({ instance: 'i', prefix: text });
console.log(listed.data?.streams[0]?.stream_id);
