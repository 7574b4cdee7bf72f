// A key whose value is `null`, or `undefined`, counts as not given: in every method, at every place of its arguments.

import { join } from 'node:path';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { addon, runForJson } from './support/child.mjs';
import { SIGNING_KEY } from './support/evidence.mjs';
import { appended, created, failed, queried, succeeded } from './support/response.mjs';
import { all } from './support/reading.mjs';
import { openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const KEY = { key: SIGNING_KEY };
const where = [{ field: 'payload.n', operator: 'gt', value: 0 }];
const signal = new AbortController().signal;
const onProgress = () => {};
const event = {
  streamId: 's',
  eventType: 'made',
  payload: { n: 9 },
  metadata: { by: 'test' },
  timestamp: '2026-01-31T12:00:00.000Z',
};
const guards = {
  idempotencyKey: 'key',
  failIf: { where: [{ field: 'payload.n', operator: 'eq', value: 77 }], afterPosition: 1 },
  checkpoint: { consumer: 'c', position: 1, instance: 'log', generation: 1 },
};

/** Calls with all that they can be given. `instance` is there, with three events and a consumer. */
const CALLS = {
  createInstance: [{ name: 'new' }, ({ name }) => [name, null]],
  updateInstance: [{ name: 'new', description: 'text' }, (updates) => ['log', updates]],
  appendEvent: [
    {
      instanceId: 'log',
      ...event,
      stream_id: 's',
      event_type: 'made',
      expectedSequence: 2,
      autoCreateInstance: true,
      ...guards,
    },
    (params) => [params],
  ],
  appendEvents: [
    {
      instanceId: 'log',
      autoCreateInstance: true,
      events: [event, { ...event, stream_id: 's', event_type: 'made' }],
      expectedSequences: { s: 2, t: 1 },
      ...guards,
    },
    (params) => [params],
  ],
  queryEvents: [
    {
      from: { instance: 'log', stream: 's' },
      where,
      select: ['payload'],
      orderBy: { field: 'payload.n', direction: 'desc' },
      limit: 1,
      offset: 1,
      explain: false,
    },
    (query) => [query],
  ],
  'queryEvents with reduce': [
    {
      from: { instance: 'log' },
      reduce: { type: 'sum', field: 'payload.n', groupBy: ['stream_id'] },
      limit: 1,
    },
    (query) => [query],
  ],
  'queryEvents with options': [{ signal }, (options) => [{ from: { instance: 'log' } }, options]],
  listStreams: [{ instance: 'log', prefix: 's', after: 'a', limit: 1 }, (options) => [options]],
  readStream: [
    { instance: 'log', stream: 's', fromSequence: 1, direction: 'backward', limit: 1, signal },
    (options) => [options],
  ],
  readAll: [
    {
      instance: 'log',
      afterPosition: 1,
      direction: 'forward',
      limit: 1,
      where,
      correlationId: 'c',
      causationId: 'c',
      signal,
    },
    (options) => [options],
  ],
  subscribe: [
    { instance: 'log', stream: 's', where, afterPosition: 1, signal },
    (options) => [options],
  ],
  'subscribe as a consumer': [
    { instance: 'log', stream: 's', where, afterPosition: 1, consumer: 'd', signal },
    (options) => [options],
  ],
  project: [
    {
      instance: 'log',
      stream: 's',
      where,
      initial: 0,
      apply: (state, { payload }) => state + payload.n,
      name: 'sum',
      version: 1,
      snapshotEvery: 1,
      signal,
    },
    (options) => [options],
  ],
  deleteSnapshots: [{ instance: 'log', name: 'sum' }, (options) => [options]],
  checkpoint: [{ instance: 'log', key: SIGNING_KEY, origin: 'o', signal }, (options) => [options]],
  proveInclusion: [{ instance: 'log', position: 1, size: 1 }, (options) => [options]],
  proveConsistency: [{ instance: 'log', oldSize: 1, newSize: 1 }, (options) => [options]],
  listConsumers: [{ instance: 'log', after: 'a', limit: 1 }, (options) => [options]],
  resetConsumer: [{ instance: 'log', consumer: 'c', position: 1 }, (options) => [options]],
  deleteConsumer: [{ instance: 'log', consumer: 'c' }, (options) => [options]],
  exportEvents: [{ instance: 'log', signal, onProgress }, (options) => [options]],
  importEvents: [{ signal, onProgress }, (options) => [[], options]],
  verify: [{ signal, onProgress, checkpoints: [] }, (options) => [options]],
  backup: [{ signal, onProgress }, (options, folder) => [join(folder, 'copy.redb'), options]],
  compact: [{ signal }, (options) => [options]],
};

/** The keys of a call that can be left out, each as the path to it: not within data. */
function* places(given, path = []) {
  for (const [key, value] of Object.entries(given)) {
    const at = [...path, key];
    // In an array each element is there, and `undefined` is none.
    if (!Array.isArray(given)) yield at;
    const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
    if (isPlain && !['payload', 'metadata'].includes(key)) yield* places(value, at);
  }
}

/** A copy of `given` where what is at `path` was changed by `change(holder, key)`. */
function changed(given, [key, ...path], change) {
  const copy = Array.isArray(given) ? [...given] : { ...given };
  if (path.length === 0) change(copy, key);
  else copy[key] = changed(given[key], path, change);
  return copy;
}

const ABSENT = (holder, key) => delete holder[key];

async function openWithEvents(t) {
  const log = await openLog(t);
  await created(t, log, 'log');
  const events = ['s', 's', 't'].map((streamId, n) => ({ ...event, streamId, payload: { n } }));
  succeeded(t, await log.appendEvents({ instanceId: 'log', events }), 'appendEvents');
  const subscription = log.subscribe({ instance: 'log', consumer: 'c' });
  await subscription.next();
  await subscription.return();
  return log;
}

/** What a call comes to, whatever it returns, without what differs each time. */
async function outcome(log, method, args) {
  let returned = log[method](...args);
  if (method === 'subscribe') returned = (async () => (await returned.next()).value)();
  else if (typeof returned[Symbol.asyncIterator] === 'function') returned = all(returned);
  const [settled] = await Promise.allSettled([returned]);
  const { value, reason } = settled;
  const told = reason === undefined ? value : { ...reason, message: reason.message };
  const text =
    method === 'exportEvents' ? String(Buffer.concat(value)) : String(JSON.stringify(told));
  return text
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, 'uuid')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replaceAll(/[\w+/]{43,}=/g, 'base64')
    .replaceAll(/"\/[^"]*"/g, 'path')
    .replaceAll(/"generation":\d+|"bytes(Before|After)":\d+/g, 'number')
    .replaceAll('found null', 'found nothing');
}

for (const [name, [given, argsOf]] of Object.entries(CALLS)) {
  const method = name.split(' ')[0];
  for (const path of places(given)) {
    const place = path.join('.');
    // What a condition compares with can be null, and so can a state.
    if (/^initial$|\.value$/.test(place)) continue;
    test(`${name}: ${place} that is null or undefined was not given`, async (t) => {
      const outcomes = [];
      for (const change of [
        ABSENT,
        (h, key) => (h[key] = undefined),
        (h, key) => (h[key] = null),
      ]) {
        const log = await openWithEvents(t);
        if (method.startsWith('prove')) await log.strict.checkpoint({ instance: 'log', ...KEY });
        const args = argsOf(changed(given, path, change), await temporaryFolder(t));
        outcomes.push(await outcome(log, method, args));
      }
      t.deepEqual(outcomes, Array(3).fill(outcomes[0]));
    });
  }
}

test('an unknown key that is null or undefined was not given', async (t) => {
  const log = await openWithEvents(t);
  for (const nothing of [undefined, null]) {
    const more = { unknown: nothing };
    const response = await log.appendEvent({ instanceId: 'log', ...event, ...more });
    succeeded(t, response, 'appendEvent');
    t.is(response.message, undefined);
    await queried(t, log, { from: { instance: 'log', ...more }, ...more });
    succeeded(t, await log.verify(more), 'verify');
    await all(log.readAll({ instance: 'log', ...more }));
    await log.project({ instance: 'log', initial: 0, apply: () => 1, ...more });
  }
});

test('null is a value where a program compares with one, and in data', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const nulls = { n: null, list: [null] };
  const stored = await appended(t, log, {
    instanceId: 'log',
    eventType: 'made',
    payload: nulls,
    metadata: nulls,
  });
  t.deepEqual([stored.payload, stored.metadata], [nulls, nulls]);
  await appended(t, log, { instanceId: 'log', eventType: 'made', payload: { n: 1 } });
  const condition = (operator, value) => [{ field: 'payload.n', operator, value }];
  for (const [conditions, total] of [
    [condition('eq', null), 1],
    [condition('neq', null), 1],
    [condition('in', [null]), 1],
  ]) {
    const found = await queried(t, log, { from: { instance: 'log' }, where: conditions });
    t.is(found.total, total);
  }
  const without = await log.queryEvents({
    from: { instance: 'log' },
    where: [{ field: 'payload.n', operator: 'eq' }],
  });
  failed(t, without, 'queryEvents', 'INVALID_ARGUMENT', /^where\[0\]\.value: /);
  const state = await log.project({
    instance: 'log',
    name: 'last',
    snapshotEvery: 1,
    initial: null,
    apply: (before, { payload }) => (payload.n === null ? before : null),
  });
  t.is(state.state, null);
  const again = await log.project({ instance: 'log', name: 'last', initial: 1, apply: () => 2 });
  t.is(again.state, null);
});

test('an option of EventLog.open that is null or undefined was not given', async (t) => {
  for (const nothing of [undefined, null]) {
    const log = await EventLog.open(await temporaryPath(t), {
      exclusive: nothing,
      readOnly: nothing,
      cacheBytes: nothing,
      eventBytesMax: nothing,
      queuedBytesMax: nothing,
      unknown: nothing,
    });
    await created(t, log, 'log');
    await log.close();
    await (await EventLog.open(await temporaryPath(t), nothing)).close();
  }
});

test('what only becomes null on its way is refused, and not passed over', async (t) => {
  const log = await openWithEvents(t);
  for (const lost of [NaN, Infinity, Object(NaN), new Date(NaN), { toJSON: () => null }]) {
    const response = await log.appendEvent({ instanceId: 'log', ...event, timestamp: lost });
    failed(t, response, 'appendEvent', 'INVALID_ARGUMENT', /^timestamp: expected JSON, found /);
    const limited = await log.queryEvents({ from: { instance: 'log' }, limit: lost });
    failed(t, limited, 'queryEvents', 'INVALID_ARGUMENT', /^limit: expected JSON, found /);
  }
});

test('the default log takes null as any other', async (t) => {
  const source = `
    import { eventLog } from '${addon}';
    const response = await eventLog.createInstance('log', null);
    console.log(JSON.stringify(response.data.instance));
  `;
  const instance = await runForJson(t, source, { cwd: await temporaryFolder(t) });
  t.false('description' in instance);
});
