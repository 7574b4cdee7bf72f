'use strict';

// Jest loads a module anew for each test file, in a context of its own. What the log answers must
// belong to that context, or `toBeInstanceOf` and `toStrictEqual` fail on values that look right.

const { mkdtempSync, rmSync, existsSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const vm = require('node:vm');

const { EventLog } = require('../..');

const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-jest-'));
let log;

beforeAll(async () => {
  log = await EventLog.open(join(folder, 'log.redb'));
  await log.createInstance('orders');
});

afterAll(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

test('an append answers with plain objects of this context', async () => {
  const payload = { items: [{ price: 1 }], nested: { deep: [] } };
  const response = await log.appendEvent({ instanceId: 'orders', eventType: 'made', payload });
  expect(response).toBeInstanceOf(Object);
  expect(Object.getPrototypeOf(response)).toBe(Object.prototype);
  expect(response).toStrictEqual({
    type: 'eventLog.appendEvent',
    success: true,
    data: {
      event: {
        id: expect.any(String),
        instanceId: expect.any(String),
        stream_id: 'default',
        event_type: 'made',
        payload,
        metadata: {},
        timestamp: expect.any(String),
        sequence_number: 1,
      },
    },
    timestamp: expect.any(String),
    requestId: expect.any(String),
  });
  expect(response.data.event.payload.items).toBeInstanceOf(Array);
});

test('a failure answers with a plain object of this context', async () => {
  const response = await log.appendEvent({ instanceId: 'orders' });
  expect(response).toStrictEqual({
    type: 'eventLog.appendEvent',
    success: false,
    error: expect.stringMatching(/eventType/),
    code: 'INVALID_ARGUMENT',
    timestamp: expect.any(String),
    requestId: expect.any(String),
  });
});

test('a query answers with arrays of this context', async () => {
  const response = await log.queryEvents({ from: { instance: 'orders' } });
  expect(response.data.result.events).toBeInstanceOf(Array);
  expect(response.data.result).toStrictEqual({ events: [expect.any(Object)], total: 1 });
});

test('a Date and its time are understood', async () => {
  const timestamp = new Date(0);
  const response = await log.appendEvent({ instanceId: 'orders', eventType: 'old', timestamp });
  expect(response.data.event.timestamp).toBe('1970-01-01T00:00:00.000Z');
});

test('every promise is a Promise of this context', async () => {
  const promises = [
    log.listInstances(),
    log.appendEvent({}),
    log.getInstance(1n),
    EventLog.open(join(folder, 'log.redb')).then((again) => again.close()),
  ];
  const opening = EventLog.open(join(folder, 'log.redb'));
  expect(opening).toBeInstanceOf(Promise);
  const closing = (await opening).close();
  expect(closing).toBeInstanceOf(Promise);
  for (const promise of promises) expect(promise).toBeInstanceOf(Promise);
  await Promise.all([...promises, closing]);
});

test('an opening that fails rejects with an Error of this context', async () => {
  const other = join(folder, 'other.redb');
  for (const args of [[folder], [other, { readonly: true }], [5]]) {
    const error = await EventLog.open(...args).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toEqual(expect.any(String));
  }
  expect(existsSync(other)).toBe(false);
});

test('errors of this context and of others are stored by name, message and stack', async () => {
  const cause = vm.runInNewContext('new RangeError("elsewhere")');
  const error = Object.assign(new TypeError('here', { cause }), { code: 'E_HERE' });
  const { reason } = AbortSignal.abort();
  const params = { instanceId: 'orders', eventType: 'failed', payload: { error, reason } };
  const { data, message } = await log.appendEvent(params);
  expect(message).toBeUndefined();
  expect(data.event.payload).toStrictEqual({
    error: {
      name: 'TypeError',
      message: 'here',
      stack: error.stack,
      cause: { name: 'RangeError', message: 'elsewhere', stack: cause.stack },
      code: 'E_HERE',
    },
    reason: { name: 'AbortError', message: reason.message, stack: reason.stack },
  });
});
