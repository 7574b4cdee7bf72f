// No input makes a method throw or reject, and none that is refused stores a part of itself.

import test from 'ava';

import { appended, created, failed, succeeded } from './support/response.mjs';
import { logOfAll, openLog } from './support/temporary.mjs';

const METHODS = `createInstance getInstance updateInstance deleteInstance appendEvent appendEvents
  queryEvents getInstanceStats`.split(/\s+/);

/** Everything that can be seen of a log, to compare before and after. */
async function contents(t, log) {
  const { instances } = succeeded(t, await log.listInstances(), 'listInstances');
  const each = instances.map(async ({ id }) => {
    const query = await log.queryEvents({ from: { instance: id } });
    return succeeded(t, query, 'queryEvents').result.events;
  });
  return { instances, events: await Promise.all(each) };
}

const refusing = logOfAll(async (t, log) => {
  await created(t, log, 'orders');
  await appended(t, log, { instanceId: 'orders', eventType: 'made' });
});

/** Asserts that a call neither throws nor rejects, fails with its code, and stores nothing. */
async function refused(t, method, args, pattern = /./, code = 'INVALID_ARGUMENT') {
  const log = refusing();
  const before = await contents(t, log);
  const promise = log[method](...args);
  t.true(promise instanceof Promise);
  failed(t, await promise, method, code, pattern);
  t.deepEqual(await contents(t, log), before);
}

const NOT_OBJECTS = {
  undefined,
  null: null,
  number: 5,
  text: 'orders',
  true: true,
  array: [],
  function: () => {},
  symbol: Symbol('s'),
  bigint: 1n,
};

for (const [name, value] of Object.entries(NOT_OBJECTS)) {
  for (const method of ['appendEvent', 'appendEvents']) {
    test(`${method} refuses params that are ${name}`, (t) => refused(t, method, [value], /params/));
  }
  test(`queryEvents refuses a query that is ${name}`, (t) =>
    refused(t, 'queryEvents', [value], /query/));
  test(`updateInstance refuses changes that are ${name}`, (t) =>
    refused(t, 'updateInstance', ['orders', value]));
}

const NOT_IDS = {
  undefined,
  null: null,
  number: 5,
  true: true,
  empty: '',
  object: {},
  array: ['orders'],
  function: () => {},
  symbol: Symbol('s'),
  bigint: 1n,
};

for (const [name, value] of Object.entries(NOT_IDS)) {
  for (const method of ['getInstance', 'deleteInstance', 'getInstanceStats']) {
    test(`${method} refuses an id that is ${name}`, (t) =>
      refused(t, method, [value], /instanceId/));
  }
  test(`updateInstance refuses an id that is ${name}`, (t) =>
    refused(t, 'updateInstance', [value, { name: 'new' }], /instanceId/));
  test(`createInstance refuses a name that is ${name}`, (t) =>
    refused(t, 'createInstance', [value], /name/));
  test(`appendEvent refuses an instanceId that is ${name}`, (t) =>
    refused(
      t,
      'appendEvent',
      [{ instanceId: value, eventType: 'made', autoCreateInstance: true }],
      /instanceId/,
    ));
  test(`appendEvents refuses an instanceId that is ${name}`, (t) =>
    refused(
      t,
      'appendEvents',
      [{ instanceId: value, events: [], autoCreateInstance: true }],
      /instanceId/,
    ));
  test(`queryEvents refuses an instance that is ${name}`, (t) =>
    refused(t, 'queryEvents', [{ from: { instance: value } }], /instance/));
}

for (const method of METHODS) {
  test(`${method} without arguments is refused`, (t) => refused(t, method, []));
}

test('createInstance refuses a description that is no text', async (t) => {
  for (const value of [5, true, {}, []]) {
    await refused(t, 'createInstance', ['new', value], /description/);
  }
});

test('updateInstance refuses what is no change', async (t) => {
  await refused(
    t,
    'updateInstance',
    ['orders', { nmae: 'new' }],
    /name or a description.*did you mean name\?/,
  );
  await refused(t, 'updateInstance', ['orders', { name: '' }], /name/);
  await refused(t, 'updateInstance', ['orders', { name: 5 }], /name/);
  await refused(t, 'updateInstance', ['orders', { description: 5 }], /description/);
});

const BAD_FIELDS = {
  streamId: [5, true, '', {}, [], 1n, Symbol('s'), () => {}],
  stream_id: [5, true, '', {}, []],
  eventType: [5, true, '', {}, [], null, undefined, 1n, Symbol('s'), () => {}],
  event_type: [5, true, '', {}, [], null],
  payload: ['text', 5, true, 1n, Symbol('s'), () => {}, new Date(0), Object('boxed')],
  metadata: ['text', 5, true, 1n, Symbol('s'), () => {}, new Date(0)],
  timestamp: ['soon', '', true, {}, [], 1n, NaN, Infinity, new Date(NaN), Symbol('s'), () => {}],
  autoCreateInstance: ['yes', 1, 0, {}, []],
};

for (const [field, values] of Object.entries(BAD_FIELDS)) {
  values.forEach((value, index) => {
    test(`appendEvent refuses a ${field} that is ${typeof value} (${index})`, (t) => {
      const params = { instanceId: 'orders', [field]: value };
      if (!/^event_?[tT]ype$/.test(field)) params.eventType = 'made';
      return refused(
        t,
        'appendEvent',
        [params],
        new RegExp(field === 'event_type' ? 'event_?[tT]ype' : field),
      );
    });
  });
}

function cycle() {
  const value = { a: { b: {} } };
  value.a.b.c = value;
  return value;
}

const NOT_JSON = {
  'a cycle': [cycle, /circular|cycle/i],
  'a BigInt': [() => ({ list: [{ big: 1n }] }), /BigInt/i],
  'a toJSON that throws': [
    () => ({
      toJSON() {
        throw new RangeError('no JSON today');
      },
    }),
    /no JSON today/,
  ],
  'a getter that throws': [
    () => ({
      get secret() {
        throw new TypeError('kept to myself');
      },
    }),
    /kept to myself/,
  ],
  'a getter that throws what is no Error': [
    () => ({
      get secret() {
        throw undefined;
      },
    }),
    /./,
  ],
  'a getter that throws an Error whose message throws': [
    () => ({
      get secret() {
        throw {
          get message() {
            throw new Error('again');
          },
          toString() {
            throw new Error('and again');
          },
        };
      },
    }),
    /./,
  ],
  'a proxy that throws': [
    () =>
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no keys');
          },
        },
      ),
    /no keys/,
  ],
  'a revoked proxy': [
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    /./,
  ],
};

for (const [name, [make, pattern]] of Object.entries(NOT_JSON)) {
  test(`${name} is refused in a payload`, (t) =>
    refused(
      t,
      'appendEvent',
      [{ instanceId: 'orders', eventType: 'made', payload: { at: make() } }],
      pattern,
    ));
  test(`${name} is refused in metadata`, (t) =>
    refused(
      t,
      'appendEvent',
      [{ instanceId: 'orders', eventType: 'made', metadata: [make()] }],
      pattern,
    ));
  test(`${name} is refused in the last event of a batch`, (t) => {
    const events = [{ eventType: 'made' }, { eventType: 'made', payload: [make()] }];
    return refused(t, 'appendEvents', [{ instanceId: 'orders', events }], pattern);
  });
  test(`${name} is refused in a query`, (t) => {
    const where = [{ field: 'a', operator: 'in', value: [make()] }];
    return refused(t, 'queryEvents', [{ from: { instance: 'orders' }, where }], pattern);
  });
  test(`${name} is refused in the place of params`, (t) => refused(t, 'appendEvent', [make()]));
  test(`${name} is refused in the place of an id`, (t) => refused(t, 'getInstance', [make()]));
}

/** Values that cannot be stored, each with the place that its refusal has to name. */
const PLACES = {
  'a toJSON that writes nothing': [() => ({ toJSON: () => undefined }), 'payload'],
  'a getter that throws after a good key': [
    () => ({
      a: 1,
      get b() {
        throw new Error('not today');
      },
      c: 1n,
    }),
    'payload.b',
  ],
  'a BigInt within an array': [
    () => ({ items: [{ cents: 1 }, { cents: 2n }] }),
    'payload.items[1].cents',
  ],
  'a boxed BigInt': [() => ({ items: [Object(2n)] }), 'payload.items[0]'],
  'an array of BigInts': [() => ({ a: new BigInt64Array(2) }), 'payload.a[0]'],
  'a cycle': [cycle, 'payload.a.b.c'],
  'a cycle behind what is there twice': [
    () => {
      const twice = { x: 1 };
      const value = { first: twice, second: twice };
      value.self = value;
      return value;
    },
    'payload.self',
  ],
};

for (const [name, [make, place]] of Object.entries(PLACES)) {
  test(`${name} is reported at ${place}`, (t) =>
    refused(
      t,
      'appendEvent',
      [{ instanceId: 'orders', eventType: 'made', payload: make() }],
      new RegExp(`^${place.replaceAll(/[.[\]]/g, '\\$&')}: expected `),
    ));
}

for (const [name, value, advice] of [
  ['Headers', new Headers({ a: 'b' }), /Object\.fromEntries/],
  ['URLSearchParams', new URLSearchParams('a=b'), /String\(parameters\)/],
  ['a FormData', new FormData(), /Object\.fromEntries/],
  ['an ArrayBuffer', new ArrayBuffer(3), /new Uint8Array\(buffer\)/],
  ['an ArrayBuffer', new SharedArrayBuffer(3), /new Uint8Array\(buffer\)/],
  ['a generator', (function* yields() {})(), /\[\.\.\.generator\]/],
  ['an iterator', [1].values(), /\[\.\.\.iterator\]/],
  ['a Blob', new Blob(['a']), /blob\.text\(\)/],
  ['a Map', new Map([['a', 1]]), /Object\.fromEntries/],
  ['a Set', new Set([1]), /\[\.\.\.set\]/],
  ['a promise', Promise.resolve({ a: 1 }), /await it/],
  ['a RegExp', /a/, /its source/],
]) {
  const tag = Object.prototype.toString.call(value);
  for (const key of ['payload', 'metadata']) {
    test(`${key} that is ${name} (${tag}) is refused, since JSON would keep nothing of it`, async (t) => {
      const params = { instanceId: 'orders', eventType: 'made', [key]: value };
      await refused(
        t,
        'appendEvent',
        [params],
        new RegExp(`^${key}: expected JSON, found ${name}`),
      );
      await refused(t, 'appendEvent', [params], advice);
    });
  }
  test(`a comparison with ${name} (${tag}) is refused`, (t) => {
    const where = [{ field: 'n', operator: 'eq', value }];
    return refused(
      t,
      'queryEvents',
      [{ from: { instance: 'orders' }, where }],
      /^where\[0\]\.value: /,
    );
  });
}

test('a comparison with an Error is refused', (t) => {
  const where = [{ field: 'n', operator: 'eq', value: new Error('lost') }];
  const expected = /^where\[0\]\.value: .*an Error: give its name, message and stack/;
  return refused(t, 'queryEvents', [{ from: { instance: 'orders' }, where }], expected);
});

test('a key that is likely another one is refused before what is missing', async (t) => {
  await refused(
    t,
    'appendEvent',
    [{ instance: 'orders', eventType: 'made' }],
    /^instance: unknown key; did you mean instanceId\?$/,
  );
  await refused(
    t,
    'appendEvent',
    [{ instanceId: 'orders', type: 'made' }],
    /^type: unknown key; did you mean eventType\?$/,
  );
  const events = [{ eventType: 'made' }, { type: 'made' }];
  await refused(
    t,
    'appendEvents',
    [{ instanceId: 'orders', events }],
    /^events\[1\]\.type: unknown key; did you mean eventType\?$/,
  );
});

test('a getter of params that throws is refused', (t) =>
  refused(
    t,
    'appendEvent',
    [
      {
        instanceId: 'orders',
        get eventType() {
          throw new Error('no type');
        },
      },
    ],
    /no type/,
  ));

test('10,000 levels within a query are refused, not a crash', async (t) => {
  let value = [];
  for (let level = 0; level < 10_000; level += 1) value = [value];
  const where = [{ field: 'a', operator: 'in', value }];
  const log = await openLog(t);
  await created(t, log, 'orders');
  const response = await log.queryEvents({ from: { instance: 'orders' }, where });
  t.is(response.success, false);
  t.regex(response.code, /^(INVALID_ARGUMENT|LIMIT_EXCEEDED)$/);
});

test('more arguments than a method takes are ignored', async (t) => {
  const log = await openLog(t);
  const { id } = await created(t, log, 'orders');
  t.is(succeeded(t, await log.getInstance('orders', 1, 2), 'getInstance').instance.id, id);
  succeeded(t, await log.listInstances(1), 'listInstances');
});

test('the refused input of one call leaves the next one unharmed', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const bad = Object.values(NOT_JSON).map(([make]) =>
    log.appendEvent({ instanceId: 'orders', eventType: 'made', payload: { at: make() } }),
  );
  const good = log.appendEvent({ instanceId: 'orders', eventType: 'made' });
  for (const response of await Promise.all(bad)) t.is(response.code, 'INVALID_ARGUMENT');
  t.is(succeeded(t, await good, 'appendEvent').event.sequence_number, 1);
});
