// What is told of an event whose subject was forgotten, where not all of the event is given.

import test from 'ava';

import { fromCloudEvent, toCloudEvent } from '../index.mjs';
import { opened, queried, succeeded } from './support/encrypted.mjs';

const SUBJECT = 'customer-7\n';

const forgotten = { subject: SUBJECT };

/** A log with an event that was forgotten, and one that was not. */
async function forgetful(t) {
  const { log } = await opened(t);
  const event = { eventType: 'told', payload: { n: 1, deep: { m: 2 } }, metadata: { by: 'me' } };
  const events = [{ ...event, encrypt: { subject: SUBJECT } }, event];
  succeeded(t, await log.appendEvents({ instanceId: 'log', events }));
  succeeded(t, await log.forgetSubject(SUBJECT));
  return log;
}

test('a selection that has anything of what is gone says that it is gone', async (t) => {
  const log = await forgetful(t);
  const from = { instance: 'log' };
  for (const [select, ...expected] of [
    [['payload'], { payload: {}, forgotten }, { payload: { n: 1, deep: { m: 2 } } }],
    [['payload.n'], { forgotten }, { payload: { n: 1 } }],
    [['n', 'metadata'], { metadata: {}, forgotten }, { payload: { n: 1 }, metadata: { by: 'me' } }],
    [['deep.m', 'sequence_number'], { sequence_number: 1, forgotten }],
    [['metadata.by', 'event_type'], { event_type: 'told', forgotten }],
    // What shows nothing of it is not looked at, and needs no key.
    [['event_type', 'position'], { event_type: 'told', position: 1 }],
    [['sequence_number'], { sequence_number: 1 }, { sequence_number: 2 }],
  ]) {
    const { events } = queried(t, await log.queryEvents({ from, select }));
    t.deepEqual(events.slice(0, expected.length), expected, `${select}`);
    const collected = { from, select, reduce: { type: 'collect' } };
    const { aggregation } = queried(t, await log.queryEvents(collected));
    t.deepEqual(aggregation, events, `${select}`);
    const text = await log.queryEvents({ from, select }, { format: 'json' });
    t.deepEqual(JSON.parse(text).data.result.events, events);
  }
});

test('a CloudEvent of what was forgotten says so, and does not become an event that was not', async (t) => {
  const log = await forgetful(t);
  const { events } = queried(t, await log.queryEvents({ from: { instance: 'log' } }));
  const [gone, other] = events.map((event) => toCloudEvent(event));
  t.deepEqual([gone.data, gone.eventlogforgotten], [{}, 'customer-7\ufffd']);
  t.false('eventlogforgotten' in other);
  const { metadata, payload } = fromCloudEvent(gone);
  t.deepEqual(payload, {});
  t.is(metadata.cloudEvent.attributes.eventlogforgotten, 'customer-7\ufffd');
  t.deepEqual(fromCloudEvent(other).metadata, { by: 'me' });
});
