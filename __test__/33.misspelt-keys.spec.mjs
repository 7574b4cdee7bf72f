// A key that is near to a known one is refused: a guard that is dropped does not guard, and a payload that is dropped is lost.

import test from 'ava';

import { EventLog } from '../index.mjs';
import { created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openLog, temporaryPath } from './support/temporary.mjs';

const MISSPELT = {
  expectedVersion: [99, 'expectedSequence'],
  expectedRevision: [99, 'expectedSequence'],
  expected_version: [99, 'expectedSequence'],
  expectedSequenceNumber: [99, 'expectedSequence'],
  expected_sequence: [99, 'expectedSequence'],
  expectedsequence: [99, 'expectedSequence'],
  expectedSeqence: [99, 'expectedSequence'],
  expectedSeq: [99, 'expectedSequence'],
  expectedVersions: [99, 'expectedSequence'],
  expectVersion: [99, 'expectedSequence'],
  ifVersion: [99, 'expectedSequence'],
  idempotencykey: ['k', 'idempotencyKey'],
  idempotency: ['k', 'idempotencyKey'],
  idempotencyToken: ['k', 'idempotencyKey'],
  dedupe: ['k', 'idempotencyKey'],
  idempotency_key: ['k', 'idempotencyKey'],
  'idempotency-key': ['k', 'idempotencyKey'],
  idempotencyId: ['k', 'idempotencyKey'],
  dedupeKey: ['k', 'idempotencyKey'],
  deduplicationId: ['k', 'idempotencyKey'],
  failif: [[], 'failIf'],
  fail_if: [[], 'failIf'],
  faliIf: [[], 'failIf'],
  condition: [[], 'failIf'],
  failWhen: [[], 'failIf'],
  data: [{ a: 1 }, 'payload'],
  body: [{ a: 1 }, 'payload'],
  playload: [{ a: 1 }, 'payload'],
  Payload: [{ a: 1 }, 'payload'],
  paylod: [{ a: 1 }, 'payload'],
  meta: [{ a: 1 }, 'metadata'],
  metaData: [{ a: 1 }, 'metadata'],
  stream: ['s', 'streamId'],
  streamid: ['s', 'streamId'],
  aggregateId: ['s', 'streamId'],
  type: ['t', 'eventType'],
  time: [0, 'timestamp'],
  time_stamp: [0, 'timestamp'],
  createdAt: [0, 'timestamp'],
  instance: ['i', 'instanceId'],
  auto_create_instance: [true, 'autoCreateInstance'],
  autoCreateInstances: [true, 'autoCreateInstance'],
  checkpiont: [{ consumer: 'c', position: 1 }, 'checkpoint'],
};

/** What belongs beside `events`, and not into each of them. */
const OF_CALL = ['instanceId', 'autoCreateInstance'];

for (const [key, [value, meant]] of Object.entries(MISSPELT)) {
  test(`${key} is refused: did you mean ${meant}?`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    const event = { eventType: 'made', payload: { kept: true } };
    const one = await log.appendEvent({ instanceId: 'orders', ...event, [key]: value });
    failed(t, one, 'appendEvent', 'INVALID_ARGUMENT');
    t.is(one.error, `${key}: unknown key; did you mean ${meant}?`);
    if (!OF_CALL.includes(meant)) {
      const events = [event, { ...event, [key]: value }];
      const batch = await log.appendEvents({ instanceId: 'orders', events });
      failed(t, batch, 'appendEvents', 'INVALID_ARGUMENT');
      t.is(batch.error, `events[1].${key}: unknown key; did you mean ${meant}?`);
    }
    t.deepEqual(await eventsOf(t, log, 'orders'), []);
  });
}

for (const [key, meant] of [
  ['expectedVersion', 'expectedSequences'],
  ['expectedVersions', 'expectedSequences'],
  ['expectedSeqs', 'expectedSequences'],
  ['expected_sequences', 'expectedSequences'],
  ['idempotencykey', 'idempotencyKey'],
  ['failif', 'failIf'],
  ['event', 'events'],
  ['Events', 'events'],
]) {
  test(`${key} beside events is refused: did you mean ${meant}?`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    const params = { instanceId: 'orders', events: [{ eventType: 'made' }], [key]: {} };
    const response = await log.appendEvents(params);
    failed(t, response, 'appendEvents', 'INVALID_ARGUMENT');
    t.is(response.error, `${key}: unknown key; did you mean ${meant}?`);
    t.deepEqual(await eventsOf(t, log, 'orders'), []);
  });
}

test('a key that belongs to another place is refused: it would be dropped', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const event = { eventType: 'made', payload: { kept: true } };
  const inGuard = 'give `failIf: { where, afterPosition }`';
  for (const [key, value] of Object.entries({ where: [], afterPosition: 0 })) {
    const one = await log.appendEvent({ instanceId: 'orders', ...event, [key]: value });
    failed(t, one, 'appendEvent', 'INVALID_ARGUMENT');
    t.is(one.error, `${key}: expected nothing here; ${inGuard}`);
    for (const [place, params] of Object.entries({
      '': { events: [event], [key]: value },
      'events[1].': { events: [event, { ...event, [key]: value }] },
    })) {
      const batch = await log.appendEvents({ instanceId: 'orders', ...params });
      failed(t, batch, 'appendEvents', 'INVALID_ARGUMENT');
      t.is(batch.error, `${place}${key}: expected nothing here; ${inGuard}`);
    }
  }
  const ofEvent = { streamId: 's', stream_id: 's', eventType: 't', event_type: 't', timestamp: 0 };
  for (const [key, value] of Object.entries({ ...ofEvent, payload: {}, metadata: {} })) {
    const batch = await log.appendEvents({ instanceId: 'orders', events: [event], [key]: value });
    failed(t, batch, 'appendEvents', 'INVALID_ARGUMENT');
    t.is(batch.error, `${key}: expected nothing here; give it in each of the \`events\``);
  }
  t.deepEqual(await eventsOf(t, log, 'orders'), []);
});

test('a key that is far from all is ignored and named, and so is one that is not given', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  for (const key of ['userId', 'source', 'correlationId', 'version', 'id', 'tags', 'x']) {
    const params = { instanceId: 'orders', eventType: 'made', [key]: 1 };
    const response = await log.appendEvent(params);
    succeeded(t, response, 'appendEvent');
    t.is(response.message, `the unknown key "${key}" was ignored`);
  }
  const params = {
    instanceId: 'orders',
    eventType: 'made',
    expectedVersion: null,
    data: undefined,
  };
  const response = await log.appendEvent(params);
  succeeded(t, response, 'appendEvent');
  t.false('message' in response);
});

test('an event as it was read can be appended again', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  await log.appendEvent({ instanceId: 'orders', eventType: 'made', payload: { a: 1 } });
  for await (const event of log.readAll({ instance: 'orders' })) {
    const response = await log.appendEvent({ ...event });
    const { message } = response;
    t.deepEqual(succeeded(t, response, 'appendEvent').event.payload, { a: 1 });
    t.regex(message, /"id".*"sequence_number".*"position"/);
  }
});

const from = { instance: 'orders' };

for (const [name, method, args, expected] of [
  [
    'in a condition of failIf',
    'appendEvent',
    [{ instanceId: 'orders', eventType: 'made', failIf: [{ where: [], afterPositon: 1 }] }],
    /did you mean afterPosition\?/,
  ],
  [
    'in a checkpoint',
    'appendEvent',
    [{ instanceId: 'orders', eventType: 'a', checkpoint: { consumer: 'c', positon: 1 } }],
    /did you mean position\?/,
  ],
  ['of a query', 'queryEvents', [{ from, hwere: [] }], /did you mean where\?/],
  ['of a query by another name', 'queryEvents', [{ from, sortBy: {} }], /did you mean orderBy\?/],
  ['of a query, as of an append', 'queryEvents', [{ instanceId: 'orders' }], /did you mean from\?/],
  ['in from', 'queryEvents', [{ from: { instanceId: 'orders' } }], /did you mean instance\?/],
  [
    'in a condition',
    'queryEvents',
    [{ from, where: [{ field: 'a', op: 'eq', value: 1 }] }],
    /did you mean operator\?/,
  ],
  [
    'in orderBy',
    'queryEvents',
    [{ from, orderBy: { field: 'a', dierction: 'asc' } }],
    /did you mean direction\?/,
  ],
  ['in reduce', 'queryEvents', [{ from, reduce: { type: 'count', groupby: 'a' } }], /groupBy\?/],
  ['of an update', 'updateInstance', ['orders', { name: 'a', desciption: 'b' }], /description\?/],
  ['of listStreams', 'listStreams', [{ instance: 'orders', limits: 1 }], /did you mean limit\?/],
  ['of verify', 'verify', [{ onprogress: () => {} }], /did you mean "onProgress"\?/],
  ['of compact', 'compact', [{ sginal: null, singal: 1 }], /did you mean "signal"\?/],
]) {
  test(`a misspelt key ${name} is told`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    failed(t, await log[method](...args), method, 'INVALID_ARGUMENT', expected);
  });
}

test('a misspelt option of a reader, a projection, an export and an opening is told', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const next = (reader) => reader.next();
  const code = 'INVALID_ARGUMENT';
  const reading = await t.throwsAsync(
    next(log.readAll({ instance: 'orders', derection: 'forward' })),
    {
      code,
    },
  );
  t.regex(reading.message, /did you mean direction\?/);
  const following = await t.throwsAsync(next(log.subscribe({ instance: 'orders', after: 1 })), {
    code,
  });
  t.regex(following.message, /did you mean afterPosition\?/);
  const projecting = { instance: 'orders', initial: 0, apply: (n) => n + 1, snapshotevery: 5 };
  const projection = await t.throwsAsync(log.project(projecting), { code });
  t.regex(projection.message, /did you mean "snapshotEvery"\?/);
  const opening = EventLog.open(await temporaryPath(t), { queuedbytesmax: 1 });
  t.regex((await t.throwsAsync(opening, { code })).message, /did you mean "queuedBytesMax"\?/);
});
