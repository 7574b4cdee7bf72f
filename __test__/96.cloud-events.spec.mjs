// CloudEvents 1.0: what each becomes as an event, and back. The cases of the specification, and those of the conformance
// tests of CloudEvents for its JSON format, in their meaning.

import test from 'ava';
import { CloudEvent, HTTP } from 'cloudevents';

import { fromCloudEvent, toCloudEvent } from '../index.mjs';
import { appended } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const MINIMAL = {
  specversion: '1.0',
  id: 'a-1',
  source: 'https://example.com',
  type: 'com.example',
};

/** The CloudEvent that is found once one has been stored. */
async function storedAndBack(t, log, cloudEvent) {
  const params = { instanceId: 'a', autoCreateInstance: true, ...fromCloudEvent(cloudEvent) };
  const event = await appended(t, log, params);
  return { event, back: toCloudEvent(event) };
}

const VALID = {
  'the required attributes alone': {},
  'all attributes of the specification': {
    datacontenttype: 'text/plain',
    dataschema: 'https://example.com/schema',
    subject: 'things',
    time: '2018-04-05T17:31:00Z',
  },
  'a time with nine digits after the second': { time: '2018-04-05T17:31:00.123456789Z' },
  'a time with an offset to the east': { time: '2018-04-05T18:31:00+01:00' },
  'a time with an offset to the west': { time: '2018-04-05T16:31:00-01:00' },
  'a leap second': { time: '2016-12-31T23:59:60Z' },
  'a time in small letters': { time: '2018-04-05t17:31:00z' },
  'a source that is a fragment': { source: '#fragment' },
  'a source that is a URN': { source: 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66' },
  'a text as data': { datacontenttype: 'text/plain', data: 'Simple text' },
  'extensions of each type': {
    extinteger: -2147483648,
    extboolean: false,
    extstring: '',
    exturi: 'https://example.com',
    exttimestamp: '2023-03-31T15:12:00Z',
    extbinary: 'TWE=',
    extzero: 0,
  },
  'a media type with parameters': {
    datacontenttype: 'application/vnd.x+json; charset="utf-8"',
    data: {},
  },
  'null as data, which is not the same as none': { data: null },
  'zero as data': { data: 0 },
  'false as data': { data: false },
  'an empty text as data': { data: '' },
  'an empty array as data': { data: [] },
  'a text that looks like JSON': { datacontenttype: 'application/json', data: '{"a":1}' },
  'a text that looks like a number': { data: '12' },
  'an object whose keys are those of a CloudEvent': { data: { data: 1, data_base64: 'TWE=' } },
  bytes: { datacontenttype: 'image/png', data_base64: 'AAECAwT/' },
  'no bytes': { data_base64: '' },
  'names and values beyond ASCII': { subject: 'Euro € 😀', data: { ключ: '\u2028' } },
};

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

const INVALID = [
  [{ specversion: undefined }, /specversion: expected "1\.0", found nothing/],
  [{ specversion: '' }, /specversion/],
  [{ specversion: '0.9' }, /specversion: expected "1\.0", found "0\.9"/],
  [{ id: undefined }, /\.id: expected a text that is not empty, found nothing/],
  [{ id: '' }, /\.id/],
  [{ id: 25 }, /\.id: .* found 25/],
  [{ id: { xyz: 'abc' } }, /\.id/],
  [{ type: undefined }, /\.type/],
  [{ type: '' }, /\.type/],
  [{ source: undefined }, /\.source/],
  [{ source: '' }, /\.source/],
  [{ source: 'not a uri' }, /\.source: expected a URI reference/],
  [{ subject: '' }, /\.subject/],
  [{ dataschema: '' }, /\.dataschema/],
  [{ dataschema: '/relative' }, /\.dataschema: expected an absolute URI/],
  [{ datacontenttype: '' }, /\.datacontenttype/],
  [{ datacontenttype: 'xyz' }, /\.datacontenttype: expected a media type/],
  [{ time: 'lunchtime' }, /\.time: expected a time of RFC 3339/],
  [{ time: '2018-04-05T18:31Z' }, /\.time/],
  [{ time: '2018-04-05T18:31:00X' }, /\.time/],
  [{ time: '2018-04-05T18:31:00+25:00' }, /\.time/],
  [{ time: '2018-04-05T18:31:00+xx:00' }, /\.time/],
  [{ time: '2018-04-05T18:31:00+05' }, /\.time/],
  [{ time: '2018-04-05T18:31:00' }, /\.time/],
  [{ time: '2018-02-30T18:31:00Z' }, /\.time/],
  [{ time: 1522949460000 }, /\.time/],
  [{ MyExtension: 'bad' }, /expected attributes named with the letters a to z/],
  [{ 'my.extension': 'bad' }, /expected attributes named/],
  [{ my_extension: 'bad' }, /expected attributes named/],
  [{ extension: 1.5 }, /\.extension: expected a string, a boolean, or an integer/],
  [{ extension: 2147483648 }, /\.extension/],
  [{ extension: { a: 1 } }, /\.extension/],
  [{ data: 'text', data_base64: 'TWE=' }, /expected data or data_base64, found both/],
  [{ data_base64: 'TWE' }, /\.data_base64: expected bytes in base64/],
  [{ data_base64: 7 }, /\.data_base64/],
  [{ datacontenttype: 'text/plain;\r\n a=b' }, /\.datacontenttype/],
  [{ datacontenttype: 'text/plain; a="😀"' }, /\.datacontenttype/],
  [{ source: 'a%zz' }, /\.source/],
  [{ time: '0000-01-01T00:00:00+01:00' }, /\.time/],
  [{ time: '9999-12-31T23:59:59-01:00' }, /\.time/],
  [{ eventlogmetadata: '7' }, /eventlogmetadata: expected JSON of an object/],
];

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
