// Values of the program whose own code throws, in the place of each option of each method. Each call is answered with what
// is wrong with it, or does what it was asked for: none fails with what was thrown, by a fault of this package, or never.

import { join } from 'node:path';

import test from 'ava';

import { EventLog, EventLogError } from '../index.mjs';
import { SIGNING_KEY } from './support/evidence.mjs';
import { appended } from './support/response.mjs';
import { openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';

function no() {
  throw new Error('no');
}

function noText() {
  throw Object.create(null);
}

const TRAPS = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, no]));

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function badError() {
  const error = new Error('x');
  // It is made when it is first asked for.
  String(error.stack);
  const get = { get: no };
  return Object.defineProperties(error, { name: get, message: get, stack: get, cause: get });
}

/** What makes each value. */
const VALUES = {
  'no text': () => ({ toString: no, valueOf: no, [Symbol.toPrimitive]: no }),
  toJSON: () => ({ toJSON: no }),
  'toJSON, which throws what has no text': () => ({ toJSON: noText }),
  'a getter': () => ({
    get field() {
      return no();
    },
  }),
  'every trap of a proxy': () => new Proxy({}, TRAPS),
  'every trap of a proxy of an array': () => new Proxy([], TRAPS),
  'every trap of a proxy of an error': () => new Proxy(new Error('x'), TRAPS),
  'a proxy that was revoked': () => revoked({}),
  'an array that was revoked': () => revoked([]),
  'no prototype': () => Object.create(null),
  'a symbol': () => Symbol('s'),
  'a bigint': () => 1n,
  'its iterators': () => ({ [Symbol.iterator]: no, [Symbol.asyncIterator]: no }),
  'a getter for its tag': () => ({
    get [Symbol.toStringTag]() {
      return no();
    },
  }),
  'an error with getters': badError,
  'a date': () => Object.assign(new Date(0), { toJSON: no, getTime: no, toISOString: no }),
};

const fold = { instance: 'i', initial: 0, apply: (state) => state };
const of = { instance: 'i' };
const consumer = { instance: 'i', consumer: 'c' };
const event = { instanceId: 'i', eventType: 't' };
const next = (reader) => reader.next();

/** For each method: how it is called with options, which there are at least, and which are tried. */
const CALLS = {
  open: [
    async (_, options, t) => (await EventLog.open(await temporaryPath(t), options)).close(),
    {},
    'readOnly exclusive cacheBytes lockWaitMs autoCreateInstances clock eventBytesMax queuedBytesMax key keyring',
  ],
  createInstance: [
    (log, { name, description, options }) => log.createInstance(name, description, options),
    { name: 'new' },
    'name description options',
  ],
  getInstance: [(log, { id }) => log.getInstance(id), {}, 'id'],
  updateInstance: [
    (log, { id, updates }) => log.updateInstance(id, updates),
    { id: 'i', updates: {} },
    'id updates',
  ],
  deleteInstance: [(log, { id }) => log.deleteInstance(id), {}, 'id'],
  appendEvent: [
    (log, params) => log.appendEvent(params),
    event,
    'instanceId streamId eventType payload metadata timestamp expectedSequence idempotencyKey failIf checkpoint autoCreateInstance',
  ],
  appendEvents: [
    (log, params) => log.appendEvents(params),
    { instanceId: 'i', events: [{ eventType: 't' }] },
    'instanceId events expectedSequences idempotencyKey failIf checkpoint autoCreateInstance',
  ],
  'appendEvents, of one': [
    (log, one) => log.appendEvents({ instanceId: 'i', events: [{ eventType: 't' }, one] }),
    { eventType: 't' },
    'streamId eventType payload metadata timestamp',
  ],
  queryEvents: [
    (log, query) => log.queryEvents(query),
    { from: of },
    'from where select orderBy limit offset reduce explain',
  ],
  'queryEvents, of a condition': [
    (log, condition) => log.queryEvents({ from: of, where: [condition] }),
    { field: 'a', operator: 'eq', value: 1 },
    'field operator value',
  ],
  'queryEvents, of its options': [
    (log, options) => log.queryEvents({ from: of }, options),
    {},
    'signal',
  ],
  listStreams: [(log, options) => log.listStreams(options), of, 'instance after limit prefix'],
  listConsumers: [(log, options) => log.listConsumers(options), of, 'instance after limit'],
  resetConsumer: [
    (log, options) => log.resetConsumer(options),
    { ...consumer, position: 0 },
    'instance consumer position',
  ],
  listParked: [(log, options) => log.listParked(options), consumer, 'instance consumer after'],
  retryParked: [(log, options) => log.retryParked(options), consumer, 'consumer positions'],
  deleteSnapshots: [(log, options) => log.deleteSnapshots(options), of, 'instance name stream'],
  checkpoint: [
    (log, options) => log.checkpoint(options),
    { ...of, key: SIGNING_KEY },
    'instance key origin signal',
  ],
  'checkpoint, of a file': [(log, options) => log.checkpoint(options), of, 'keyFile'],
  proveInclusion: [
    (log, options) => log.proveInclusion(options),
    { ...of, position: 1 },
    'instance position size',
  ],
  proveConsistency: [
    (log, options) => log.proveConsistency(options),
    { ...of, oldSize: 0 },
    'instance oldSize newSize',
  ],
  'verify, of a checkpoint': [
    (log, checkpoint) => log.verify({ checkpoints: [checkpoint] }),
    { ...of, note: 'x', key: 'x' },
    'instance note key origin',
  ],
  readAll: [
    (log, options) => next(log.readAll(options)),
    of,
    'instance afterPosition where direction limit signal',
  ],
  readStream: [
    (log, options) => next(log.readStream(options)),
    { ...of, stream: 'default' },
    'instance stream fromSequence direction limit signal',
  ],
  subscribe: [
    (log, options) => next(log.subscribe(options)),
    of,
    'instance afterPosition where signal consumer awaitInstance',
  ],
  'subscribe, with a consumer': [
    (log, options) => next(log.subscribe(options)),
    consumer,
    'retry onFailed where',
  ],
  'subscribe, of retry': [
    (log, retry) => next(log.subscribe({ ...consumer, retry })),
    { attempts: 2 },
    'attempts delayMs',
  ],
  project: [
    (log, options) => log.project(options),
    { ...fold, name: 'p', snapshotEvery: 1 },
    'instance stream where apply signal awaitInstance name version snapshotEvery',
  ],
  decide: [
    (log, options) => log.decide(options),
    { ...fold, stream: 's', decide: () => [] },
    'instance stream apply decide signal idempotencyKey retries autoCreateInstance',
  ],
  exportEvents: [
    (log, options) => log.exportEvents(options).toArray(),
    {},
    'instance signal onProgress format columns',
  ],
  'exportEvents, of columns': [
    (log, columns) => log.exportEvents({ format: 'csv', columns }).toArray(),
    { a: 'payload.a' },
    'a',
  ],
  'exportEvents, of a column': [
    (log, a) => log.exportEvents({ format: 'csv', columns: { a } }).toArray(),
    { field: 'payload.a' },
    'field type',
  ],
  'exportEvents, of a format': [
    (log, format) => log.exportEvents({ format }).toArray(),
    { name: 'mine', begin: () => ({ write: () => '', end: () => '' }) },
    'name begin',
  ],
  'exportEvents, of a writer': [
    (log, writer) => log.exportEvents({ format: { name: 'mine', begin: () => writer } }).toArray(),
    { write: () => '', end: () => '' },
    'write end',
  ],
  'exportEvents, of what is written': [
    (log, { part }) => {
      const begin = () => ({ write: () => part, end: () => '' });
      return log.exportEvents({ format: { name: 'mine', begin } }).toArray();
    },
    { part: '' },
    'part',
  ],
  importEvents: [
    (log, { source, options }) => log.importEvents(source, options),
    { source: [''] },
    'source options',
  ],
  'importEvents, of its options': [
    (log, options) => log.importEvents([''], options),
    {},
    'signal onProgress format instance',
  ],
  copyTo: [(log, { other, options }) => log.copyTo(other, options), {}, 'other options'],
  verify: [(log, options) => log.verify(options), {}, 'signal onProgress'],
  backup: [
    async (log, { path, options }, t) =>
      log.backup(path ?? join(await temporaryFolder(t), 'copy'), options),
    {},
    'path options',
  ],
  compact: [(log, options) => log.compact(options), {}, 'signal'],
};

async function outcomeOf(call) {
  try {
    const response = await call();
    return response?.success === false ? response.code : 'success';
  } catch (error) {
    return error instanceof EventLogError ? error.code : error;
  }
}

for (const [name, [call, least, keys]] of Object.entries(CALLS)) {
  test(`${name}: what throws of itself is told as that`, async (t) => {
    const log = await openLog(t);
    await appended(t, log, { ...event, autoCreateInstance: true });
    await log.subscribe(consumer).next();
    const known = [
      'success',
      'INVALID_ARGUMENT',
      'STORAGE_FAILED',
      'INSTANCE_NOT_FOUND',
      'INSTANCE_EXISTS',
    ];
    for (const key of keys.split(' ')) {
      for (const [what, value] of Object.entries(VALUES)) {
        const outcome = await outcomeOf(() => call(log, { ...least, [key]: value() }, t));
        t.true(known.includes(outcome), `${key}: ${what}: ${String(outcome)}`);
      }
    }
    const { data } = await log.verify();
    t.true(data.intact);
  });
}

test('a number of a projection that is none is told with its value', async (t) => {
  const log = await openLog(t);
  await appended(t, log, { ...event, autoCreateInstance: true });
  for (const [value, found] of [
    ['3', '"3"'],
    [1.5, '1.5'],
    [3n, 'a bigint'],
    [[3], 'an array'],
  ]) {
    const expected = {
      code: 'INVALID_ARGUMENT',
      message: new RegExp(`from [01], found ${found}$`),
    };
    await t.throwsAsync(log.project({ ...fold, name: 'p', snapshotEvery: value }), expected);
    const decided = { ...fold, stream: 's', decide: () => [], retries: value };
    await t.throwsAsync(log.decide(decided), expected);
  }
});
