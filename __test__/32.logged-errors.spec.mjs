// An error in payload or metadata is stored by its name, message and stack, the errors that it is about, and its fields.

import vm from 'node:vm';
import { readFile } from 'node:fs/promises';
import { inherits } from 'node:util';

import test from 'ava';

import { appended, created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

class PaymentError extends Error {
  name = 'PaymentError';

  constructor(message, options) {
    super(message, options);
    this.amount = 5;
    this.retryable = false;
  }
}

class Described extends Error {
  toJSON() {
    return { description: `described: ${this.message}` };
  }
}

function OldError(message) {
  Error.captureStackTrace(this, OldError);
  this.message = message;
}
inherits(OldError, Error);
OldError.prototype.name = 'OldError';
OldError.prototype.cause = () => 'a method';

const simple = (error) => ({ name: error.name, message: error.message, stack: error.stack });

/** What is thrown or rejected with. */
async function thrown(run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('expected an exception, found none');
}

const noEntry = await thrown(() => readFile('/no/such/file'));
const inner = new RangeError('inner');
const outer = new TypeError('outer', { cause: inner });
const aggregate = new AggregateError([inner, outer, 'a reason'], 'several');
const payment = new PaymentError('declined', { cause: { gateway: 'g', error: inner } });
const foreign = vm.runInNewContext('Object.assign(new SyntaxError("foreign"), { line: 3 })');
const aborted = AbortSignal.abort().reason;
const suppressed = Object.defineProperties(new Error('while disposing'), {
  name: { value: 'SuppressedError' },
  error: { value: inner },
  suppressed: { value: 'a text' },
});
const renamed = Object.assign(new Error('renamed'), { name: 'Renamed', message: 'other' });
const old = new OldError('old');
const withMethod = Object.assign(new Error('method'), { retry() {}, __proto_: 1 });

const ERRORS = {
  'an Error': [new Error('boom'), simple],
  'an Error without a message': [new Error(), simple],
  'a subclass with fields': [
    payment,
    (error) => ({
      ...simple(error),
      cause: { gateway: 'g', error: simple(inner) },
      amount: 5,
      retryable: false,
    }),
  ],
  'a cause': [outer, (error) => ({ ...simple(error), cause: simple(inner) })],
  'a cause that is no error': [
    new Error('e', { cause: 'text' }),
    (error) => ({ ...simple(error), cause: 'text' }),
  ],
  'an AggregateError': [
    aggregate,
    (error) => ({
      ...simple(error),
      errors: [simple(inner), { ...simple(outer), cause: simple(inner) }, 'a reason'],
    }),
  ],
  'a SuppressedError': [
    suppressed,
    (error) => ({ ...simple(error), error: simple(inner), suppressed: 'a text' }),
  ],
  'an error of the system': [
    noEntry,
    (error) => ({
      ...simple(error),
      errno: error.errno,
      code: 'ENOENT',
      syscall: 'open',
      path: '/no/such/file',
    }),
  ],
  'a DOMException': [aborted, simple],
  'an error of another context': [foreign, (error) => ({ ...simple(error), line: 3 })],
  'an error whose fields are its name and message': [renamed, simple],
  'an error by its prototype alone': [old, simple],
  'an error with a method': [withMethod, (error) => ({ ...simple(error), __proto_: 1 })],
  'an error with a toJSON': [new Described('x'), () => ({ description: 'described: x' })],
};

for (const [name, [error, recordOf]] of Object.entries(ERRORS)) {
  const record = recordOf(error);
  test(`${name} is stored at any depth`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'tools');
    class Holder {
      held = error;
    }
    const payload = { tool: 'x', error, list: [1, [error]], holder: new Holder(), made: null };
    payload.made = { toJSON: () => ({ error }) };
    const expected = { tool: 'x', error: record, list: [1, [record]], holder: { held: record } };
    expected.made = { error: record };
    const event = await appended(t, log, {
      instanceId: 'tools',
      eventType: 'failed',
      payload,
      metadata: { deep: { deeper: [{ error }] } },
    });
    t.deepEqual(event.payload, expected);
    t.deepEqual(event.metadata, { deep: { deeper: [{ error: record }] } });
    const events = [
      { eventType: 'failed', payload: { ok: true } },
      { eventType: 'failed', payload, metadata: [error] },
    ];
    const batch = await log.appendEvents({ instanceId: 'tools', events });
    t.deepEqual(succeeded(t, batch, 'appendEvents').events[1].payload, expected);
    const stored = await eventsOf(t, log, 'tools');
    t.deepEqual(stored[0].payload, expected);
    t.deepEqual(stored[2].payload, expected);
    t.deepEqual(stored[2].metadata, [record]);
    t.is('message' in batch, error === withMethod);
  });

  test(`${name} is stored as the payload itself`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'tools');
    const params = { instanceId: 'tools', eventType: 'failed', payload: error, metadata: error };
    const event = await appended(t, log, params);
    t.deepEqual(event.payload, record);
    t.deepEqual((await eventsOf(t, log, 'tools'))[0].metadata, record);
    const batch = await log.appendEvents({
      instanceId: 'tools',
      events: [{ eventType: 'failed', payload: error }],
    });
    t.deepEqual(succeeded(t, batch, 'appendEvents').events[0].payload, record);
  });
}

test('the keys of an error have an order: name, message, stack, cause, then its fields', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'tools');
  const params = { instanceId: 'tools', eventType: 'failed', payload: { error: payment } };
  const { error } = (await appended(t, log, params)).payload;
  t.deepEqual(Object.keys(error), ['name', 'message', 'stack', 'cause', 'amount', 'retryable']);
});

test('errors that lead back to themselves end with a name and a message', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'tools');
  const a = new Error('a');
  const b = new TypeError('b', { cause: a });
  a.cause = b;
  const self = new Error('self');
  Object.defineProperty(self, 'cause', { value: self });
  const several = new AggregateError([a], 'several');
  several.errors.push(several);
  const payload = { a, self, several, again: a };
  const event = await appended(t, log, { instanceId: 'tools', eventType: 'failed', payload });
  const storedA = { ...simple(a), cause: { ...simple(b), cause: { name: 'Error', message: 'a' } } };
  t.deepEqual(event.payload, {
    a: storedA,
    self: { ...simple(self), cause: { name: 'Error', message: 'self' } },
    several: {
      ...simple(several),
      errors: [storedA, { name: 'AggregateError', message: 'several' }],
    },
    again: storedA,
  });
});

test('an error in a payload that is nested deeply is stored', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'tools');
  const error = new Error('deep');
  let payload = { error };
  for (let depth = 0; depth < 500; depth += 1) payload = { payload };
  let { payload: stored } = await appended(t, log, {
    instanceId: 'tools',
    eventType: 'failed',
    payload,
  });
  while (stored.error === undefined) stored = stored.payload;
  t.deepEqual(stored.error, simple(error));
});

test('an error whose stack is no text is stored without it', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'tools');
  const error = Object.defineProperty(new Error('x'), 'stack', { value: [{}, {}] });
  const params = { instanceId: 'tools', eventType: 'failed', payload: { error } };
  t.deepEqual((await appended(t, log, params)).payload, { error: { name: 'Error', message: 'x' } });
});

const cyclic = { name: 'request' };
cyclic.response = { request: cyclic };

for (const [name, error, path] of [
  ['a cycle that is none of errors', Object.assign(new Error('x'), { cyclic }), 'cyclic.response'],
  ['a BigInt', Object.assign(new Error('x'), { amount: 1n }), 'amount'],
  ['a BigInt in its cause', new Error('x', { cause: new Error('y', { cause: 1n }) }), 'cause'],
  [
    'a stack that throws',
    Object.defineProperty(new Error('x'), 'stack', {
      get() {
        throw new Error('no stack');
      },
    }),
    '',
  ],
  [
    'a field that throws',
    Object.defineProperty(new Error('x'), 'field', {
      enumerable: true,
      get() {
        throw new Error('no field');
      },
    }),
    '',
  ],
]) {
  test(`an error with ${name} is refused, and nothing is stored`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'tools');
    const place = `payload.list[1]${path && '.'}${path}`;
    const event = { eventType: 'failed', payload: { list: [0, error] } };
    const one = await log.appendEvent({ instanceId: 'tools', ...event });
    failed(t, one, 'appendEvent', 'INVALID_ARGUMENT');
    t.true(one.error.startsWith(place), one.error);
    const events = [{ eventType: 'failed' }, event];
    const batch = await log.appendEvents({ instanceId: 'tools', events });
    failed(t, batch, 'appendEvents', 'INVALID_ARGUMENT');
    t.true(batch.error.startsWith(`events[1].${place}`), batch.error);
    t.deepEqual(await eventsOf(t, log, 'tools'), []);
  });
}
