// Exceptions in the place of failed responses: `log.strict` has the methods of the log, which resolve with the data.

import assert from 'node:assert/strict';

import { EventLog, EventLogError, unwrap } from 'codebolt-eventlog';

const log = await EventLog.open(':memory:');
const { appendEvent, createInstance, queryEvents } = log.strict;

const { instance } = await createInstance('orders');
const order = { instanceId: instance.id, streamId: 'order-1' };
const { event } = await appendEvent({ ...order, eventType: 'OrderOpened', expectedSequence: 0 });
console.log(`${event.event_type} has number ${event.sequence_number}`);

// A failure is thrown, with the code of the response and what stood in the way.
try {
  await appendEvent({ ...order, eventType: 'OrderOpened', expectedSequence: 0 });
  assert.fail('the order was opened twice');
} catch (error) {
  assert.ok(error instanceof EventLogError);
  assert.equal(error.code, 'SEQUENCE_CONFLICT');
  assert.deepEqual(error.conflict, { streamId: 'order-1', expected: 0, actual: 1 });
  console.log(error.message);
}

// A single response can be unwrapped as well.
const { instances } = unwrap(await log.listInstances());
assert.equal(instances.length, 1);

const { result } = await queryEvents({ from: { instance: 'orders' } });
assert.deepEqual(result.events, [event]);

// What throws or rejects by itself is the same in both.
assert.equal(log.strict.readStream, log.readStream);
assert.equal(log.strict.decide, log.decide);
await log.strict.close();
