'use strict';

// The second of two test files that append to one log file, in one process or in two.

const { EventLog } = require('../..');
const shared = require('./shared-log.cjs');

let log;

beforeAll(async () => {
  shared.enter();
  log = await EventLog.open(shared.path);
});

afterAll(async () => {
  await log.close();
  shared.leave('second');
});

test('the second file appends to a stream of its own and to one that both use', async () => {
  for (let number = 1; number <= 50; number += 1) {
    const params = { instanceId: 'orders', eventType: 'made', autoCreateInstance: true };
    const own = await log.appendEvent({ ...params, streamId: 'second' });
    expect(own.success).toBe(true);
    expect(own.data.event.sequence_number).toBe(number);
    const both = await log.appendEvent({ ...params, streamId: 'both', payload: { by: 'second' } });
    expect(both.success).toBe(true);
  }
  const from = { instance: 'orders', stream: 'both' };
  const { events } = (await log.queryEvents({ from })).data.result;
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter((event) => event.payload.by === 'second')).toHaveLength(50);
});
