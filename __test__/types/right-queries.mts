// Queries that the contract allows, and texts of JSON in the place of values: each has to compile.
import {
  eventLog,
  isStringified,
  unwrap,
  type EventLogJsonCall,
  type EventLogCondition,
  type EventLogDSL,
  type EventLogExactReduce,
  type EventLogGroup,
  type EventLogQueryOptions,
  type EventLogQueryPlan,
  type EventLogWhere,
  type EventLogWherePart,
} from 'codebolt-eventlog';
import { holds, type Same } from './same.mjs';

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
