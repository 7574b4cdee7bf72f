// What rejects, is thrown by a reader or destroys a stream is an error of one class, whose stack leads to the call.

import { createRequire } from 'node:module';

import test from 'ava';

import { EventLog, EventLogError } from '../index.mjs';
import { addon, runForJson } from './support/child.mjs';
import { openLog, temporaryPath } from './support/temporary.mjs';

const required = createRequire(import.meta.url)('../index.js');

/** The functions below are named after this in their stacks. */
const CALLER = 'callerOfTheLog';

/** What `call` rejects with; it is called and waited for by no function that its stack could name otherwise. */
async function thrownBy(call) {
  const { [CALLER]: caller } = { [CALLER]: () => call() };
  const made = caller();
  return new Promise((resolve, reject) => {
    made.then(() => reject(new Error('expected a rejection')), resolve);
  });
}

/** The first step of a reader. */
const step = (reader) => reader.next();

/** What destroys a stream. */
const fails = (stream) => {
  const failed = new Promise((resolve, reject) => stream.once('error', reject));
  stream.resume();
  return failed;
};

const none = { instance: 'none' };
const boom = new Error('boom');
const broken = {
  get instance() {
    throw boom;
  },
};

/** For each kind of call: how it fails, with which code and which cause. */
const CALLS = {
  'open: a folder': [() => EventLog.open('.'), 'INVALID_ARGUMENT'],
  'open: an option': [() => EventLog.open('log', { cacheBytes: 'many' }), 'INVALID_ARGUMENT'],
  'open: a getter': [
    () =>
      EventLog.open('log', {
        get exclusive() {
          throw boom;
        },
      }),
    'INVALID_ARGUMENT',
    boom,
  ],
  'readAll: none': [(log) => step(log.readAll(none)), 'INSTANCE_NOT_FOUND'],
  'readAll: an option': [(log) => step(log.readAll({ limit: 5 })), 'INVALID_ARGUMENT'],
  'readAll: no object': [(log) => step(log.readAll(5)), 'INVALID_ARGUMENT'],
  'readAll: a getter': [(log) => step(log.readAll(broken)), 'INVALID_ARGUMENT', boom],
  'readAll: a signal': [
    (log) => step(log.readAll({ instance: 'i', signal: AbortSignal.abort(boom) })),
    'ABORTED',
    boom,
  ],
  'readStream: none': [
    (log) => step(log.readStream({ ...none, stream: 's' })),
    'INSTANCE_NOT_FOUND',
  ],
  'subscribe: none': [(log) => step(log.subscribe(none)), 'INSTANCE_NOT_FOUND'],
  'subscribe: a getter': [(log) => step(log.subscribe(broken)), 'INVALID_ARGUMENT', boom],
  'subscribe with a consumer: none': [
    (log) => step(log.subscribe({ ...none, consumer: 'c' })),
    'INSTANCE_NOT_FOUND',
  ],
  'project: none': [
    (log) => log.project({ ...none, apply: (state) => state }),
    'INSTANCE_NOT_FOUND',
  ],
  'project: a getter': [(log) => log.project(broken), 'INVALID_ARGUMENT', boom],
  'project: a state': [
    (log) =>
      log.project({
        instance: 'i',
        name: 'p',
        snapshotEvery: 1,
        apply: () => ({
          toJSON() {
            throw boom;
          },
        }),
      }),
    'INVALID_ARGUMENT',
    boom,
  ],
  'exportEvents: none': [(log) => fails(log.exportEvents(none)), 'INSTANCE_NOT_FOUND'],
  'exportEvents: a getter': [(log) => fails(log.exportEvents(broken)), 'INVALID_ARGUMENT', boom],
  'exportEvents: a listener': [
    (log) =>
      fails(
        log.exportEvents({
          onProgress() {
            throw boom;
          },
        }),
      ),
    'INVALID_ARGUMENT',
    boom,
  ],
  'exportEvents: a signal': [
    (log) => fails(log.exportEvents({ signal: AbortSignal.abort(boom) })),
    'ABORTED',
    boom,
  ],
};

for (const [name, [call, code, cause]] of Object.entries(CALLS)) {
  test(`${name}: the error has its class, code and cause, and leads to the caller`, async (t) => {
    const log = await openLog(t);
    // An export of several pages.
    const events = Array.from({ length: 3000 }, () => ({
      eventType: 't',
      payload: { text: 'x'.repeat(300) },
    }));
    await log.appendEvents({ instanceId: 'i', autoCreateInstance: true, events });
    const error = await thrownBy(() => call(log));
    t.true(error instanceof EventLogError);
    t.true(error instanceof Error);
    t.is(error.name, 'EventLogError');
    t.is(error.code, code, error.message);
    t.is(error.cause, cause);
    t.true(error.stack.startsWith(`EventLogError: ${error.message}\n    at `), error.stack);
    t.regex(error.stack, new RegExp(CALLER));
    t.false(Object.keys(error).includes('stack'));
  });
}

test('closed and opened again: the errors of a log that is closed lead to the caller', async (t) => {
  const log = await openLog(t);
  await log.appendEvent({ instanceId: 'i', eventType: 't', autoCreateInstance: true });
  const [given] = await log
    .subscribe({ instance: 'i', consumer: 'c' })
    .next()
    .then(({ value }) => [value]);
  await log.close();
  const error = await thrownBy(() => given.ack());
  t.is(error.code, 'CLOSED');
  t.regex(error.stack, new RegExp(CALLER));
  const read = await thrownBy(() => step(log.readAll({ instance: 'i' })));
  t.is(read.code, 'CLOSED');
  t.regex(read.stack, new RegExp(CALLER));
});

test('the class is one, however the package is loaded', async (t) => {
  t.is(required.EventLogError, EventLogError);
  const error = new EventLogError('CLOSED', 'over', { cause: boom });
  t.is(String(error), 'EventLogError: over');
  t.is(error.code, 'CLOSED');
  t.is(error.cause, boom);
  t.true((await thrownBy(() => required.EventLog.open('.'))) instanceof EventLogError);
});

test('a program that makes stacks of its own gets the error all the same', async (t) => {
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv[1]);
    const codes = [];
    const no = () => {
      throw new Error('no');
    };
    for (const prepare of [() => 'no frames', () => 5, no]) {
      const reader = log.readAll({ instance: 'none' });
      Error.prepareStackTrace = prepare;
      codes.push(await reader.next().then(undefined, ({ code }) => code));
      Error.prepareStackTrace = undefined;
    }
    await log.close();
    console.log(JSON.stringify(codes));`;
  const codes = await runForJson(t, source, { args: [await temporaryPath(t)] });
  t.deepEqual(codes, Array(3).fill('INSTANCE_NOT_FOUND'));
});
