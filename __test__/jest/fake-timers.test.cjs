'use strict';

// A test that has time stand still must get its responses all the same.

const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

afterEach(() => {
  jest.useRealTimers();
  jest.resetModules();
});

async function answersAll({ EventLog }) {
  const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-jest-'));
  const log = await EventLog.open(join(folder, 'log.redb'));
  await log.createInstance('orders');
  const append = () => log.appendEvent({ instanceId: 'orders', eventType: 'made' });
  const responses = await Promise.all(Array.from({ length: 2000 }, append));
  expect(responses.filter(({ success }) => success)).toHaveLength(2000);
  const told = [];
  const { success } = await log.verify({ onProgress: (progress) => told.push(progress) });
  expect(success).toBe(true);
  expect(told.at(-1)).toEqual({ done: 2000, total: 2000 });
  let count = 0;
  for await (const event of log.subscribe({ instance: 'orders', consumer: 'reader' })) {
    count += 1;
    await event.ack();
    if (count === 10) break;
  }
  await log.close();
  rmSync(folder, { recursive: true, force: true });
}

for (const [name, fake] of Object.entries({
  'every function of time': () => jest.useFakeTimers(),
  'the timers of old': () => jest.useFakeTimers({ legacyFakeTimers: true }),
})) {
  test(`responses come while ${name} is faked, after the package was loaded`, async () => {
    const loaded = require('../..');
    fake();
    await answersAll(loaded);
  });

  test(`responses come while ${name} is faked, before the package is loaded`, async () => {
    fake();
    await answersAll(require('../..'));
  });
}
