// CloudEvents 1.0: what each becomes as an event, and back.

import test from 'ava';
import { CloudEvent, HTTP } from 'cloudevents';

import { fromCloudEvent, toCloudEvent } from '../index.mjs';
import { INVALID, MINIMAL, VALID } from './support/cloud-events.mjs';
import { appended } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

/** The CloudEvent that is found once one has been stored. */
async function storedAndBack(t, log, cloudEvent) {
  const params = { instanceId: 'a', autoCreateInstance: true, ...fromCloudEvent(cloudEvent) };
  const event = await appended(t, log, params);
  return { event, back: toCloudEvent(event) };
}

for (const [what, more] of Object.entries(VALID)) {
  test(`${what} is kept`, async (t) => {
    const log = await openLog(t);
    const cloudEvent = { ...MINIMAL, ...more };
    const { event, back } = await storedAndBack(t, log, cloudEvent);
    t.deepEqual(back, cloudEvent);
    t.is(event.event_type, cloudEvent.type);
    t.is(event.stream_id, cloudEvent.subject ?? cloudEvent.source);
    t.deepEqual(fromCloudEvent(back), fromCloudEvent(cloudEvent));
  });
}

test('an attribute that is null or undefined is not set', (t) => {
  const nothing = { datacontenttype: null, dataschema: null, subject: null, time: null, ext: null };
  t.deepEqual(fromCloudEvent({ ...MINIMAL, ...nothing }), fromCloudEvent(MINIMAL));
  t.deepEqual(fromCloudEvent({ ...MINIMAL, ext: undefined }), fromCloudEvent(MINIMAL));
  t.deepEqual(fromCloudEvent({ ...MINIMAL, data_base64: null }), fromCloudEvent(MINIMAL));
});

test('the event has the time of the CloudEvent, in whole milliseconds of UTC', (t) => {
  const timeOf = (time) => fromCloudEvent({ ...MINIMAL, time }).timestamp;
  t.is(timeOf('2018-04-05T17:31:00.123999+02:30'), '2018-04-05T15:01:00.123Z');
  t.is(timeOf('2016-12-31T23:59:60Z'), '2017-01-01T00:00:00.000Z');
  t.is(timeOf('0099-03-01T00:00:00-00:00'), '0099-03-01T00:00:00.000Z');
  t.is(timeOf(undefined), undefined);
});

test('what is no CloudEvent is refused, with the place', (t) => {
  for (const [more, pattern] of INVALID) {
    const error = t.throws(
      () => fromCloudEvent({ ...MINIMAL, ...more }),
      undefined,
      pattern.source,
    );
    t.is(error.code, 'INVALID_ARGUMENT');
    t.regex(error.message, pattern);
  }
  for (const value of [undefined, null, 7, 'x', []]) {
    t.is(t.throws(() => fromCloudEvent(value)).code, 'INVALID_ARGUMENT');
    t.is(t.throws(() => toCloudEvent(value)).code, 'INVALID_ARGUMENT');
  }
  t.throws(() => fromCloudEvent(MINIMAL, { stream: 7 }), { message: /options\.stream/ });
});

test('bytes can be bytes', (t) => {
  const encoded = fromCloudEvent({ ...MINIMAL, data_base64: 'AQID' });
  const bytes = Uint8Array.of(0, 1, 2, 3).subarray(1);
  for (const data of [bytes, bytes.slice().buffer, Buffer.from(bytes)]) {
    t.deepEqual(fromCloudEvent({ ...MINIMAL, data }), encoded);
  }
  t.deepEqual(fromCloudEvent({ ...MINIMAL, data: new Date(0) }).payload, {
    data: '1970-01-01T00:00:00.000Z',
  });
});

test('data that JSON has no value for is refused', (t) => {
  for (const data of [() => {}, Symbol('s'), 5n, NaN, -Infinity, new Date(NaN), { toJSON() {} }]) {
    const error = t.throws(() => fromCloudEvent({ ...MINIMAL, data }));
    t.is(error.code, 'INVALID_ARGUMENT');
    t.regex(error.message, /^cloudEvent\.data: expected a value of JSON, found /);
  }
});

test('an event that was no CloudEvent becomes one, and comes back as it was', async (t) => {
  const log = await openLog(t);
  const event = await appended(t, log, {
    instanceId: 'a b/é',
    autoCreateInstance: true,
    streamId: 'order 1',
    eventType: 'OrderPaid',
    payload: [{ amount: 5 }],
    metadata: { traceparent: '00-aa-bb-01', correlationId: 'c', causationId: '', deep: [{ n: 1 }] },
    timestamp: '2026-01-31T12:00:00.5Z',
  });
  const cloudEvent = toCloudEvent(event);
  t.deepEqual(cloudEvent, {
    specversion: '1.0',
    id: event.id,
    source: '/eventlog/a%20b%2F%C3%A9',
    type: 'OrderPaid',
    subject: 'order 1',
    time: '2026-01-31T12:00:00.500Z',
    datacontenttype: 'application/json',
    traceparent: '00-aa-bb-01',
    correlationid: 'c',
    eventlogmetadata: JSON.stringify(event.metadata),
    eventlogsequence: '1',
    data: [{ amount: 5 }],
  });
  const { stream_id: streamId, event_type: eventType, payload, metadata, timestamp } = event;
  t.deepEqual(fromCloudEvent(cloudEvent), { streamId, eventType, payload, metadata, timestamp });
  t.is(toCloudEvent(event, { source: '/own' }).source, '/own');
  t.is(toCloudEvent(event, { source: ({ stream_id: id }) => `#${id.length}` }).source, '#7');
  t.throws(() => toCloudEvent(event, { source: '' }), { message: /options\.source/ });
});

test('a program may use the key of its own in metadata', async (t) => {
  const log = await openLog(t);
  for (const cloudEvent of [7, {}, { attributes: {} }, { attributes: MINIMAL, wraps: 'x' }]) {
    const params = { instanceId: 'a', autoCreateInstance: true, eventType: 't' };
    const event = await appended(t, log, { ...params, metadata: { cloudEvent } });
    t.is(toCloudEvent(event).id, event.id);
    t.deepEqual(fromCloudEvent(toCloudEvent(event)).metadata, { cloudEvent });
  }
});

test('the stream is what the caller says, else the subject, else the source', (t) => {
  const streamOf = (more, options) => fromCloudEvent({ ...MINIMAL, ...more }, options).streamId;
  t.is(streamOf({}), 'https://example.com');
  t.is(streamOf({ subject: 's' }), 's');
  t.is(streamOf({ subject: 's' }, { stream: 'own' }), 'own');
  t.is(streamOf({ ext: 'x' }, { stream: ({ ext }) => ext }), 'x');
});

test('extensions that a log knows by other names are metadata too', (t) => {
  const { metadata } = fromCloudEvent({
    ...MINIMAL,
    traceparent: '00-aa-bb-01',
    correlationid: 'c',
  });
  t.is(metadata.traceparent, '00-aa-bb-01');
  t.is(metadata.correlationId, 'c');
});

test('the SDK of CloudEvents reads what is made here, and what it makes is read', async (t) => {
  const log = await openLog(t);
  const made = new CloudEvent({
    ...MINIMAL,
    subject: 's',
    datacontenttype: 'application/json',
    data: { n: 1 },
    ext: 'x',
  });
  const { event, back } = await storedAndBack(t, log, made);
  t.deepEqual(event.payload, { n: 1 });
  t.deepEqual(JSON.parse(JSON.stringify(made)), back);
  const read = HTTP.toEvent({
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(toCloudEvent(event)),
  });
  t.deepEqual(JSON.parse(JSON.stringify(read)), back);
  const binary = new CloudEvent({ ...MINIMAL, data: Buffer.from([1, 2, 3]) });
  t.deepEqual((await storedAndBack(t, log, binary)).event.payload, { data_base64: 'AQID' });
});

test('metadata that comes beside a CloudEvent goes with it, and comes back', async (t) => {
  const log = await openLog(t);
  const { metadata, ...params } = fromCloudEvent({ ...MINIMAL, traceparent: '00-aa', data: {} });
  const more = { ...metadata, schemaVersion: 2, by: { n: 1 } };
  const event = await appended(t, log, {
    instanceId: 'a',
    autoCreateInstance: true,
    ...params,
    metadata: more,
  });
  const cloudEvent = toCloudEvent(event);
  t.deepEqual(JSON.parse(cloudEvent.eventlogmetadata), { schemaVersion: 2, by: { n: 1 } });
  t.deepEqual(fromCloudEvent(cloudEvent).metadata, more);
});

test('what a broker adds to an event of a log is kept', async (t) => {
  const log = await openLog(t);
  const metadata = { correlationId: 'c', n: 1 };
  const params = { instanceId: 'a', autoCreateInstance: true, eventType: 't', metadata };
  const event = await appended(t, log, params);
  const sent = { ...toCloudEvent(event), partitionkey: 'k', traceparent: '00-x' };
  const { back } = await storedAndBack(t, log, sent);
  t.like(back, { id: event.id, partitionkey: 'k', traceparent: '00-x', correlationid: 'c' });
  t.like(fromCloudEvent(sent).metadata, { correlationId: 'c', n: 1, traceparent: '00-x' });
  t.deepEqual(fromCloudEvent(back).metadata.n, 1);
});

test('options that are not understood are refused', (t) => {
  for (const options of [{ streams: 's' }, { stream: 7 }, 7, { stream: () => undefined }]) {
    t.is(t.throws(() => fromCloudEvent(MINIMAL, options)).code, 'INVALID_ARGUMENT');
  }
  t.is(fromCloudEvent(MINIMAL, null).streamId, MINIMAL.source);
});

test('what a text of an attribute cannot have is escaped, and comes back', async (t) => {
  const log = await openLog(t);
  const params = { instanceId: 'a', autoCreateInstance: true, eventType: 't' };
  const metadata = { 'k\u0085': '\ufffe\u{1ffff}\n🌎', traceparent: 'a\u0001', n: [1, '\u007f'] };
  const event = await appended(t, log, { ...params, metadata });
  const cloudEvent = toCloudEvent(event);
  t.notRegex(cloudEvent.eventlogmetadata, /[\p{Cc}\p{Noncharacter_Code_Point}]/u);
  t.true(cloudEvent.eventlogmetadata.includes('🌎'));
  t.is(cloudEvent.traceparent, undefined);
  t.deepEqual(fromCloudEvent(cloudEvent).metadata, metadata);
  t.deepEqual((await storedAndBack(t, log, cloudEvent)).event.metadata, metadata);
  const names = { streamId: 'a\u001b[2J\uffff', eventType: '\n"🌎"' };
  const named = await appended(t, log, { ...params, ...names, metadata });
  const sent = toCloudEvent(named);
  t.like(sent, { type: '\ufffd"🌎"', subject: 'a\ufffd[2J\ufffd' });
  for (const value of Object.values(sent))
    t.notRegex(String(value), /[\p{Cc}\p{Noncharacter_Code_Point}]/u);
  for (const given of [sent, { ...sent, partitionkey: 'k' }]) {
    t.like(fromCloudEvent(given), names);
    t.is(fromCloudEvent(given, { stream: 'own' }).streamId, 'own');
    const { event: stored, back } = await storedAndBack(t, log, given);
    t.like(fromCloudEvent(back), { ...names, metadata: stored.metadata });
  }
  t.like(fromCloudEvent({ ...MINIMAL, eventlogtype: '{', eventlogstream: '7' }), {
    eventType: MINIMAL.type,
    streamId: MINIMAL.source,
  });
  t.is(toCloudEvent({ ...event, instanceId: '\ud800' }).source, '/eventlog/%EF%BF%BD');
});
