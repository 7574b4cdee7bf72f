// What a response has as the payload of an event is what was stored, whatever the object was that it was given as, and the
// caller's own.

import test from 'ava';

import { all } from './support/reading.mjs';
import { succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const nested = (depth) => (depth === 0 ? { end: 0 } : { in: nested(depth - 1), n: depth });

class Money {
  #currency = 'EUR';

  amount = 3;

  get currency() {
    return this.#currency;
  }
}

/** What counts how often it is read: whoever reads it twice finds two values. */
function counting() {
  let reads = 0;
  return Object.defineProperty({ before: 1 }, 'reads', {
    get: () => (reads += 1),
    enumerable: true,
  });
}

/** Payloads by what is odd about them. Each is made anew for each call. */
const PAYLOADS = {
  empty: () => ({}),
  'an empty array': () => [],
  'of each kind': () => ({
    s: 'é\ud800😀"\\\n',
    n: -1.5e-7,
    t: true,
    f: false,
    z: null,
    a: [1, ['b']],
  }),
  'minus zero': () => ({ zero: -0, list: [-0, 0] }),
  'what is undefined': () => ({ a: undefined, b: 1, c: undefined, d: { e: undefined } }),
  'keys that are numbers': () => ({ b: 1, 10: 2, 9: 3, a: 4 }),
  'a key __proto__': () => JSON.parse('{"a":1,"__proto__":{"b":2},"c":{"__proto__":null}}'),
  dates: () => ({ at: new Date(0), list: [new Date(1)] }),
  'a date that says something else': () => ({
    at: Object.assign(new Date(0), { toJSON: () => ({ own: true }) }),
  }),
  'symbols as keys': () => ({ a: 1, [Symbol('s')]: 2, in: { [Symbol.iterator]: 3, b: 4 } }),
  'what is not enumerable': () => Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }),
  'a toJSON that is not enumerable': () =>
    Object.defineProperty({ a: 1 }, 'toJSON', { value: () => ({ other: [-0] }) }),
  'an array with a toJSON': () => ({ list: Object.assign([1, 2], { toJSON: () => 'two' }) }),
  'an array with more than elements': () => ({ list: Object.assign([1, 2], { more: 3 }) }),
  'an array of a class': () => ({ list: new (class extends Array {})(1, 2, 3) }),
  'an array with holes': () => ({ list: [1, , 3, undefined] }), // oxlint-disable-line no-sparse-arrays
  'what JSON makes null': () => ({ list: [NaN, () => {}, Symbol('s')], n: Infinity, f() {} }),
  'objects without a prototype': () => Object.assign(Object.create(null), { a: { b: 1 } }),
  'an object of a class': () => ({ price: new Money() }),
  'objects for primitives': () => ({ s: Object('text'), n: Object(3), b: Object(false) }),
  'an object twice': () => {
    const twice = { a: [1] };
    return { one: twice, two: twice, list: [twice, twice] };
  },
  'a getter': counting,
  'a getter within': () => ({ list: [counting(), counting()] }),
  'a proxy': () => new Proxy({ a: 1, list: [1, { b: 2 }] }, {}),
  'what is frozen': () => Object.freeze({ a: Object.freeze([1, Object.freeze({ b: 2 })]) }),
  deep: () => nested(300),
  'many values': () => ({ list: Array.from({ length: 30_000 }, (_, n) => ({ n })) }),
  'many keys': () => Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`key ${n}`, n])),
  long: () => ({ text: 'é'.repeat(100_000) }),
  'an error': () => ({ error: new RangeError('wrong') }),
};

/** Everything that a value is made of, symbols and prototypes included, as text. */
function anatomy(value) {
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? typeof value;
  const kind = Object.getPrototypeOf(value) === Object.prototype ? 'object' : typeof value.length;
  const members = Reflect.ownKeys(value).map((key) => {
    const {
      get,
      enumerable,
      writable,
      configurable,
      value: own,
    } = Object.getOwnPropertyDescriptor(value, key);
    return `${String(key)} ${get} ${enumerable}${writable}${configurable}: ${anatomy(own)}`;
  });
  return `${kind} ${Array.isArray(value)} {${members.join(', ')}}`;
}

const append = async (t, log, params) =>
  succeeded(t, await log.appendEvent({ instanceId: 'log', ...params }), 'appendEvent').event;

for (const [name, make] of Object.entries(PAYLOADS)) {
  test(`a response has what was stored: ${name}`, async (t) => {
    const log = await openLog(t, { autoCreateInstances: true });
    const one = await append(t, log, { eventType: 't', payload: make(), metadata: make() });
    const events = [
      { eventType: 't', payload: make() },
      { eventType: 't', metadata: make(), timestamp: new Date(0) },
    ];
    const response = await log.appendEvents({ instanceId: 'log', events });
    const { events: two } = succeeded(t, response, 'appendEvents');
    const stored = await all(log.readAll({ instance: 'log' }));
    for (const [at, event] of [one, ...two].entries()) {
      const { position: _, ...expected } = stored[at];
      t.is(anatomy(event), anatomy(expected));
    }
    t.is(anatomy(one.payload), anatomy(JSON.parse(JSON.stringify(one.payload))));
  });
}

test('what is changed after the call changes nothing of what is stored and answered', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  const payload = { a: { list: [1, { b: 2 }] }, text: 'before' };
  const metadata = { user: { name: 'Ada' } };
  const event = { eventType: 't', payload, metadata };
  const params = { instanceId: 'log', ...event };
  const batch = { instanceId: 'log', events: [event] };
  const calls = [log.appendEvent(params), log.appendEvents(batch)];
  payload.a.list[1].b = 'after';
  payload.a.list.push('after');
  payload.text = 'after';
  delete metadata.user.name;
  params.payload = { other: 1 };
  params.streamId = 'after';
  batch.events.push(event);
  const [one, { data }] = await Promise.all(calls);
  const stored = await all(log.readAll({ instance: 'log' }));
  for (const found of [one.data.event, ...data.events, ...stored]) {
    t.deepEqual(found.payload, { a: { list: [1, { b: 2 }] }, text: 'before' });
    t.deepEqual(found.metadata, { user: { name: 'Ada' } });
    t.is(found.stream_id, 'default');
  }
  t.is(stored.length, 2);
});

for (const [name, odd] of [
  ['that are plain', {}],
  ['of which one is of a class', new Money()],
]) {
  test(`a long batch is answered with what was stored of payloads ${name}`, async (t) => {
    const log = await openLog(t, { autoCreateInstances: true });
    const given = [
      { text: 'é'.repeat(300_000) },
      PAYLOADS['of each kind'](),
      PAYLOADS['what is undefined'](),
      { in: odd },
      { list: Array.from({ length: 2000 }, (_, n) => ({ n, of: [n, -0] })) },
    ];
    const events = given.flatMap((value) => [
      { eventType: 't', payload: value, streamId: 's' },
      { eventType: 'u', payload: [], metadata: value },
      { eventType: 'v' },
    ]);
    const call = log.appendEvents({ instanceId: 'log', events, idempotencyKey: 'once' });
    given[1].a.push('after');
    given[4].list[3].of = 'after';
    events[0].payload = 'after';
    const { events: first, count } = succeeded(t, await call, 'appendEvents');
    t.is(count, 3 * given.length);
    const stored = await all(log.readAll({ instance: 'log' }));
    t.is(stored.length, count);
    for (const [at, { position: _, ...expected }] of stored.entries()) {
      t.is(anatomy(first[at]), anatomy(expected));
    }
    t.deepEqual(stored[3].payload.a, [1, ['b']]);
    const again = await log.appendEvents({
      instanceId: 'log',
      events: first.map(({ stream_id, event_type, payload, metadata }) => ({
        streamId: stream_id,
        eventType: event_type,
        payload,
        metadata,
      })),
      idempotencyKey: 'once',
    });
    const { events: same, duplicate } = succeeded(t, again, 'appendEvents');
    t.true(duplicate);
    t.is(anatomy(same), anatomy(first));
  });
}

/** Events of which the one with that number is `odd`. They are short, or so long that payloads are not sent back. */
const batchWith = (at, odd, isLong) =>
  Array.from({ length: 5 }, (_, n) => ({
    eventType: 't',
    payload: { n, text: isLong ? 'x'.repeat(150_000) : 'x' },
    ...(n === at ? odd : {}),
  }));

test('a long batch is refused as a short one is, and leaves nothing behind', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  for (const odd of [
    { eventType: '' },
    { payload: 'text' },
    { idempotencyKey: 'of an event' },
    { timestamp: 'yesterday' },
  ]) {
    const refused = (isLong) =>
      log.appendEvents({ instanceId: 'log', events: batchWith(2, odd, isLong) });
    const [short, long] = await Promise.all([refused(false), refused(true)]);
    t.false(long.success);
    t.regex(long.error, /^events\[2\]/);
    t.deepEqual([long.code, long.error], [short.code, short.error]);
  }
  t.is((await log.getInstance('log')).code, 'INSTANCE_NOT_FOUND');
  // What is told of one that is stored is told as well.
  const [short, long] = await Promise.all(
    [false, true].map((isLong) =>
      log.appendEvents({ instanceId: 'log', events: batchWith(2, { more: 1 }, isLong) }),
    ),
  );
  t.regex(long.message, /events\[2\]\.more/);
  t.is(long.message, short.message);
});

test('long batches stand among other calls in the order in which they were made', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  const one = (n) => log.appendEvent({ instanceId: 'log', eventType: 't', payload: { n } });
  const many = (isLong, odd) =>
    log.appendEvents({ instanceId: 'log', events: batchWith(4, odd, isLong) });
  const calls = [
    one(10),
    many(true),
    one(11),
    many(true, { eventType: '' }),
    many(false),
    one(12),
    many(true, { payload: { n: 13 } }),
    one(14),
  ];
  const responses = await Promise.all(calls);
  t.deepEqual(
    responses.map(({ success }) => success),
    [true, true, true, false, true, true, true, true],
  );
  const answered = responses.flatMap(({ data }) => data?.events ?? data?.event ?? []);
  const stored = await all(log.readAll({ instance: 'log' }));
  for (const [at, { position, ...expected }] of stored.entries()) {
    t.is(position, at + 1);
    t.is(anatomy(answered[at]), anatomy(expected));
  }
  t.deepEqual(
    answered.map(({ payload }) => payload.n),
    [10, 0, 1, 2, 3, 4, 11, 0, 1, 2, 3, 4, 12, 0, 1, 2, 3, 13, 14],
  );
});

test('a response is the caller’s own', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  const shared = { list: [1] };
  const params = { instanceId: 'log', eventType: 't', payload: { shared }, metadata: { shared } };
  const { data } = await log.appendEvent(params);
  const { payload, metadata } = data.event;
  t.not(payload.shared, shared);
  t.not(payload.shared, metadata.shared);
  payload.shared.list.push(2);
  metadata.more = true;
  t.deepEqual(params.payload, { shared: { list: [1] } });
  t.deepEqual(metadata, { shared: { list: [1] }, more: true });
  const [stored] = await all(log.readAll({ instance: 'log' }));
  t.deepEqual([stored.payload, stored.metadata], [params.payload, params.metadata]);
});

test('each of many calls in flight is answered with its own payload', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  const count = 6000;
  const calls = Array.from({ length: count }, (_, n) =>
    log.appendEvent({
      instanceId: 'log',
      eventType: 't',
      payload: { n, list: [n] },
      ...(n % 2 ? { metadata: { n } } : {}),
    }),
  );
  const responses = await Promise.all(calls);
  for (const [n, { data }] of responses.entries()) {
    if (data.event.payload.n !== n || data.event.payload.list[0] !== n) t.fail(`${n}`);
    if (data.event.metadata.n !== (n % 2 ? n : undefined)) t.fail(`${n}`);
  }
  t.is(responses.length, count);
});

test('a getter may make a call of its own', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  let inner;
  const payload = {
    before: 1,
    get made() {
      inner ??= log.appendEvent({
        instanceId: 'log',
        streamId: 'inner',
        eventType: 't',
        payload: { inner: [1] },
      });
      return 'made';
    },
    after: [2],
  };
  const outer = await append(t, log, { eventType: 't', payload });
  t.deepEqual(outer.payload, { before: 1, made: 'made', after: [2] });
  t.deepEqual((await inner).data.event.payload, { inner: [1] });
});

test('a payload that is given again under the key of an earlier call is the earlier one', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  const call = { eventType: 't', payload: { a: -0 }, idempotencyKey: 'once' };
  const first = await append(t, log, call);
  const response = await log.appendEvent({ instanceId: 'log', ...call });
  const again = succeeded(t, response, 'appendEvent');
  t.is(again.duplicate, true);
  t.is(anatomy(again.event), anatomy(first));
});

test.serial('what all objects inherit is no part of a payload', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  // oxlint-disable-next-line no-extend-native
  Object.prototype.inherited = { list: [1] };
  let event;
  try {
    event = await append(t, log, { eventType: 't', payload: { a: { b: 1 } } });
  } finally {
    delete Object.prototype.inherited;
  }
  t.is(anatomy(event.payload), anatomy({ a: { b: 1 } }));
});
