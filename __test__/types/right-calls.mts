// Calls that the contract allows, each of which has to compile: opening, instances, appends, and the object of the SDK.
import codebolt, {
  attach,
  Codebolt,
  eventLog,
  EventLog,
  onReady,
  ready,
  unwrap,
  waitForConnection,
  waitForReady,
  type AppendEventParams,
  type AppendEventsParams,
  type CodeboltEventLog,
  type EventLogBaseResponse,
  type EventLogCondition,
  type EventLogEntry,
  type EventLogError,
  type EventLogErrorCode,
  type EventLogOptions,
  type EventLogResponse,
} from 'codebolt-eventlog';
import { holds, type Same } from './same.mjs';

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
report(created);
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

// Errors
const failedTool = { instanceId: 'tools', eventType: 'failed' };
await log.appendEvent({ ...failedTool, payload: new Error('boom'), metadata: new RangeError('x') });
await log.appendEvent({ ...failedTool, payload: { tool: 'x', error: new Error('boom') } });
