'use strict';

const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-jest-'));
  process.env.CODEBOLT_EVENTLOG_PATH = join(folder, 'log.redb');
  jest.resetModules();
});

afterEach(() => {
  delete process.env.CODEBOLT_EVENTLOG_PATH;
  // A default log has no close of its own; on POSIX its file may go while it is open.
  rmSync(folder, { recursive: true, force: true });
});

test('the default export appends and queries', async () => {
  const { default: codebolt } = require('../..');
  await codebolt.waitForConnection();
  const appended = await codebolt.eventLog.appendEvent({
    instanceId: 'orders',
    eventType: 'made',
    payload: { total: 59.98 },
    autoCreateInstance: true,
  });
  expect(appended.success).toBe(true);
  const queried = await codebolt.eventLog.queryEvents({ from: { instance: 'orders' } });
  expect(queried.data.result).toStrictEqual({ events: [appended.data.event], total: 1 });
});

test('a module that is loaded anew opens the default log anew', async () => {
  const first = require('../..');
  jest.resetModules();
  const second = require('../..');
  expect(second).not.toBe(first);

  const event = { instanceId: 'orders', eventType: 'made', autoCreateInstance: true };
  for (let number = 1; number <= 10; number += 2) {
    const one = await first.eventLog.appendEvent(event);
    const two = await second.eventLog.appendEvent(event);
    expect([one.success, two.success]).toEqual([true, true]);
    expect(one.data.event.sequence_number).toBe(number);
    expect(two.data.event.sequence_number).toBe(number + 1);
  }
});

test('a log that an earlier module opened works on after a reset', async () => {
  const { EventLog } = require('../..');
  const log = await EventLog.open(join(folder, 'other.redb'));
  await log.createInstance('orders');
  jest.resetModules();
  const again = await require('../..').EventLog.open(join(folder, 'other.redb'));
  expect((await again.getInstance('orders')).success).toBe(true);
  await again.close();
  expect((await log.getInstance('orders')).success).toBe(true);
  await log.close();
  expect((await log.getInstance('orders')).code).toBe('CLOSED');
});
