// Calls whose arguments are JSON text, and whose responses are: `callJson`, and `queryEvents` with `format: 'json'`.

import diagnostics from 'node:diagnostics_channel';
import test from 'ava';
import { all } from './support/reading.mjs';
import { created } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const format = 'json';

const parsed = (text) => JSON.parse(text.toString());

/** A response without what each call has of its own. */
function settled(response) {
  const { requestId: _, timestamp: __, ...rest } = response;
  const text = JSON.stringify(rest, (key, value) =>
    ['id', 'timestamp', 'sequence_number'].includes(key) ? null : value,
  );
  return text;
}

/** Asserts that a call with objects and one with their text have the same response, to the order of its keys. */
async function sameInBoth(t, log, method, value, text = JSON.stringify(value)) {
  const object = await log[method](value);
  const { success, code, json } = await log.callJson(method, text);
  t.true(Buffer.isBuffer(json));
  const response = parsed(json);
  t.is(settled(response), settled(object), text.slice(0, 200));
  t.is(json.toString(), JSON.stringify(response));
  t.deepEqual(Object.keys(response), Object.keys(object));
  t.is(success, object.success);
  t.is(code, object.code);
  return response;
}

const event = { instanceId: 'log', eventType: 't' };

test('appends are answered with the text of what objects are answered with', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const payload = { a: [1, { b: null }], text: '\u2028"\\\n🦀', 10: 1, 2: 2, z: -1.5e-7 };
  for (const params of [
    event,
    { ...event, payload, metadata: [payload], streamId: 'a "stream"\n' },
    { ...event, payload: [], timestamp: '2026-01-31T12:00:00.000Z' },
    { ...event, colour: 1, instanceId: 'made', autoCreateInstance: true },
    { ...event, payload: JSON.parse('{"__proto__":{"a":1},"toJSON":2,"constructor":3}') },
    { ...event, payload: { '\ud800': '\udc00' } },
    { ...event, payload: { nested: JSON.parse('['.repeat(1000) + ']'.repeat(1000)) } },
    { ...event, payload: { text: 'é'.repeat(1_000_000) } },
    // What is refused.
    { instanceId: 'none', eventType: 't' },
    { ...event, expectedSequence: 999 },
    { ...event, failIf: { where: [{ field: 'event_type', operator: 'eq', value: 't' }] } },
    { ...event, eventTyp: 'x' },
    { ...event, payload: 'text' },
    { ...event, streamId: '\ud800' },
    { ...event, streamId: 'x'.repeat(1025) },
    { ...event, events: [] },
    { ...event, timestamp: 'soon' },
    {},
    [],
    'text',
    7,
    true,
    null,
  ]) {
    await sameInBoth(t, log, 'appendEvent', params);
  }
  const { instanceId, ...one } = event;
  const batch = (events, rest) => ({ instanceId, events, ...rest });
  for (const params of [
    batch([]),
    batch([one, { ...one, payload, streamId: 's' }, { ...one, metadata: { a: 1 } }]),
    batch(Array.from({ length: 3000 }, (_, n) => ({ ...one, payload: { n } }))),
    batch([{ ...one, payload: { text: 'x'.repeat(600_000) } }]),
    batch([one, { ...one, payload: 1 }]),
    batch([one, { event_typ: 't' }]),
    batch([{ ...one, expectedSequence: 1 }]),
    batch('text'),
    batch([one], { expectedSequences: { default: 0 } }),
    { events: [one] },
  ]) {
    await sameInBoth(t, log, 'appendEvents', params);
  }
});

test('a call that was made before is answered as such', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const one = JSON.stringify({ ...event, payload: { a: 1 }, idempotencyKey: 'one' });
  const first = parsed((await log.callJson('appendEvent', one)).json);
  const { data } = parsed((await log.callJson('appendEvent', one)).json);
  t.deepEqual(data, { ...first.data, duplicate: true });
  t.deepEqual((await log.appendEvent(JSON.parse(one))).data, data);
  const events = [{ eventType: 't' }, { eventType: 'u' }];
  const many = JSON.stringify({ instanceId: 'log', events, idempotencyKey: 'many' });
  const batch = parsed((await log.callJson('appendEvents', many)).json);
  const again = parsed((await log.callJson('appendEvents', Buffer.from(many))).json);
  t.deepEqual(again.data, { ...batch.data, duplicate: true });
});

test('a text that JavaScript would not write is stored as it would be', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  for (const payload of [
    '{ "a" : [ 1 , 2 ] }',
    '{"a":1,"b":2,"a":3}',
    '{"b":1,"2":2,"1":3}',
    '{"text":"\\u0041\\/\\ud83e\\udd80\\u000a"}',
    '{"numbers":[1.0,1e3,-0,0.0000001,1E-7,100e-2]}',
    '{"lone":"\\ud800"}',
    `{"deep":${'['.repeat(3000)}${']'.repeat(3000)}}`,
  ]) {
    const text = ` {"instanceId":"log","payload":${payload},"eventType":"t"}\n`;
    await sameInBoth(t, log, 'appendEvent', JSON.parse(text), text);
    const many = `{"instanceId":"log", "events":[{"eventType":"t","payload":${payload}}]}`;
    await sameInBoth(t, log, 'appendEvents', JSON.parse(many), many);
  }
  // One that is written so is answered with the same text, whoever it comes from.
  const [first] = await all(log.readAll({ instance: 'log', limit: 2, format: 'jsonl' }));
  const [object, text] = first
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(object.payload, { a: [1, 2] });
  t.deepEqual(text.payload, object.payload);
});

test('a number that JavaScript would alter stays as it is written, and nothing else does', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const payload = '{"id":12345678901234567890, "a":{"b":1.0}, "exact":0.1000000000000000055}';
  const kept = payload.replaceAll(', ', ',');
  const metadata = '{"small": 1.0}';
  const append = `{"instanceId":"log","payload":${payload},"metadata":${metadata},"eventType":"t"}`;
  const { json } = await log.callJson('appendEvent', append);
  t.true(json.toString().includes(`"payload":${kept},"metadata":{"small":1}`), json.toString());
  const events = `[{"eventType":"u","payload":{"a": 1}},{"eventType":"t","payload":${payload}}]`;
  const batch = `{"instanceId":"log","events":${events}}`;
  const many = (await log.callJson('appendEvents', Buffer.from(batch))).json.toString();
  t.true(many.includes(`"payload":{"a":1},`) && many.includes(`"payload":${kept},`), many);
  const [lines] = await all(log.readAll({ instance: 'log', format: 'jsonl' }));
  t.is(lines.toString().split(`"payload":${kept},`).length, 3);
  // Within a call, all read the same: the last of two keys counts, also one that is null.
  await created(t, log, 'other');
  const twice = `"checkpoint":{"consumer":"c","position":1,"instance":"other"},"checkpoint":null`;
  const guarded = `{"instanceId":"other","instanceId":"log","eventType":"t",${twice},"payload":${payload}}`;
  const { success, json: answer } = await log.callJson('appendEvent', guarded);
  t.true(success, answer.toString());
  t.is(parsed(answer).data.event.instanceId, (await log.getInstance('log')).data.instance.id);
});

test('what is no JSON is refused, and so is what is no text', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const refused = async (pattern, ...given) => {
    const { success, code, json } = await log.callJson(...given);
    const response = parsed(json);
    t.deepEqual(
      [success, code, response.success, response.code],
      [false, 'INVALID_ARGUMENT', false, 'INVALID_ARGUMENT'],
    );
    t.regex(response.error, pattern);
    t.regex(response.requestId, /^[0-9a-f-]{36}$/);
    return response;
  };
  const text = JSON.stringify(event);
  await refused(/^json: expected JSON: /, 'appendEvent', '');
  await refused(/^json: expected JSON: /, 'appendEvent', `${text},{}`);
  await refused(/^json: expected JSON: /, 'appendEvents', `${text}]`);
  await refused(/^json: expected JSON: /, 'queryEvents', '{"from":{"instance":"log"}},{"x":1}');
  await refused(/^json: expected JSON in UTF-8/, 'appendEvent', Buffer.from([0x22, 0xff, 0x22]));
  await refused(
    /^json: expected a string or a Uint8Array, found another object/,
    'appendEvent',
    event,
  );
  await refused(/^json: expected a string or a Uint8Array, found nothing/, 'appendEvent');
  const { type } = await refused(
    /^method: expected one of appendEvent, .* found "appendevent"; did you mean appendEvent\?$/,
    'appendevent',
    text,
  );
  t.is(type, 'eventLog.callJson');
  await refused(/^method: expected one of /, 'verify', '{}');
  await refused(
    /^options: unknown option "requestid": .*did you mean "requestId"\?$/,
    'appendEvent',
    text,
    { requestid: '1' },
  );
  await refused(/^options\.requestId: expected a string or a finite number/, 'appendEvent', text, {
    requestId: NaN,
  });
  await refused(/^options\.signal: expected nothing: appendEvent/, 'appendEvent', text, {
    signal: AbortSignal.abort(),
  });
  await refused(/^options\.signal: expected an AbortSignal/, 'queryEvents', '{}', { signal: 1 });
  await refused(
    /found an AbortController: give its signal$/,
    'queryEvents',
    '{}',
    new AbortController(),
  );
  await refused(/^options\.under: expected a string/, 'appendEvent', text, { under: 1 });
  await refused(/^options: expected an object/, 'appendEvent', text, 'text');
  t.is((await log.getInstanceStats('log')).data.eventCount, 0);
});

test('an argument may stand under a key, and a response has the id that is asked for', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const message = `{"type":"x","params":{"instanceId":"none"}, "params":${JSON.stringify(event)},"a":1}`;
  for (const requestId of ['1 "a"', 7, -1.5, '']) {
    const { json } = await log.callJson('appendEvent', message, { under: 'params', requestId });
    const response = parsed(json);
    t.true(response.success, response.error);
    t.is(response.requestId, requestId);
    t.deepEqual(Object.keys(response), ['type', 'success', 'data', 'timestamp', 'requestId']);
  }
  const none = await log.callJson('appendEvent', message, { under: 'other', requestId: 'r' });
  t.is(parsed(none.json).requestId, 'r');
  t.regex(parsed(none.json).error, /^params: expected an object, found nothing/);
  const array = await log.callJson('appendEvent', '[]', { under: 'params', requestId: 8 });
  t.is(parsed(array.json).requestId, 8);
});

test('bytes are read when the call is made', async (t) => {
  const path = await temporaryPath(t);
  const slow = { '~standard': { version: 1, vendor: 't', validate: async (value) => ({ value }) } };
  const log = await openAt(t, path, { events: { checked: slow } });
  await created(t, log, 'log');
  const append = (type, bytes) =>
    Buffer.from(JSON.stringify({ ...event, eventType: type, payload: { bytes } }));
  const first = append('checked', 'a');
  const second = append('t', 'a');
  const shared = new Uint8Array(new SharedArrayBuffer(second.length));
  shared.set(second);
  const calls = [first, second, shared].map((bytes) => log.callJson('appendEvent', bytes));
  for (const bytes of [first, second, shared]) bytes.fill(0);
  for (const { success, json } of await Promise.all(calls)) t.true(success, json.toString());
  const events = await all(log.readAll({ instance: 'log' }));
  // In the order of the calls, though the first one waited for its schema.
  t.deepEqual(
    events.map((found) => found.event_type),
    ['checked', 't', 't'],
  );
  t.true(events.every(({ payload }) => payload.bytes === 'a'));
});

test('schemas and versions hold for text', async (t) => {
  const up = (payload) => payload;
  const upcasters = { raised: [{ from: 1, to: 2, up }] };
  const validate = (value) =>
    typeof value.n === 'number' ? { value } : { issues: [{ message: 'no number' }] };
  const events = { checked: { '~standard': { version: 1, vendor: 't', validate } } };
  const log = await openLog(t, { events, upcasters, unknownEvents: 'refuse' });
  await created(t, log, 'log');
  for (const params of [
    { ...event, eventType: 'checked', payload: { n: 1 } },
    { ...event, eventType: 'checked', payload: { n: 'x' } },
    { ...event, eventType: 'raised', metadata: { a: 1 } },
    { ...event, eventType: 'unknown' },
  ]) {
    await sameInBoth(t, log, 'appendEvent', params);
  }
  const big = '{"instanceId":"log","eventType":"raised","payload":{"n":12345678901234567890}}';
  const { json } = await log.callJson('appendEvent', big);
  t.regex(json.toString(), /"n":12345678901234567890\},"metadata":\{"[^"]+":2\}/);
});

test('listeners are told of them as of any other call', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'told');
  const told = [];
  for (const name of ['append', 'query']) {
    const channel = `tracing:codebolt-eventlog:${name}:asyncEnd`;
    const listen = (context) => context.instance === 'told' && told.push(context);
    diagnostics.subscribe(channel, listen);
    t.teardown(() => diagnostics.unsubscribe(channel, listen));
  }
  const append = JSON.stringify({ instanceId: 'told', eventType: 't' });
  await log.callJson('appendEvent', append);
  await log.callJson('appendEvent', `{"params":${append}}`, { under: 'params' });
  await log.queryEvents({ from: { instance: 'told' } }, { format });
  await log.callJson('queryEvents', '{"from":{"instance":"told"},"limt":1}');
  const outcomes = told.map(({ method, code, events, sequence, total }) => [
    method,
    code,
    events,
    sequence ?? total,
  ]);
  t.deepEqual(outcomes, [
    ['appendEvent', 'OK', 1, 1],
    ['appendEvent', 'OK', 1, 2],
    ['queryEvents', 'OK', 2, 2],
    ['queryEvents', 'INVALID_ARGUMENT', undefined, undefined],
  ]);
  t.is(told[0].bytes, append.length);
});

test('many calls at once each have their own response', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const calls = Array.from({ length: 1000 }, (_, n) => {
    const params = { ...event, streamId: `s${n % 7}`, payload: { n, text: 'x'.repeat(n % 400) } };
    return n % 3 === 0
      ? log.appendEvent(params)
      : log.callJson('appendEvent', JSON.stringify(params), { requestId: n });
  });
  for (const [n, response] of (await Promise.all(calls)).entries()) {
    const { data, requestId } = n % 3 === 0 ? response : parsed(response.json);
    t.is(data.event.payload.n, n);
    if (n % 3 !== 0) t.is(requestId, n);
  }
});
