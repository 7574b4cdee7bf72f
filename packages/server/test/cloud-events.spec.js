// CloudEvents over HTTP: binary, structured and batched mode, in and out.

import { request } from 'node:http';

import test from 'ava';

import { start } from './support/server.js';

const TYPE = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const MINIMAL = { specversion: '1.0', id: 'a-1', source: '/s', type: 'com.example' };

/** Posts to an instance `a`. Returns the status and the response. */
async function post(url, { headers, body, query = '' }) {
  const response = await fetch(`${url}cloudevents?instance=a${query}`, {
    method: 'POST',
    headers,
    body,
  });
  return { status: response.status, body: await response.json() };
}

const structured = (cloudEvent) => ({
  headers: { 'Content-Type': TYPE },
  body: JSON.stringify(cloudEvent),
});

/** The headers of the required attributes. */
const CE = { 'ce-specversion': '1.0', 'ce-id': 'a-1', 'ce-source': '/s', 'ce-type': 'com.example' };

/** The CloudEvents of an instance, in batched mode. */
async function batchOf(url, query = '') {
  const response = await fetch(`${url}cloudevents?instance=a${query}`);
  return { response, events: await response.json() };
}

const BINARY = [
  [{ 'Content-Type': 'application/json' }, '{"message":"Hello"}', { data: { message: 'Hello' } }],
  [{ 'Content-Type': 'application/json; charset=utf-8' }, '0', { data: 0 }],
  [{ 'Content-Type': 'application/json' }, 'null', { data: null }],
  [{ 'Content-Type': 'application/json' }, '"{\\"a\\":1}"', { data: '{"a":1}' }],
  [{ 'Content-Type': 'application/vnd.x+json' }, '[]', { data: [] }],
  [{ 'Content-Type': 'text/plain' }, '{"a":1}', { data: '{"a":1}' }],
  [{ 'Content-Type': 'text/plain;charset=UTF-8' }, 'false', { data: 'false' }],
  [{ 'Content-Type': 'application/xml' }, '<much wow="xml"/>', { data: '<much wow="xml"/>' }],
  [{ 'Content-Type': 'text/plain; charset=latin1' }, Buffer.from([0xe9]), { data_base64: '6Q==' }],
  [{ 'Content-Type': 'text/plain' }, Buffer.from([0xff]), { data_base64: '/w==' }],
  [{ 'Content-Type': 'image/png' }, Buffer.from([0, 1, 255]), { data_base64: 'AAH/' }],
  [{ 'Content-Type': 'image/png' }, 'text', { data_base64: 'dGV4dA==' }],
];

test('binary mode keeps the data of each type, and gives back the same bytes', async (t) => {
  const { log, url } = await start(t);
  for (const [n, [headers, body, data]] of BINARY.entries()) {
    const id = `id-${n}`;
    const { status, body: answered } = await post(url, {
      headers: { ...CE, 'ce-id': id, ...headers },
      body,
    });
    t.is(status, 200, answered.error);
    const { event } = answered.data;
    const found = await fetch(`${url}cloudevents?instance=a&id=${event.id}`);
    t.is(found.headers.get('content-type'), TYPE);
    t.deepEqual(await found.json(), {
      ...MINIMAL,
      id,
      datacontenttype: headers['Content-Type'],
      ...data,
    });
    const again = await fetch(`${url}cloudevents?instance=a&id=${event.id}&mode=binary`);
    t.is(again.headers.get('content-type'), headers['Content-Type']);
    t.is(again.headers.get('ce-id'), id);
    t.deepEqual(Buffer.from(await again.arrayBuffer()), Buffer.from(body));
    t.regex(again.headers.get('content-security-policy'), /sandbox/);
  }
  t.is((await log.getInstanceStats('a')).data.eventCount, BINARY.length);
});

/** Sends a request whose headers are sent as they are. */
async function sendRaw(url, headers, body) {
  const response = await new Promise((resolve, reject) => {
    request(`${url}cloudevents?instance=a`, { method: 'POST', headers }, resolve)
      .on('error', reject)
      .end(body);
  });
  let text = '';
  for await (const piece of response) text += piece;
  return { status: response.statusCode, body: JSON.parse(text) };
}

test('binary mode reads attributes as the specification says, and writes them so', async (t) => {
  const { url } = await start(t);
  const headers = {
    ...CE,
    'ce-time': '2018-04-05T03:56:24.123456789+02:00',
    'ce-subject': 'Euro%20%e2%82%AC%20%F0%9F%98%80',
    'ce-quoted': '"a \\"b\\" %41"',
    'ce-plain': 'a b',
    'ce-more': '%41%42',
    'ce-number': '5',
  };
  const { status, body } = await sendRaw(url, headers);
  t.is(status, 200, body.error);
  const expected = {
    ...MINIMAL,
    time: '2018-04-05T03:56:24.123456789+02:00',
    subject: 'Euro € 😀',
    quoted: 'a "b" A',
    plain: 'a b',
    more: 'AB',
    number: '5',
  };
  t.deepEqual((await batchOf(url)).events, [expected]);
  const { id } = body.data.event;
  const out = await fetch(`${url}cloudevents?instance=a&id=${id}&mode=binary`);
  t.is(out.headers.get('ce-subject'), 'Euro%20%E2%82%AC%20%F0%9F%98%80');
  t.is(out.headers.get('ce-quoted'), 'a%20%22b%22%20A');
  t.is(out.headers.get('ce-time'), expected.time);
  t.is(out.headers.get('content-type'), null);
  t.is(await out.text(), '');
});

test('structured mode keeps what is easily lost', async (t) => {
  const { url } = await start(t);
  const cloudEvents = [
    { data: false },
    { data: 0 },
    { data: '' },
    { data: null },
    {},
    { data: '{"a":1}', datacontenttype: 'text/plain' },
    { data_base64: 'AQID', ext: 0, other: false, third: '' },
    { time: '2018-04-05T17:31:00.000000001-07:00', dataschema: 'urn:x' },
  ].map((more, n) => ({ ...MINIMAL, id: `id-${n}`, ...more }));
  for (const cloudEvent of cloudEvents) {
    const { status, body } = await post(url, structured(cloudEvent));
    t.is(status, 200, body.error);
    t.is(body.type, 'eventLog.appendEvent');
  }
  const { response, events } = await batchOf(url);
  t.is(response.headers.get('content-type'), BATCH);
  t.deepEqual(events, cloudEvents);
});

test('batched mode appends all or none', async (t) => {
  const { log, url } = await start(t);
  const batch = (events) => ({ headers: { 'Content-Type': BATCH }, body: JSON.stringify(events) });
  const two = [MINIMAL, { ...MINIMAL, id: 'a-2', subject: 's' }];
  const { status, body } = await post(url, batch(two));
  t.is(status, 200);
  t.is(body.data.count, 2);
  const bad = await post(
    url,
    batch([
      { ...MINIMAL, id: 'a-3' },
      { ...MINIMAL, specversion: '0.9' },
    ]),
  );
  t.is(bad.status, 400);
  t.regex(bad.body.error, /^body\[1\]\.specversion: expected "1\.0"/);
  t.is((await post(url, batch([7]))).status, 400);
  t.is((await post(url, batch({}))).status, 400);
  t.is((await post(url, batch([]))).body.data.count, 0);
  t.is((await log.getInstanceStats('a')).data.eventCount, 2);
  t.is((await post(url, batch(two))).body.data.duplicate, true);
});

test('what is delivered twice is stored once', async (t) => {
  const { log, url } = await start(t);
  const long = { ...MINIMAL, id: 'x'.repeat(1000), data: 1 };
  for (const cloudEvent of [MINIMAL, long]) {
    t.is((await post(url, structured(cloudEvent))).body.data.duplicate, undefined);
    t.is((await post(url, structured(cloudEvent))).body.data.duplicate, true);
    const other = await post(url, structured({ ...cloudEvent, data: 2 }));
    t.is(other.status, 409);
    t.is(other.body.code, 'IDEMPOTENCY_MISMATCH');
  }
  t.is((await log.getInstanceStats('a')).data.eventCount, 2);
});

test('the query string says the stream, and whether an instance is made', async (t) => {
  const { log, url } = await start(t);
  await log.createInstance('b');
  const { body } = await post(url, { ...structured(MINIMAL), query: '&stream=own&create=true' });
  t.is(body.data.event.stream_id, 'own');
  for (const [query, pattern] of [
    ['&other=1', /unknown option "other"/],
    ['&stream=', /^stream: /],
    ['&create=yes', /^create: expected one of true, false/],
    ['&instance=b', /^instance: expected it once/],
  ]) {
    const refused = await post(url, { ...structured(MINIMAL), query });
    t.is(refused.status, 400);
    t.regex(refused.body.error, pattern);
  }
  const without = await fetch(`${url}cloudevents`, { method: 'POST', ...structured(MINIMAL) });
  t.is(without.status, 400);
});

test('what is no CloudEvent is refused, and nothing is stored', async (t) => {
  const { log, url } = await start(t);
  const { 'ce-id': _, ...withoutId } = CE;
  for (const [sent, status, pattern] of [
    [
      { headers: { 'Content-Type': 'application/json' }, body: '{}' },
      400,
      /^headers: expected the Content-Type/,
    ],
    [{ headers: withoutId }, 400, /^ce-id: expected/],
    [{ headers: { ...CE, 'ce-subject': '%C0%A0' } }, 400, /^ce-subject: expected percent-encoded/],
    [{ headers: { ...CE, 'ce-data': '1' } }, 400, /^ce-data: expected the name/],
    [{ headers: { ...CE, 'ce-__proto__': '1' } }, 400, /^ce-__proto__: expected the name/],
    [
      { headers: { 'Content-Type': TYPE, 'Content-Encoding': 'gzip' }, body: '{}' },
      415,
      /^Content-Encoding: expected none/,
    ],
    [
      { headers: { ...CE, 'Content-Encoding': 'gzip' }, body: 'x' },
      415,
      /^Content-Encoding: expected none/,
    ],
    [{ headers: { ...CE, 'ce-datacontenttype': 'text/plain' } }, 400, /Content-Type alone/],
    [
      { headers: { ...CE, 'Content-Type': 'application/json' }, body: '{' },
      400,
      /^body: expected JSON/,
    ],
    [{ headers: { 'Content-Type': TYPE }, body: '{' }, 400, /^body: expected JSON/],
    [{ headers: { 'Content-Type': TYPE }, body: '7' }, 400, /^body: expected an object/],
    [
      { headers: { 'Content-Type': 'application/cloudevents+avro' }, body: 'x' },
      415,
      /Content-Type/,
    ],
  ]) {
    const refused = await post(url, sent);
    t.is(refused.status, status);
    t.regex(refused.body.error, pattern);
  }
  t.is((await log.getInstance('a')).code, 'INSTANCE_NOT_FOUND');
});

test('a batch is as large as the client says, and names the next one', async (t) => {
  const { log, url } = await start(t);
  for (const [n, streamId] of ['x', 'y', 'x', 'x'].entries()) {
    const params = { instanceId: 'a', streamId, eventType: 't', payload: { n } };
    t.true((await log.appendEvent(params)).success);
  }
  const { response, events } = await batchOf(url, '&stream=x&limit=2');
  t.deepEqual(
    events.map(({ data }) => data.n),
    [0, 2],
  );
  const [, next] = /^<\/(cloudevents\?[^>]+)>; rel="next"$/.exec(response.headers.get('link'));
  const rest = await (await fetch(`${url}${next}`)).json();
  t.deepEqual(
    rest.map(({ data }) => data.n),
    [3],
  );
  t.deepEqual((await batchOf(url, '&limit=0')).events, []);
  for (const [query, status] of [
    ['&limit=1001', 400],
    ['&limit=x', 400],
    ['&afterPosition=5', 409],
    ['&mode=binary', 400],
    ['&id=none', 404],
    ['&id=x&limit=1', 400],
    ['&id=x&mode=x', 400],
  ]) {
    t.is((await batchOf(url, query)).response.status, status, query);
  }
  t.is((await fetch(`${url}cloudevents?instance=none`)).status, 404);
});

test('an event with large metadata is given out in structured mode alone', async (t) => {
  const { log, url } = await start(t);
  const params = { instanceId: 'a', eventType: 't', metadata: { text: 'x'.repeat(9000) } };
  const { data } = await log.appendEvent(params);
  const { id } = data.event;
  t.is((await batchOf(url, `&id=${id}&mode=binary`)).response.status, 422);
  t.is((await batchOf(url, `&id=${id}`)).events.id, id);
});

test('who may not append or read may not by CloudEvents', async (t) => {
  const { url } = await start(t, { readOnly: true, instances: ['b'] });
  t.is((await post(url, structured(MINIMAL))).status, 403);
  t.is((await batchOf(url)).response.status, 403);
  t.is((await batchOf(url, '&id=x')).response.status, 403);
});
