'use strict';

// A signal may be of another context than the log: of the one that Jest runs in, or of a class that
// stands for an environment's own, such as that of jsdom.

const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const { EventLog } = require('../..');

const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-jest-'));
const from = { instance: 'orders' };
let log;

beforeAll(async () => {
  log = await EventLog.open(join(folder, 'log.redb'));
  const events = Array.from({ length: 3000 }, (_, n) => ({ eventType: 'made', payload: { n } }));
  await log.appendEvents({ instanceId: 'orders', autoCreateInstance: true, events });
});

afterAll(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

class OwnSignal extends EventTarget {
  aborted = false;
  reason = undefined;

  abort(reason) {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event('abort'));
  }
}

const signals = {
  'the global AbortSignal': () => {
    const controller = new AbortController();
    return [controller.signal, (reason) => controller.abort(reason)];
  },
  'an AbortSignal of its own': () => {
    const signal = new OwnSignal();
    return [signal, (reason) => signal.abort(reason)];
  },
};

for (const [name, make] of Object.entries(signals)) {
  test(`a query is called off with ${name}`, async () => {
    const [signal, abort] = make();
    const queries = [log.queryEvents({ from }, { signal }), log.queryEvents({ from }, signal)];
    abort(new Error('the test is over'));
    queries.push(log.queryEvents({ from }, { signal }));
    for (const response of await Promise.all(queries)) {
      expect(response).toStrictEqual({
        type: 'eventLog.queryEvents',
        success: false,
        error: 'the query was called off by its signal: the test is over',
        code: 'ABORTED',
        timestamp: expect.any(String),
        requestId: expect.any(String),
      });
    }
  });
}

test('a result that comes in pieces is of this context', async () => {
  const response = await log.queryEvents({ from }, { signal: new AbortController().signal });
  const { events } = response.data.result;
  expect(events).toBeInstanceOf(Array);
  expect(events).toHaveLength(3000);
  expect(Object.getPrototypeOf(events[0].payload)).toBe(Object.prototype);
  expect(events.map((event) => event.payload)).toStrictEqual(
    Array.from({ length: 3000 }, (_, n) => ({ n })),
  );
});
