// CloudEvents over HTTP: each case of the specification in each mode, from and to plain requests, and from and to the
// JavaScript SDK of CloudEvents.

import { request } from 'node:http';

import test from 'ava';
import { CloudEvent, HTTP } from 'cloudevents';

import { INVALID, MINIMAL, VALID } from '../../../__test__/support/cloud-events.mjs';
import { start } from './support/server.js';

const STRUCTURED = 'application/cloudevents+json';
const BATCHED = 'application/cloudevents-batch+json';

const valid = Object.entries(VALID).map(([what, more], n) => ({
  what,
  cloudEvent: { ...MINIMAL, id: `id-${n}`, ...more },
}));

/** Sends a request to an instance `a`. Returns the status, the headers and the body as it came. */
async function send(url, method, query, headers, body) {
  const response = await new Promise((resolve, reject) => {
    request(`${url}cloudevents?instance=a${query}`, { method, headers }, resolve)
      .on('error', reject)
      .end(body);
  });
  const pieces = [];
  for await (const piece of response) pieces.push(piece);
  const { statusCode: status, headers: answered } = response;
  return { status, headers: answered, body: Buffer.concat(pieces) };
}

/** Posts what has to be stored, and returns the event. */
async function store(t, url, headers, body, what) {
  const { status, body: answered } = await send(url, 'POST', '', headers, body);
  const { data, error } = JSON.parse(answered);
  t.is(status, 200, `${what}: ${error}`);
  return data.event;
}

/** A text in percent-encoding, as the specification says it: of each character outside of visible ASCII, and of " and %. */
function encoded(text) {
  return [...text]
    .map((each) => (/[!#-$&-~]/.test(each) ? each : encodeURIComponent(each).replace('"', '%22')))
    .join('');
}

/** The headers and the body of a CloudEvent in binary mode. */
function binaryOf({ datacontenttype, data, data_base64: bytes, ...attributes }) {
  const isJson = datacontenttype === undefined || /[/+]json/i.test(datacontenttype);
  const implied = data === undefined ? undefined : 'application/json';
  const type = datacontenttype ?? implied;
  const headers = type === undefined ? {} : { 'Content-Type': type };
  for (const [name, value] of Object.entries(attributes)) {
    headers[`CE-${name}`] = encoded(String(value));
  }
  if (bytes !== undefined) return { headers, body: Buffer.from(bytes, 'base64') };
  return { headers, body: data === undefined || !isJson ? data : JSON.stringify(data) };
}

/** What is found of a CloudEvent that came in binary mode: its attributes are texts, and bytes are read by their type. */
function ofBinary({ data_base64: bytes, ...cloudEvent }) {
  const { datacontenttype: type, data } = cloudEvent;
  const found = {};
  for (const [name, value] of Object.entries(cloudEvent)) {
    found[name] = name === 'data' ? value : String(value);
  }
  if (data !== undefined) found.datacontenttype = type ?? 'application/json';
  if (bytes === undefined || bytes === '') return found;
  if (type === 'application/json')
    return { ...found, data: JSON.parse(Buffer.from(bytes, 'base64')) };
  return { ...found, data_base64: bytes };
}

test('binary mode: each case is stored as it is, and given out with the same headers and bytes', async (t) => {
  const { url } = await start(t);
  for (const { what, cloudEvent } of valid) {
    const { headers, body } = binaryOf(cloudEvent);
    const event = await store(t, url, headers, body, what);
    const structured = await send(url, 'GET', `&id=${event.id}`, {});
    t.deepEqual(JSON.parse(structured.body), ofBinary(cloudEvent), what);
    const binary = await send(url, 'GET', `&id=${event.id}&mode=binary`, {});
    t.is(binary.status, 200, what);
    t.deepEqual(binary.body, Buffer.from(body ?? ''), what);
    const own = Object.entries(binary.headers).filter(([name]) => /^ce-|^content-type$/.test(name));
    const sent = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    t.deepEqual(Object.fromEntries(own), Object.fromEntries(sent), what);
  }
});

test('structured mode: each case comes back as it is, whatever parameters its media type has', async (t) => {
  const { url } = await start(t);
  const types = [STRUCTURED, `${STRUCTURED}; charset=utf-8`, 'Application/CloudEvents+JSON;v=1'];
  for (const [n, { what, cloudEvent }] of valid.entries()) {
    const headers = { 'Content-Type': types[n % types.length], 'ce-id': 'of-no-meaning-here' };
    const event = await store(t, url, headers, JSON.stringify(cloudEvent), what);
    const found = await send(url, 'GET', `&id=${event.id}`, { Accept: STRUCTURED });
    t.is(found.headers['content-type'], STRUCTURED);
    t.deepEqual(JSON.parse(found.body), cloudEvent, what);
  }
});

test('structured mode and binary mode are the same event', async (t) => {
  const { url } = await start(t);
  for (const { what, cloudEvent } of valid) {
    const headers = { 'Content-Type': STRUCTURED };
    const event = await store(t, url, headers, JSON.stringify(cloudEvent), what);
    const binary = await send(url, 'GET', `&id=${event.id}&mode=binary`, {});
    const expected = binaryOf(cloudEvent);
    t.is(binary.headers['content-type'], expected.headers['Content-Type'], what);
    t.deepEqual(binary.body, Buffer.from(expected.body ?? ''), what);
  }
});

test('batched mode: all cases are one batch, in and out', async (t) => {
  const { url } = await start(t);
  const batch = valid.map(({ cloudEvent }) => cloudEvent);
  const headers = { 'Content-Type': `${BATCHED}; charset=UTF-8` };
  const { status, body } = await send(url, 'POST', '', headers, JSON.stringify(batch));
  t.is(status, 200, String(body));
  const found = await send(url, 'GET', '', {});
  t.is(found.headers['content-type'], BATCHED);
  t.deepEqual(JSON.parse(found.body), batch);
});

test('what is no CloudEvent is refused in each mode that can say it', async (t) => {
  const { log, url } = await start(t);
  for (const [more, pattern] of INVALID) {
    const bad = { ...MINIMAL, ...more };
    for (const [type, sent] of [
      [STRUCTURED, bad],
      [BATCHED, [MINIMAL, bad]],
    ]) {
      const headers = { 'Content-Type': type };
      const { status, body } = await send(url, 'POST', '', headers, JSON.stringify(sent));
      t.is(status, 400, pattern.source);
      t.regex(JSON.parse(body).error, pattern);
    }
  }
  for (const [headers, pattern] of [
    [{ 'ce-id': undefined }, /^ce-id: .* found nothing/],
    [{ 'ce-source': undefined }, /^ce-source: .* found nothing/],
    [{ 'ce-type': undefined }, /^ce-type: .* found nothing/],
    [{ 'ce-specversion': undefined }, /^ce-specversion: .* found nothing/],
    [{ 'ce-specversion': '0.3' }, /^ce-specversion: expected "1\.0", found "0\.3"/],
    [{ 'ce-id': '' }, /^ce-id: expected a text that is not empty/],
    [{ 'ce-id': 'a%0Ab' }, /^ce-id: .* without control characters/],
    [{ 'ce-time': '2018-04-05' }, /^ce-time: expected a time of RFC 3339/],
    [{ 'ce-source': '%20' }, /^ce-source: expected a URI reference/],
    [{ 'ce-subject': '%C0%A0' }, /^ce-subject: expected percent-encoded UTF-8/],
    [{ 'ce-subject': '%ED%A0%80' }, /^ce-subject: expected percent-encoded UTF-8/],
    [{ 'ce-my-extension': 'x' }, /^ce-my-extension: expected the name of an attribute/],
    [{ 'ce-datacontenttype': 'text/plain' }, /^ce-datacontenttype: expected it as Content-Type/],
    [{ 'ce-subject': ['a', 'b'] }, /^ce-subject: expected it once/],
    [{ 'Content-Type': 'text' }, /expected a media type/],
  ]) {
    const { headers: own } = binaryOf(MINIMAL);
    const lower = Object.fromEntries(Object.entries(own).map(([k, v]) => [k.toLowerCase(), v]));
    const sent = Object.entries({ ...lower, ...headers }).filter(
      ([, value]) => value !== undefined,
    );
    const { status, body } = await send(url, 'POST', '', Object.fromEntries(sent), '{}');
    t.is(status, 400, pattern.source);
    t.regex(JSON.parse(body).error, pattern);
  }
  // A CloudEvent as JSON, or several, that does not say so.
  for (const [type, found] of [
    ['application/json', '"application/json"'],
    [undefined, 'neither'],
  ]) {
    const headers = type === undefined ? {} : { 'Content-Type': type };
    const { status, body } = await send(url, 'POST', '', headers, JSON.stringify(MINIMAL));
    t.is(status, 400);
    t.is(
      JSON.parse(body).error,
      `headers: expected the Content-Type ${STRUCTURED} or ${BATCHED}, or attributes of a CloudEvent such as ce-id, found ${found}`,
    );
  }
  t.is((await log.getInstance('a')).code, 'INSTANCE_NOT_FOUND');
});

/** What the SDK's object says of itself, with a time as the instant that it is. */
function said(cloudEvent) {
  const { time, ...rest } = JSON.parse(JSON.stringify(cloudEvent));
  return time === undefined ? rest : { ...rest, time: Date.parse(time) };
}

/** Data and times that version 10.0.0 of the SDK alters by itself when it reads structured mode. */
const isAlteredOnReading = ({ data, data_base64: bytes, time = '' }) =>
  (data !== undefined && !data) || bytes === '' || time.includes(':60');

test('structured mode: the SDK reads what is given out', async (t) => {
  const { url } = await start(t);
  let read = 0;
  for (const { what, cloudEvent } of valid) {
    const headers = { 'Content-Type': STRUCTURED };
    const event = await store(t, url, headers, JSON.stringify(cloudEvent), what);
    if (isAlteredOnReading(cloudEvent)) continue;
    const given = await send(url, 'GET', `&id=${event.id}`, {});
    const found = said(HTTP.toEvent({ headers: given.headers, body: String(given.body) }));
    // The SDK gives the present time to an event without one.
    if (cloudEvent.time === undefined) delete found.time;
    t.deepEqual(found, said(cloudEvent), what);
    read += 1;
  }
  t.true(read > 25);
});

test('binary mode: the SDK reads the attributes and the bytes that are given out', async (t) => {
  const { url } = await start(t);
  let read = 0;
  for (const { what, cloudEvent } of valid) {
    const headers = { 'Content-Type': STRUCTURED };
    const event = await store(t, url, headers, JSON.stringify(cloudEvent), what);
    const given = await send(url, 'GET', `&id=${event.id}&mode=binary`, {});
    const { time, data, data_base64: bytes, datacontenttype: type, ...rest } = cloudEvent;
    // It leaves percent-encoding as it is.
    if (JSON.stringify(rest).includes('%') || isAlteredOnReading(cloudEvent)) continue;
    const found = HTTP.toEvent({ headers: given.headers, body: given.body });
    for (const [name, value] of Object.entries(rest)) {
      t.is(decodeURIComponent(found[name]), String(value), what);
    }
    if (time !== undefined) t.is(Date.parse(found.time), Date.parse(time), what);
    t.is(
      found.datacontenttype,
      type ?? (data === undefined ? undefined : 'application/json'),
      what,
    );
    t.deepEqual(Buffer.from(found.data), Buffer.from(binaryOf(cloudEvent).body ?? ''), what);
    t.is(bytes === undefined || found.data_base64 === bytes, true, what);
    read += 1;
  }
  t.true(read > 25);
});

test('what the SDK sends is stored as it has sent it', async (t) => {
  const { url } = await start(t);
  let sent = 0;
  for (const { what, cloudEvent } of valid) {
    // A leap second is no time to it.
    if (cloudEvent.time?.includes(':60')) continue;
    const made = new CloudEvent(cloudEvent);
    const structured = HTTP.structured(made);
    const first = await store(t, url, structured.headers, structured.body, what);
    const found = await send(url, 'GET', `&id=${first.id}`, {});
    t.deepEqual(JSON.parse(found.body), JSON.parse(structured.body), what);

    const { headers, body } = HTTP.binary(new CloudEvent({ ...cloudEvent, id: `${what} 2` }));
    // Characters that it does not encode are not sent, or mean another one to whoever decodes them.
    if (!/^[^%]*$/.test(JSON.stringify(headers)) || /[^ -~]/.test(JSON.stringify(headers)))
      continue;
    const content =
      body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(String(body ?? ''));
    const second = await store(t, url, headers, content, what);
    const binary = JSON.parse((await send(url, 'GET', `&id=${second.id}`, {})).body);
    const { data, data_base64: bytes, datacontenttype: type, ...attributes } = binary;
    t.is(type, headers['content-type'], what);
    for (const [name, value] of Object.entries(attributes)) {
      t.is(value, String(headers[`ce-${name}`]), what);
    }
    if (bytes !== undefined) t.deepEqual(Buffer.from(bytes, 'base64'), content, what);
    else if (content.length === 0) t.is(data, undefined, what);
    else t.deepEqual(data, type.includes('json') ? JSON.parse(content) : String(content), what);
    sent += 1;
  }
  t.true(sent > 25);
});

test('a batch that is given out is read by the SDK, event by event', async (t) => {
  const { url } = await start(t);
  const batch = valid
    .map(({ cloudEvent }) => cloudEvent)
    .filter((cloudEvent) => !isAlteredOnReading(cloudEvent));
  const headers = { 'Content-Type': BATCHED };
  t.is((await send(url, 'POST', '', headers, JSON.stringify(batch))).status, 200);
  const given = await send(url, 'GET', '', {});
  const found = HTTP.toEvent({ headers: given.headers, body: String(given.body) });
  t.is(found.length, batch.length);
  for (const [n, cloudEvent] of batch.entries()) {
    const { time, ...rest } = said(found[n]);
    const { time: expected, ...others } = said(cloudEvent);
    t.deepEqual(rest, others);
    if (expected !== undefined) t.is(time, expected);
  }
});
