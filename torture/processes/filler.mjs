// A process that fills the disk with a log, and goes on once there is room again. It does one step after
// the other, as its parent tells it, and says what came of each.
//
//     node filler.mjs <path> <options as JSON>        with a channel for messages

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import { EventLog } from '../../index.mjs';

const [path, options] = process.argv.slice(2);
/** What all events say. */
const text = 'filled';

/** A payload that takes its room: what repeats itself takes next to none. */
const payload = () => ({ text, noise: randomBytes(750).toString('base64') });

const inFlight = 200;

let log;
const acknowledged = [];

const steps = {
  /** There is no room for a new log. */
  async openFull() {
    await assert.rejects(open(), (error) => {
      assert.equal(error.name, 'EventLogError');
      assert.equal(error.code, 'STORAGE_FAILED', error.message);
      return true;
    });
  },

  async open() {
    log = await open();
  },

  async make() {
    succeeded(await log.createInstance('events'));
  },

  /** Appends until there is no room. What is refused then is not there. */
  async fill() {
    for (;;) {
      const calls = Array.from({ length: inFlight }, (_, n) => append(`stream ${n % 7}`));
      const responses = await Promise.all(calls);
      for (const { success, data } of responses) if (success) acknowledged.push(data.event);
      const refused = responses.filter(({ success }) => !success);
      for (const response of refused) expectRefusal(response);
      if (refused.length > 0) return;
    }
  },

  /** Nothing can be changed, and everything can be read. */
  async hold() {
    const events = batchOf(3000, {});
    expectRefusal(await log.appendEvents({ instanceId: 'events', events }));
    expectRefusal(await log.createInstance('more'));
    expectRefusal(await append('stream 0'));
    await steps.compare();
  },

  /** There is room again. */
  async goOn() {
    acknowledged.push(succeeded(await append('stream 0')).event);
    succeeded(await log.createInstance('more'));
    const events = batchOf(100, { streamId: 'batch' });
    const stored = succeeded(await log.appendEvents({ instanceId: 'events', events }));
    acknowledged.push(...stored.events);
    await steps.compare();
  },

  /** The log has just what was acknowledged. */
  async compare() {
    const { eventCount } = succeeded(await log.getInstanceStats('events'));
    assert.equal(eventCount, acknowledged.length);
    for (const stream of new Set(acknowledged.map((event) => event.stream_id))) {
      const from = { instance: 'events', stream };
      const { events } = succeeded(await log.queryEvents({ from })).result;
      const expected = acknowledged.filter((event) => event.stream_id === stream);
      expected.sort((a, b) => a.sequence_number - b.sequence_number);
      assert.deepEqual(events, expected);
      assert.ok(events.every(({ sequence_number: number }, at) => number === at + 1));
    }
    const where = [{ field: 'payload.text', operator: 'eq', value: text }];
    const query = { from: { instance: 'events' }, where, limit: 0 };
    assert.equal(succeeded(await log.queryEvents(query)).result.total, acknowledged.length);
  },

  /** Closing brings the journal into the tables, for which there is no room. */
  async closeFull() {
    await assert.rejects(log.close(), { name: 'EventLogError', code: 'STORAGE_FAILED' });
  },

  close: () => log.close(),
};

for (;;) {
  const [step] = await once(process, 'message');
  if (step === 'end') break;
  try {
    await steps[step]();
    process.send({ done: step, acknowledged: acknowledged.length });
  } catch (error) {
    process.send({ failed: `${step}: ${error.message}` });
  }
}
process.disconnect();

function open() {
  return EventLog.open(path, JSON.parse(options));
}

function append(streamId) {
  const event = { instanceId: 'events', streamId, eventType: 'filled', payload: payload() };
  return log.appendEvent(event);
}

function batchOf(count, rest) {
  return Array.from({ length: count }, () => ({
    ...rest,
    eventType: 'filled',
    payload: payload(),
  }));
}

function succeeded({ success, code, error, data }) {
  assert.ok(success, `${code}: ${error}`);
  return data;
}

function expectRefusal({ success, code, error }) {
  assert.equal(success ? 'success' : code, 'STORAGE_FAILED', error);
}
