// The same JSON value comes out that went in: what JSON.parse(JSON.stringify(x)) would give.

import test from 'ava';
import fc from 'fast-check';

import { appended, created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

const viaJson = (value) => JSON.parse(JSON.stringify(value));

/** Asserts that two JSON values are one, to the order of keys and the spelling of numbers. */
function assertSame(t, actual, expected) {
  t.is(JSON.stringify(actual), JSON.stringify(expected));
}

/** Arrays within arrays, `depth` of them, made without recursion. */
function nested(depth) {
  let value = [];
  for (let level = 1; level < depth; level += 1) value = [value];
  return value;
}

class Money {
  constructor(amount) {
    this.amount = amount;
  }

  get doubled() {
    return this.amount * 2;
  }

  toJSON(key) {
    return { amount: this.amount, key };
  }
}

const VALUES = {
  'minus zero': { value: -0, list: [-0] },
  'a lone high surrogate': { value: '\ud800', list: ['a\udbffb'] },
  'a lone low surrogate': { value: '\udc00', list: ['\udfff\ud800'] },
  'a lone surrogate in a key': { '\ud800': 1, '\udc00': 2, '\ufffd': 3 },
  'a pair': { '🦀': '🦀\u{10ffff}' },
  'NUL and control characters': { '\0': '\0\x01\x1f\x7f\u0080\u2028\u2029\ufeff' },
  'quotes and slashes': { 'a"b\\c/d': '"\\/\b\f\n\r\t' },
  'a __proto__ key': JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":1}}'),
  'the keys of Object.prototype': { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4 },
  'an empty key': { '': { '': [] } },
  'keys like numbers': { 10: 'a', 2: 'b', '-1': 'c', '01': 'd', a: 'e', 4294967296: 'f' },
  'many keys in an order': Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`k${(index * 37) % 500}`, index]),
  ),
  integers: [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 1, 2 ** 63, 2 ** 64],
  fractions: [0.1, 0.2, 0.1 + 0.2, 1 / 3, -1.5e-7, 5e-324, 2.2250738585072014e-308, 1e-7],
  'large numbers': [1e21, 1e22, 123456789012345680000, 1.7976931348623157e308],
  'what is no number': [NaN, Infinity, -Infinity],
  'numbers over the range': JSON.parse('[1e400,-1e400,1e-400]'),
  'undefined, functions and symbols': {
    a: undefined,
    b: () => 1,
    c: Symbol('c'),
    d: [undefined, () => 1],
  },
  'symbol keys': { [Symbol('a')]: 1, b: 2 },
  'sparse arrays': [1, , 3, , ,],
  dates: { at: new Date(0), list: [new Date(1e12), new Date(NaN)] },
  'objects with toJSON': { price: new Money(5), list: [new Money(6)] },
  'boxed values': [Object(1), Object('two'), Object(true)],
  'maps, sets and regular expressions': {
    map: new Map([[1, 2]]),
    set: new Set([1]),
    pattern: /x/g,
  },
  'typed arrays and buffers': { bytes: new Uint8Array([1, 2, 3]), buffer: Buffer.from('hi') },
  'a null prototype': Object.assign(Object.create(null), { a: 1 }),
  'getters and inherited keys': Object.create(
    { inherited: 1 },
    {
      own: { enumerable: true, get: () => 'computed' },
      hidden: { enumerable: false, value: 2 },
    },
  ),
  'text that is JSON': { json: '{"a":[1,2,{"b":null}]}' },
  'the numbers of text': { text: '1e400', big: '9007199254740993' },
  'a proxy': new Proxy({ a: 1 }, {}),
  'one object in two places': (() => {
    const shared = { a: 1 };
    return { first: shared, second: shared };
  })(),
};

for (const [name, value] of Object.entries(VALUES)) {
  test(`${name}: the same value comes out`, async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await created(t, log, 'orders');
    const expected = viaJson(value);
    const event = await appended(t, log, {
      instanceId: 'orders',
      eventType: 'made',
      payload: value,
      metadata: [value],
    });
    assertSame(t, event.payload, expected);
    assertSame(t, event.metadata, [expected]);
    const batch = await log.appendEvents({
      instanceId: 'orders',
      events: [{ eventType: 'made', payload: value }],
    });
    assertSame(t, succeeded(t, batch, 'appendEvents').events[0].payload, expected);
    await log.close();

    const reopened = await openAt(t, path);
    for (const stored of await eventsOf(t, reopened, 'orders')) {
      assertSame(t, stored.payload, expected);
    }
  });
}

test('a __proto__ key is an own key and changes no prototype', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const payload = JSON.parse('{"__proto__":{"polluted":true}}');
  const event = await appended(t, log, { instanceId: 'orders', eventType: 'made', payload });
  t.deepEqual(Object.keys(event.payload), ['__proto__']);
  t.is(Object.getPrototypeOf(event.payload), Object.prototype);
  t.is({}.polluted, undefined);
});

for (const depth of [100, 1000, 3000]) {
  test(`${depth} levels come out as they went in`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    const payload = { deep: nested(depth) };
    const event = await appended(t, log, { instanceId: 'orders', eventType: 'made', payload });
    const [stored] = await eventsOf(t, log, 'orders');
    assertSame(t, event.payload, payload);
    assertSame(t, stored.payload, payload);
  });
}

for (const depth of [10_000, 100_000]) {
  test(`${depth} levels are stored, or refused before anything is`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    const payload = { deep: nested(depth) };
    const response = await log.appendEvent({ instanceId: 'orders', eventType: 'made', payload });
    const events = await eventsOf(t, log, 'orders');
    if (response.success) {
      let levels = 0;
      for (let at = events[0].payload.deep; at !== undefined; at = at[0]) levels += 1;
      t.is(levels, depth);
    } else {
      t.regex(response.code, /^(INVALID_ARGUMENT|LIMIT_EXCEEDED)$/);
      failed(t, response, 'appendEvent', response.code, /deep|nest|level|stack/i);
      t.deepEqual(events, []);
    }
  });
}

test('a long text comes out as it went in', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const payload = { text: 'é🦀\0"'.repeat(200_000) };
  const event = await appended(t, log, { instanceId: 'orders', eventType: 'made', payload });
  t.true(event.payload.text === payload.text);
  const [stored] = await eventsOf(t, log, 'orders');
  t.true(stored.payload.text === payload.text);
});

test('any JSON value comes out as it went in', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }),
    fc.jsonValue({ maxDepth: 5, noUnicodeString: false }),
    fc
      .array(fc.integer({ min: 0xd7f0, max: 0xe010 }))
      .map((units) => String.fromCharCode(...units)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 8 }), async (values) => {
      const events = values.map((each) => ({
        eventType: 'made',
        payload: [each],
        metadata: { each },
      }));
      const response = await log.appendEvents({ instanceId: 'orders', events });
      const { events: answered, count } = succeeded(t, response, 'appendEvents');
      const from = { instance: 'orders' };
      const where = [{ field: 'id', operator: 'in', value: answered.map((event) => event.id) }];
      const query = await log.queryEvents({ from, where });
      const stored = succeeded(t, query, 'queryEvents').result.events;
      t.is(count, values.length);
      for (const list of [answered, stored]) {
        assertSame(
          t,
          list.map((event) => event.payload),
          values.map((each) => [each]),
        );
        assertSame(
          t,
          list.map((event) => event.metadata),
          values.map((each) => ({ each })),
        );
      }
    }),
    { numRuns: 300, includeErrorInReport: true },
  );
});
