// What comes from the addon, as this half reads it. The fixtures are what the other half writes: `src/request/test/wire.rs`
// compares them with that, and writes them anew where it has changed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'ava';

const require = createRequire(import.meta.url);
const kinds = require('../lib/wire/kinds.js');
const { collect, isPiece, responseAt } = require('../lib/wire/responses.js');

const fixtures = JSON.parse(readFileSync(new URL('fixtures/wire.json', import.meta.url), 'utf8'));

const id = '00000000-0000-0000-0000-000000000000';
const time = '2026-01-01T00:00:00.000Z';

/** What the calls of `appendEvents` were given. */
const givenEvents = [{ payload: { a: 2 } }, {}];

/** What the calls of `appendEvent` were given whose events are kept, by what they show. */
const kept = { instanceId: 'i', stream_id: 's', event_type: 't', payload: { a: 2 } };
const givenOf = {
  'kept event': kept,
  'kept event, stored before': kept,
  'kept event of an instance that is made': { instanceId: 'own', eventType: 't' },
};

/** What a group of one response, or of one piece, becomes, and how many of its values were read. */
function read(group, json, given) {
  const values = structuredClone(group);
  const timestamp = typeof values[0] === 'string' ? values.shift() : undefined;
  if (isPiece(values[1])) {
    const list = [];
    return { list, end: collect(values, 1, list), values };
  }
  return { ...responseAt(values, 0, { type: 't', timestamp, given, json }), values };
}

const event = (stream, type, sequence, payload, rest = {}) => ({
  id,
  instanceId: rest.instanceId ?? id,
  stream_id: stream,
  event_type: type,
  payload,
  metadata: rest.metadata ?? {},
  timestamp: time,
  sequence_number: sequence,
});

const success = (data, message) => {
  const said = message === undefined ? {} : { message };
  return { type: 't', success: true, data, ...said, timestamp: time, requestId: id };
};

const failure = (code) => ({
  type: 't',
  success: false,
  error: 'for a person',
  code,
  timestamp: time,
  requestId: id,
});

const one = { event: event('default', 't', 1, { a: 1 }) };
const two = { events: [event('s', 't', 1, { a: 2 }), event('default', 'u', 2, {})], count: 2 };
const composed = { instanceId: 'i', metadata: { m: 2 } };
const many = {
  events: [event('s', 't', 1, { a: 1 }, composed), event('s', 't', 2, { a: 1 }, composed)],
  count: 2,
};

/** The responses that come as JSON text, of which the fixtures say where they stand. */
const text = (response) =>
  Buffer.from(JSON.stringify({ type: 'eventLog.appendEvent', ...response }));
const stamp = { timestamp: time, requestId: 7 };
const texts = {
  'JSON text': text({ success: true, data: {}, ...stamp }),
  'JSON text of a failure': text({
    success: false,
    error: 'wrong',
    code: 'INVALID_ARGUMENT',
    ...stamp,
  }),
};
const dataAt = texts['JSON text'].indexOf('"data":') + '"data":'.length;

/** What is to become of each fixture. */
const expected = {
  data: success({
    instance: { id, name: 'i', description: 'd', createdAt: time, updatedAt: time },
  }),
  event: success(one),
  'event, stored before': success({ ...one, duplicate: true }),
  events: success(two),
  'events, stored before': success({ ...two, duplicate: true }),
  failure: failure('INSTANCE_NOT_FOUND'),
  'failure with a conflict': {
    ...failure('SEQUENCE_CONFLICT'),
    conflict: { streamId: 's', expected: 7, actual: 1 },
  },
  list: success({
    streams: [
      {
        stream_id: 'default',
        firstSequence: 1,
        sequence_number: 3,
        position: 4,
        timestamp: time,
      },
      { stream_id: 's', firstSequence: 1, sequence_number: 1, position: 2, timestamp: time },
    ],
    hasMore: false,
  }),
  message: success({ event: event('default', 't', 3, {}) }, 'for a person'),
  'result of events': success({ result: { events: [two.events[0]], total: 1 } }),
  'result of values': success({
    result: { events: ['t', 't', 'u', 't'].map((name) => ({ event_type: name })), total: 4 },
  }),
  'result without a list': success({ result: { aggregation: 4, total: 4 } }),
  'JSON text': { success: true, json: texts['JSON text'], place: [dataAt, dataAt + 2] },
  'JSON text of a failure': {
    success: false,
    code: 'INVALID_ARGUMENT',
    json: texts['JSON text of a failure'],
  },
  'kept event': success({ event: event('s', 't', 2, { a: 2 }) }),
  'kept event, stored before': success({
    event: event('s', 't', 2, { a: 2 }),
    duplicate: true,
  }),
  'kept event of an instance that is made': success({
    event: event('default', 't', 1, {}, { instanceId: 'own' }),
  }),
  'many events': success(many),
  'many events, stored before': success({ ...many, duplicate: true }),
  'piece of events': [many.events[0]],
  'piece of events with their positions': [
    { ...many.events[0], position: 5 },
    { ...many.events[1], position: 6 },
  ],
  'piece of values': [[1], null],
};

test('both halves have the same kinds', (t) => {
  const screaming = (name) =>
    name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const theirs = Object.entries(fixtures.kinds).map(([name, number]) => [screaming(name), number]);
  t.deepEqual({ ...kinds }, Object.fromEntries(theirs));
});

test('every fixture is expected here, and every expectation has its fixture', (t) => {
  t.deepEqual(Object.keys(expected).toSorted(), Object.keys(fixtures.groups).toSorted());
});

for (const [name, group] of Object.entries(fixtures.groups)) {
  test(`what the addon writes is read: ${name}`, (t) => {
    const { response, list, end, values } = read(group, texts[name], givenOf[name] ?? givenEvents);
    t.deepEqual(response ?? list, expected[name]);
    t.is(end, values.length);
  });
}

test('a kind that is not known is no response', (t) => {
  t.throws(() => responseAt([0, 99, id, null, {}], 0, {}), {
    message: 'expected a kind of response, found 99',
  });
  t.throws(() => collect([99, 1, 'i'], 0, []), { message: 'expected a kind of piece, found 99' });
});
