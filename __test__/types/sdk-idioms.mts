// What programs do with the SDK's types: each has to compile with this package's.
import codebolt, {
  eventLog,
  type AppendEventParams,
  type AppendEventsParams,
  type CreateEventLogInstanceParams,
  type EventLogAppendResponse,
  type EventLogBaseResponse,
  type EventLogCondition,
  type EventLogDSL,
  type EventLogEntry,
  type EventLogInstance,
  type EventLogQueryResponse,
  type EventLogQueryResult,
  type UpdateEventLogInstanceParams,
} from 'codebolt-eventlog';

// Interfaces are extended, with payloads and keys of a program's own.
interface Traced extends AppendEventParams {
  payload: { traceId: string };
  priority: number;
}
interface TracedBatch extends AppendEventsParams {
  source: string;
}
interface NamedCondition extends EventLogCondition {
  label: string;
}
interface OrderEntry extends EventLogEntry {
  payload: { total: number };
}
interface Owned extends EventLogInstance {
  owner: string;
}
interface Result extends EventLogQueryResult {
  page: number;
}
declare const traced: Traced;
declare const tracedBatch: TracedBatch;
declare const named: NamedCondition;
declare const result: Result;
await eventLog.appendEvent(traced);
await eventLog.appendEvents(tracedBatch);
await eventLog.queryEvents({ from: { instance: 'i' }, where: [named] });
const owned = (instance: EventLogInstance): Owned => ({ ...instance, owner: 'ada' });
const total = (entry: OrderEntry): number => entry.payload.total + result.page;
console.log(owned, total);

// Values with the shapes of the SDK's own types are passed.
interface SdkCondition {
  field: string;
  operator: 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'contains' | 'in' | 'between';
  value: any;
}
interface SdkQuery {
  from: { instance: string; stream?: string };
  where?: SdkCondition[];
  select?: string[];
  orderBy?: { field: string; direction: 'asc' | 'desc' };
  limit?: number;
  offset?: number;
  reduce?: {
    type: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'collect';
    field?: string;
    groupBy?: string[];
  };
}
interface SdkAppend {
  instanceId: string;
  stream_id?: string;
  streamId?: string;
  event_type?: string;
  eventType?: string;
  payload?: Record<string, any>;
  metadata?: Record<string, any>;
  autoCreateInstance?: boolean;
}
declare const sdkQuery: SdkQuery;
declare const sdkAppend: SdkAppend;
declare const sdkBatch: {
  instanceId: string;
  events: Omit<SdkAppend, 'instanceId' | 'autoCreateInstance'>[];
  autoCreateInstance?: boolean;
};
await codebolt.eventLog.queryEvents(sdkQuery);
await codebolt.eventLog.appendEvent(sdkAppend);
await codebolt.eventLog.appendEvents(sdkBatch);
const ours: [EventLogDSL, AppendEventParams, AppendEventsParams] = [sdkQuery, sdkAppend, sdkBatch];
const theirs: [SdkQuery['where'], SdkAppend['payload']] = [ours[0].where, ours[1].metadata];
console.log(theirs);

// Queries are built up piece by piece, in arrays that grow.
const query: EventLogDSL = { from: { instance: 'i' } };
query.where ??= [];
query.where.push({ field: 'event_type', operator: 'eq', value: 'login' });
(query.select ??= []).push('payload');
query.limit = 10;
await eventLog.queryEvents(query);
const conditions: EventLogCondition[] = [];
conditions.push({ field: 'payload.n', operator: 'gt', value: 1 });
await eventLog.queryEvents({
  from: { instance: 'i' },
  where: conditions,
  reduce: { type: 'count', groupBy: ['event_type'] },
});
for await (const event of eventLog.readAll({ instance: 'i', where: conditions })) void event;

// What a condition compares with is unknown, as where a tool of an agent was called.
declare const called: { field: string; operator: EventLogCondition['operator']; value: unknown };
await eventLog.queryEvents({ from: { instance: 'i' }, where: [called] });
const filter = (value: unknown): EventLogCondition => ({ field: 'a', operator: 'eq', value });
await eventLog.queryEvents({ from: { instance: 'i' }, where: ['a', 1].map(filter) });
declare const type: NonNullable<EventLogDSL['reduce']>['type'];
await eventLog.queryEvents({ from: { instance: 'i' }, reduce: { type } });

// What is fixed stays fixed.
const fixed = {
  from: { instance: 'i' },
  where: [{ field: 'event_type', operator: 'in', value: ['a', 'b'] }],
  select: ['id'],
} as const;
await eventLog.queryEvents(fixed);
const fixedEvents = [{ eventType: 'a' }, { event_type: 'b' }] as const;
await eventLog.appendEvents({ instanceId: 'i', events: fixedEvents });

// Parameters are taken from the methods.
type Append = Parameters<typeof codebolt.eventLog.appendEvent>[0];
const append: Append = { instanceId: 'i', event_type: 't' };
await codebolt.eventLog.appendEvent(append);
type Appended = Awaited<ReturnType<typeof codebolt.eventLog.appendEvent>>;
const keep: Appended[] = [await codebolt.eventLog.appendEvent(append)];
console.log(keep[0]?.data?.event.id);

// What the SDK's programs read of a response without a check of `success`.
const response = await codebolt.eventLog.queryEvents({ from: { instance: 'i' } });
console.log(response.data?.result.events?.map((event) => event.payload['any']));
if (!response.success) console.log(response.error || response.message || 'Unknown error');
const base: EventLogBaseResponse = response;
console.log(base.data?.result, base.error);
const { data } = await codebolt.eventLog.appendEvent(append);
if (data) console.log(data.event.sequence_number);

// A stand-in for the module in a test has the nine methods, and responses without a code.
const instance: EventLogInstance = { id: '1', name: 'i', createdAt: '', updatedAt: '' };
const told = { timestamp: '', requestId: '' };
const failed: EventLogAppendResponse = {
  type: 'eventLog.appendEvent',
  success: false,
  error: 'down',
  ...told,
};
const mock: typeof codebolt.eventLog = {
  createInstance: async (name) => ({
    type: 'eventLog.createInstance',
    success: true,
    data: { instance: { ...instance, name } },
    ...told,
  }),
  getInstance: async () => ({
    type: 'eventLog.getInstance',
    success: false,
    error: 'not found',
    ...told,
  }),
  listInstances: async () => ({
    type: 'eventLog.listInstances',
    success: true,
    data: { instances: [instance] },
    ...told,
  }),
  updateInstance: async (_id: string, { name = '' }: UpdateEventLogInstanceParams) => ({
    type: 'eventLog.updateInstance',
    success: true,
    data: { instance: { ...instance, name } },
    ...told,
  }),
  deleteInstance: async () => ({
    type: 'eventLog.deleteInstance',
    success: true,
    data: { instance },
    ...told,
  }),
  appendEvent: async (params: AppendEventParams) => (params.eventType ? failed : failed),
  appendEvents: async ({ events }: AppendEventsParams) => ({
    type: 'eventLog.appendEvents',
    success: true,
    data: { events: [], count: events.length },
    ...told,
  }),
  queryEvents: async ({ limit }: EventLogDSL): Promise<EventLogQueryResponse> => ({
    type: 'eventLog.queryEvents',
    success: true,
    data: { result: { events: [], total: limit ?? 0 } },
    ...told,
  }),
  getInstanceStats: async (instanceId) => ({
    type: 'eventLog.getInstanceStats',
    success: true,
    data: {
      instanceId,
      name: 'i',
      eventCount: 0,
      streamCount: 0,
      storedBytes: 0,
      firstPosition: 1,
      createdAt: '',
      updatedAt: '',
    },
    ...told,
  }),
};
const program = (log: typeof codebolt.eventLog) => log.listInstances();
await program(mock);
await program(eventLog);

// Parameters of instances, as one object.
const made: CreateEventLogInstanceParams = { name: 'i' };
await eventLog.createInstance(made.name, made.description);
