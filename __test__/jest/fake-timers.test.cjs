'use strict';

// A test that has time stand still must get its responses all the same.

const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const { EventLog } = require('../..');

afterEach(() => jest.useRealTimers());

test('responses come while timers and immediates are faked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-jest-'));
  jest.useFakeTimers();
  const log = await EventLog.open(join(folder, 'log.redb'));
  await log.createInstance('orders');
  const append = () => log.appendEvent({ instanceId: 'orders', eventType: 'made' });
  const responses = await Promise.all(Array.from({ length: 2000 }, append));
  expect(responses.filter(({ success }) => success)).toHaveLength(2000);
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});
