import test from 'ava';

import { created, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const EVENT = {
  streamId: 'order-1',
  eventType: 'made',
  timestamp: 0,
  payload: { a: { b: 1, c: 2 }, 'a.b': 3, list: [{ price: 5, x: 6 }, { price: 7 }], nothing: null },
  metadata: { by: 'test', n: 1 },
};

async function selected(t, select, event = EVENT) {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const response = await log.appendEvents({ instanceId: 'orders', events: [event] });
  succeeded(t, response, 'appendEvents');
  const { events, total } = await queried(t, log, { from: { instance: 'orders' }, select });
  t.is(total, 1);
  return { event: events[0], stored: response.data.events[0] };
}

test('select keeps the named fields', async (t) => {
  const { event, stored } = await selected(t, ['id', 'event_type', 'sequence_number']);
  t.deepEqual(event, { id: stored.id, event_type: 'made', sequence_number: 1 });
});

test('every field of an event can be selected', async (t) => {
  const { event, stored } = await selected(t, [
    'metadata',
    'payload',
    'id',
    'instanceId',
    'stream_id',
    'event_type',
    'timestamp',
    'sequence_number',
  ]);
  t.deepEqual(event, stored);
});

test('a path keeps its nesting', async (t) => {
  const { event } = await selected(t, ['payload.a.b', 'metadata.by']);
  t.deepEqual(event, { payload: { a: { b: 1 } }, metadata: { by: 'test' } });
});

test('paths that share a beginning are put together', async (t) => {
  const { event } = await selected(t, ['payload.a.c', 'payload.a.b']);
  t.deepEqual(event, { payload: { a: { b: 1, c: 2 } } });
});

test('a bare name is a field of the payload', async (t) => {
  const { event } = await selected(t, ['a']);
  t.deepEqual(event, { payload: { a: { b: 1, c: 2 } } });
});

test('a JSON Pointer selects a key with a dot', async (t) => {
  const { event } = await selected(t, ['/payload/a.b']);
  t.deepEqual(event, { payload: { 'a.b': 3 } });
});

test('a field and a part of it are the field', async (t) => {
  const { event } = await selected(t, ['payload.a.b', 'payload.a', 'metadata', 'metadata.by']);
  t.deepEqual(event, { payload: { a: { b: 1, c: 2 } }, metadata: { by: 'test', n: 1 } });
});

test('a __proto__ key is selected as an own key', async (t) => {
  const payload = JSON.parse('{"__proto__":{"x":1,"y":2},"z":3}');
  const { event } = await selected(t, ['payload.__proto__.x'], { eventType: 'made', payload });
  t.is(JSON.stringify(event), '{"payload":{"__proto__":{"x":1}}}');
});

test('what is selected is the value that was stored', async (t) => {
  const payload = {
    text: '\ud800"\\\0é',
    number: 0.1,
    list: [[], {}],
    deep: { deeper: { deepest: null } },
  };
  const { event } = await selected(t, ['text', 'number', 'list', 'deep.deeper'], {
    eventType: 'made',
    payload,
  });
  t.is(JSON.stringify(event.payload.text), JSON.stringify(payload.text));
  t.deepEqual(event.payload, payload);
});

test('select works with where, orderBy and paging on other fields', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const events = Array.from({ length: 10 }, (_, n) => ({
    eventType: 'made',
    payload: { n, v: `v${n}` },
  }));
  await log.appendEvents({ instanceId: 'orders', events });
  const result = await queried(t, log, {
    from: { instance: 'orders' },
    where: [{ field: 'n', operator: 'gt', value: 2 }],
    select: ['payload.v'],
    orderBy: { field: 'n', direction: 'desc' },
    limit: 2,
    offset: 1,
  });
  t.deepEqual(result, {
    events: [{ payload: { v: 'v8' } }, { payload: { v: 'v7' } }],
    total: 7,
    limit: 2,
    offset: 1,
  });
});
