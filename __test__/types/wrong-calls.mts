// Calls that the contract does not allow: none may compile. A comment `@ts-expect-error` is itself an
// error when the line after it compiles.
import codebolt, { attach, eventLog, EventLog } from 'codebolt-eventlog';

// The default import
// @ts-expect-error: it has a type, under every way of resolving modules
console.log(codebolt.chat);

// Opening
// @ts-expect-error: a log is opened, not constructed
console.log(new EventLog());
// @ts-expect-error: a path is needed
await EventLog.open();
// @ts-expect-error: a path is no number
await EventLog.open(3);
// @ts-expect-error: `readonly` is spelt `readOnly`
await EventLog.open('./log.redb', { readonly: true });
// @ts-expect-error: a size is a number
await EventLog.open('./log.redb', { cacheBytes: '64 MiB' });
// @ts-expect-error: `eventLog` is a log, not a class
await eventLog.open('./log.redb');
// @ts-expect-error: an SDK object is needed
attach();
// @ts-expect-error: an SDK object has an `eventLog`
attach({ chat: 1 });
// @ts-expect-error: what is attached is a log
attach({ eventLog: undefined }, 'log.redb');
// @ts-expect-error: a callback is a function
codebolt.onReady('now');
// @ts-expect-error: whether the log is open is not for the program to say
codebolt.ready = true;

// Text
// @ts-expect-error: only three methods take text
await eventLog.callJson('getInstance', '{}');
// @ts-expect-error: text is a string or bytes
await eventLog.callJson('appendEvent', { instanceId: 'i', eventType: 't' });
// @ts-expect-error: a query may be called off
eventLog.callJsonBatch([{ method: 'queryEvents', json: '{}' }], () => {});
// @ts-expect-error: somebody has to hear of the responses
eventLog.callJsonBatch([]);
// @ts-expect-error: a query is answered as an object, or as JSON
await eventLog.queryEvents({ from: { instance: 'i' } }, { format: 'jsonl' });
// @ts-expect-error: a consumer acknowledges event by event
eventLog.subscribe({ instance: 'i', consumer: 'c', format: 'jsonl' });

// Instances
// @ts-expect-error: a name is needed
await eventLog.createInstance();
// @ts-expect-error: a name is no object
await eventLog.createInstance({ name: 'orders' });
// @ts-expect-error: a description is a string
await eventLog.createInstance('orders', 3);
// @ts-expect-error: an id is needed
await eventLog.getInstance();
// @ts-expect-error: an id is no number
await eventLog.getInstance(1);
// @ts-expect-error: what to change is needed
await eventLog.updateInstance('orders');
// @ts-expect-error: an id does not change
await eventLog.updateInstance('orders', { id: 'other' });
// @ts-expect-error: an id is needed
await eventLog.deleteInstance();
// @ts-expect-error: an id is needed
await eventLog.getInstanceStats();
// @ts-expect-error: there is no such method
await eventLog.updateEvent('1', {});

// Append parameters
// @ts-expect-error: parameters are needed
await eventLog.appendEvent();
// @ts-expect-error: the instance is needed
await eventLog.appendEvent({ eventType: 't' });
// @ts-expect-error: the type is needed
await eventLog.appendEvent({ instanceId: 'i' });
// @ts-expect-error: a type is a string
await eventLog.appendEvent({ instanceId: 'i', eventType: 1 });
// @ts-expect-error: a type is a string
await eventLog.appendEvent({ instanceId: 'i', event_type: null });
// @ts-expect-error: an instance is a string
await eventLog.appendEvent({ instanceId: 1, eventType: 't' });
// @ts-expect-error: a stream is a string
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', streamId: 5 });
// @ts-expect-error: `payload` is misspelt
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', paylod: {} });
// @ts-expect-error: the keys of a stored event are not all keys of parameters
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', sequence_number: 1 });
// @ts-expect-error: a payload is no string
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: 'text' });
// @ts-expect-error: a payload is no number
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: 1 });
// @ts-expect-error: a payload is not null
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: null });
// @ts-expect-error: a payload is no function
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: () => ({}) });
// @ts-expect-error: a payload is no `Date`
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: new Date() });
// @ts-expect-error: a `Map` would be stored as `{}`
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: new Map([['a', 1]]) });
// @ts-expect-error: a promise that was not awaited would be stored as `{}`
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', payload: Promise.resolve({}) });
// @ts-expect-error: metadata is no string
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', metadata: 'text' });
// @ts-expect-error: a timestamp is no boolean
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', timestamp: true });
// @ts-expect-error: a flag is a boolean
await eventLog.appendEvent({ instanceId: 'i', eventType: 't', autoCreateInstance: 'yes' });
// @ts-expect-error: events are needed
await eventLog.appendEvents({ instanceId: 'i' });
// @ts-expect-error: events are an array
await eventLog.appendEvents({ instanceId: 'i', events: { eventType: 't' } });
// @ts-expect-error: each event needs a type
await eventLog.appendEvents({ instanceId: 'i', events: [{ eventType: 't' }, { payload: {} }] });
// @ts-expect-error: the instance is of the batch, not of an event
await eventLog.appendEvents({ instanceId: 'i', events: [{ eventType: 't', instanceId: 'j' }] });
// @ts-expect-error: the type is of an event, not of the batch
await eventLog.appendEvents({ instanceId: 'i', eventType: 't', events: [] });

// Queries
const from = { instance: 'i' };
// @ts-expect-error: a query is needed
await eventLog.queryEvents();
// @ts-expect-error: a query says where to look
await eventLog.queryEvents({ limit: 10 });
// @ts-expect-error: the instance is needed
await eventLog.queryEvents({ from: { stream: 's' } });
// @ts-expect-error: `from` is an object
await eventLog.queryEvents({ from: 'i' });
// @ts-expect-error: a stream in `from` has one spelling
await eventLog.queryEvents({ from: { instance: 'i', streamId: 's' } });
// @ts-expect-error: conditions are an array
await eventLog.queryEvents({ from, where: { field: 'id', operator: 'eq', value: '1' } });
// @ts-expect-error: there is no such operator
await eventLog.queryEvents({ from, where: [{ field: 'id', operator: '==', value: '1' }] });
// @ts-expect-error: there is no such operator
await eventLog.queryEvents({ from, where: [{ field: 'id', operator: 'like', value: '1' }] });
// @ts-expect-error: a condition has a value
await eventLog.queryEvents({ from, where: [{ field: 'id', operator: 'eq' }] });
// @ts-expect-error: a condition has a field
await eventLog.queryEvents({ from, where: [{ operator: 'eq', value: '1' }] });
// @ts-expect-error: `in` takes an array
await eventLog.queryEvents({ from, where: [{ field: 'id', operator: 'in', value: '1' }] });
// @ts-expect-error: `between` takes two values
await eventLog.queryEvents({ from, where: [{ field: 'id', operator: 'between', value: ['1'] }] });
// @ts-expect-error: `null` has no order
await eventLog.queryEvents({ from, where: [{ field: 'id', operator: 'gt', value: null }] });
// @ts-expect-error: a percentile is of a part of all
await eventLog.queryEvents({ from, reduce: { type: 'percentile', field: 'a' } });
// @ts-expect-error: there is no such type
await eventLog.queryEvents({ from, reduce: { aggregates: { n: { type: 'median', field: 'a' } } } });
// @ts-expect-error: among others, a collection is of a field
await eventLog.queryEvents({ from, reduce: { aggregates: { n: { type: 'collect' } } } });
const type = 'count';
// @ts-expect-error: only the event's time has spans
await eventLog.queryEvents({ from, reduce: { type, groupBy: { field: 'a', every: '1h' } } });
// @ts-expect-error: bins are numbers
await eventLog.queryEvents({ from, reduce: { type, groupBy: { field: 'a', bins: ['1'] } } });
// @ts-expect-error: there is no such tree
await eventLog.queryEvents({ from, where: { or: [] } });
// @ts-expect-error: `any` takes an array
await eventLog.queryEvents({ from, where: { any: { not: { any: [] } } } });
// @ts-expect-error: `not` takes one part
await eventLog.queryEvents({ from, where: { not: [] } });
// @ts-expect-error: a condition in a tree has its operator's value
await eventLog.queryEvents({ from, where: { not: { field: 'a', operator: 'exists', value: 1 } } });
// @ts-expect-error: a prefix is a string
await eventLog.queryEvents({ from, where: [{ field: 'a', operator: 'startsWith', value: 1 }] });
// @ts-expect-error: two fields are not compared by a list
await eventLog.queryEvents({ from, where: [{ field: 'a', operator: 'in', valueField: 'b' }] });
// @ts-expect-error: fields are an array
await eventLog.queryEvents({ from, select: 'id' });
// @ts-expect-error: there is no such direction
await eventLog.queryEvents({ from, orderBy: { field: 'id', direction: 'down' } });
// @ts-expect-error: an order has a field
await eventLog.queryEvents({ from, orderBy: { direction: 'asc' } });
// @ts-expect-error: a limit is a number
await eventLog.queryEvents({ from, limit: '10' });
// @ts-expect-error: `orderBy` is misspelt
await eventLog.queryEvents({ from, orderby: { field: 'id' } });
// @ts-expect-error: all but `count` need a field
await eventLog.queryEvents({ from, reduce: { type: 'sum' } });
// @ts-expect-error: there is no such reduction
await eventLog.queryEvents({ from, reduce: { type: 'median', field: 'payload.a' } });
// @ts-expect-error: groups are made by the names of fields
await eventLog.queryEvents({ from, reduce: { type: 'count', groupBy: { field: 'event_type' } } });
// @ts-expect-error: a signal is no number
await eventLog.queryEvents({ from }, 1000);
// @ts-expect-error: `signal` is misspelt
await eventLog.queryEvents({ from }, { sginal: AbortSignal.timeout(1000) });
// @ts-expect-error: `signal` is an `AbortSignal`
await eventLog.queryEvents({ from }, { signal: 'abort' });
// @ts-expect-error: a flag is a boolean
await eventLog.queryEvents({ from, explain: 'yes' });
// @ts-expect-error: `instance` is misspelt
eventLog.exportEvents({ instanceId: 'i' });
// @ts-expect-error: one instance, or all of them
eventLog.exportEvents({ instance: ['a', 'b'] });
// @ts-expect-error: a signal is in the options
eventLog.exportEvents(AbortSignal.timeout(1000));
// @ts-expect-error: an import has a source
await eventLog.importEvents();
// @ts-expect-error: lines are text or bytes
await eventLog.importEvents([{ format: 'codebolt-eventlog', version: 1 }]);
// @ts-expect-error: all instances of the lines are imported
await eventLog.importEvents([''], { instance: 'i' });
// @ts-expect-error: an import tells how far it is
await eventLog.importEvents([''], { onProgress: ({ percent }) => percent });
// @ts-expect-error: what was there is under another name
console.log((await eventLog.strict.importEvents([''])).skipped);
// @ts-expect-error: a copy has another log
await eventLog.copyTo();
// @ts-expect-error: what it is copied to is open
await eventLog.copyTo('other.redb');
// @ts-expect-error: all of the log is checked
await eventLog.verify({ instance: 'i' });
// @ts-expect-error: a signal is in the options
await eventLog.verify(AbortSignal.timeout(1000));
// @ts-expect-error: a backup goes to a path
await eventLog.backup();
// @ts-expect-error: nothing is overwritten
await eventLog.backup('copy.redb', { overwrite: true });
// @ts-expect-error: nothing tells how far a compaction is
await eventLog.compact({ onProgress: console.log });
// @ts-expect-error: what is wrong is told by `what`
console.log((await eventLog.strict.verify()).problems[0]?.message);
// @ts-expect-error: an append is not called off
await eventLog.appendEvent({ instanceId: 'i', eventType: 't' }, AbortSignal.timeout(1000));

// Responses
const response = await eventLog.appendEvent({ instanceId: 'i', eventType: 't' });
// @ts-expect-error: the promise was not awaited
console.log(eventLog.appendEvent({ instanceId: 'i', eventType: 't' }).data);
// @ts-expect-error: a response that was not checked may have no data
console.log(response.data.event);
// @ts-expect-error: a stored event has no such key
if (response.success) console.log(response.data.event.streamId);
// @ts-expect-error: one event, not several
if (response.success) console.log(response.data.events);
// @ts-expect-error: a failed response has no data
if (!response.success) console.log(response.data.event);
// @ts-expect-error: without a check there may be no error
console.log(response.error.length);
// @ts-expect-error: there is no such code
if (response.code === 'NOT_FOUND') console.log(response.error);

// Expecting where a stream stands
// @ts-expect-error: a number or 'exists'
await eventLog.appendEvent({ instanceId: 'a', eventType: 'b', expectedSequence: 'none' });
// @ts-expect-error: one event has one stream
await eventLog.appendEvent({ instanceId: 'a', eventType: 'b', expectedSequences: { s: 1 } });
// @ts-expect-error: a batch has many streams
await eventLog.appendEvents({ instanceId: 'a', events: [], expectedSequence: 1 });
// @ts-expect-error: what is expected is said of the whole batch
await eventLog.appendEvents({ instanceId: 'a', events: [{ eventType: 'b', expectedSequence: 1 }] });
// @ts-expect-error: a number or 'exists' for each stream
await eventLog.appendEvents({ instanceId: 'a', events: [], expectedSequences: { s: '1' } });

// Failing if there is an event
const params = { instanceId: 'a', eventType: 'b' };
// @ts-expect-error: conditions are needed
await eventLog.appendEvent({ instanceId: 'a', eventType: 'b', failIf: { afterPosition: 7 } });
// @ts-expect-error: a position is a number
eventLog.appendEvent({ ...params, failIf: { where: [], afterPosition: '7' } });
// @ts-expect-error: conditions are about the whole batch
await eventLog.appendEvents({ instanceId: 'a', events: [{ eventType: 'b', failIf: [] }] });

// Making a call again
// @ts-expect-error: a key is a string
await eventLog.appendEvent({ instanceId: 'a', eventType: 'b', idempotencyKey: 7 });
// @ts-expect-error: a batch has one key
await eventLog.appendEvents({ instanceId: 'a', events: [{ eventType: 'b', idempotencyKey: 'c' }] });

// Reading in a row
// @ts-expect-error: a stream has a name
eventLog.readStream({ instance: 'i' });
// @ts-expect-error: there are two directions
eventLog.readAll({ instance: 'i', direction: 'desc' });
// @ts-expect-error: a stream goes by its numbers
eventLog.readStream({ instance: 'i', stream: 's', afterPosition: 5 });
// @ts-expect-error: it is a reader, and no promise of a response
console.log((await eventLog.readAll({ instance: 'i' })).data);
for await (const event of eventLog.readAll<{ a: 1 }>({ instance: 'i' })) {
  // @ts-expect-error: the payload was said to be another one
  console.log(event.payload.b);
}
const [queried] = (await eventLog.strict.queryEvents({ from: { instance: 'i' } })).result.events;
// @ts-expect-error: an event of a query does not say where it stands
console.log(queried?.position);
// @ts-expect-error: which instance?
await eventLog.listStreams({ prefix: 's' });

// Following
// @ts-expect-error: a position, or the end
eventLog.subscribe({ instance: 'i', afterPosition: 'start' });
// @ts-expect-error: it goes one way
eventLog.subscribe({ instance: 'i', direction: 'backward' });
// @ts-expect-error: it is not for the program to say
eventLog.subscribe({ instance: 'i' }).caughtUp = true;

// Consumers
// @ts-expect-error: without a consumer there is nobody who is done
await (await eventLog.subscribe({ instance: 'i' }).next()).value?.ack();
// @ts-expect-error: nor anything to store that with
console.log((await eventLog.subscribe({ instance: 'i' }).next()).value?.checkpoint);
declare const maybe: string | undefined;
// @ts-expect-error: it is not known whether there is a consumer
await (await eventLog.subscribe({ instance: 'i', consumer: maybe }).next()).value?.ack();
// @ts-expect-error: it is one of three
eventLog.subscribe({ instance: 'i', consumer: 'c', onFailed: 'dead-letter' });
// @ts-expect-error: how many attempts must be said
eventLog.subscribe({ instance: 'i', consumer: 'c', retry: { delayMs: 5 } });
// @ts-expect-error: a delay is a number
eventLog.subscribe({ instance: 'i', consumer: 'c', retry: { attempts: 2, delayMs: '5s' } });
// @ts-expect-error: positions are a list
await eventLog.retryParked({ instance: 'i', consumer: 'c', positions: 3 });
// @ts-expect-error: it is not known what is parked without a consumer
await eventLog.listParked({ instance: 'i' });
// @ts-expect-error: the name of a consumer is a string
eventLog.subscribe({ instance: 'i', consumer: 1 as number | undefined });
const checkpoint = { consumer: 'c', position: 1 };
// @ts-expect-error: a batch has one checkpoint
await eventLog.appendEvents({ instanceId: 'i', events: [{ eventType: 'a', checkpoint }] });
// @ts-expect-error: which position?
await eventLog.appendEvent({ instanceId: 'i', eventType: 'a', checkpoint: { consumer: 'c' } });
// @ts-expect-error: where to?
await eventLog.resetConsumer({ instance: 'i', consumer: 'c' });

// Projections
// @ts-expect-error: nothing to begin with
await eventLog.project({ instance: 'i', apply: (state: number) => state });
// @ts-expect-error: another state than it began with
await eventLog.project<number>({ instance: 'i', initial: 0, apply: (state) => `${state}` });

// Decisions
// @ts-expect-error: a stream is decided on
await eventLog.decide({ instance: 'i', initial: 0, apply: (n) => n, decide: () => null });
const decided = { instance: 'i', stream: 's', initial: 0, apply: (n: number) => n };
// @ts-expect-error: an event has a type
await eventLog.decide({ ...decided, decide: () => ({ payload: {} }) });
// @ts-expect-error: it is no event
await eventLog.decide({ ...decided, decide: () => 'opened' });
// @ts-expect-error: a decision is on one stream
await eventLog.decide({ ...decided, decide: () => ({ eventType: 't', stream_id: 'other' }) });

// Other formats
// @ts-expect-error: there is no such format
eventLog.exportEvents({ format: 'xml' });
// @ts-expect-error: there is no such type
eventLog.exportEvents({ format: 'csv', columns: { a: { field: 'payload.a', type: 'int32' } } });
// @ts-expect-error: a mapping has paths
await eventLog.importEvents([], { format: 'json-lines', instance: 'i', map: { type: ['$.kind'] } });
