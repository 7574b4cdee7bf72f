// Of what JSON does not keep within payload and metadata, the response names the place. The event is stored.

import vm from 'node:vm';

import test from 'ava';

import { appended, created, eventsOf, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

class Sealed {
  #secret = 1;

  get secret() {
    return this.#secret;
  }
}

class Unset {
  field = undefined;
}

class Collection {
  #members = [1];

  [Symbol.iterator]() {
    return this.#members.values();
  }
}

function* numbers() {
  yield 1;
}

async function* later() {
  yield 1;
}

const NOT_KEPT = {
  'a Map': [new Map([['a', 1]]), /a Map: give Object\.fromEntries\(map\)/],
  'an empty Map': [new Map(), /a Map/],
  'a Map with a field': [Object.assign(new Map([['a', 1]]), { field: 1 }), /a Map/],
  'a Map of another context': [vm.runInNewContext('new Map([[1, 2]])'), /a Map/],
  'a Set': [new Set([1]), /a Set: give \[\.\.\.set\]/],
  Headers: [new Headers({ a: 'b' }), /Headers: give Object\.fromEntries\(headers\)/],
  URLSearchParams: [new URLSearchParams('a=b'), /URLSearchParams: give their text/],
  FormData: [new FormData(), /a FormData: give Object\.fromEntries/],
  'an ArrayBuffer': [new ArrayBuffer(3), /an ArrayBuffer: give .*base64/],
  'a SharedArrayBuffer': [new SharedArrayBuffer(3), /an ArrayBuffer/],
  'a DataView': [new DataView(new ArrayBuffer(3)), /a DataView/],
  'a WeakMap': [new WeakMap(), /a WeakMap/],
  'a WeakSet': [new WeakSet(), /a WeakSet/],
  'a WeakRef': [new WeakRef({}), /a WeakRef/],
  'a promise': [Promise.resolve({ a: 1 }), /a promise: await it/],
  'a RegExp': [/a/, /a RegExp: give its source/],
  'an iterator of an array': [[1].values(), /an iterator: .*\[\.\.\.iterator\]/],
  'an iterator of a Map': [new Map([[1, 2]]).entries(), /an iterator/],
  'a generator': [numbers(), /a generator: give \[\.\.\.generator\]/],
  'an asynchronous generator': [later(), /a generator/],
  'a Blob': [new Blob(['a']), /a Blob: give await blob\.text\(\)/],
  'a Request': [new Request('http://localhost/'), /a Request/],
  'a Response': [new Response('a'), /a Response/],
  'an object with private fields alone': [new Sealed(), /without enumerable fields of its own/],
  'an object whose only field is undefined': [new Unset(), /without enumerable fields of its own/],
  'an object with a hidden field': [
    Object.defineProperty({}, 'field', { value: 1 }),
    /without enumerable fields of its own/,
  ],
  'an object with a field that is named by a symbol': [
    { [Symbol('field')]: 1 },
    /without enumerable fields of its own/,
  ],
  'an object with a hidden field and no prototype': [
    Object.defineProperty(Object.create(null), 'field', { value: 1 }),
    /without enumerable fields of its own/,
  ],
  'an object that can be iterated over': [{ [Symbol.iterator]: numbers }, /an iterable: give/],
  'an object that can be iterated over later': [{ [Symbol.asyncIterator]: later }, /an iterable/],
  'a collection of a class': [new Collection(), /an iterable: give what it yields/],
  Math: [Math, /without enumerable fields of its own/],
  'a boxed NaN': [Object(NaN), /NaN/],
  'a function': [() => 1, /a function/],
  'a class': [Sealed, /a function/],
  'a symbol': [Symbol('s'), /a symbol/],
  'a boxed symbol': [Object(Symbol('s')), /a symbol/],
  NaN: [NaN, /NaN/],
  Infinity: [-Infinity, /-Infinity/],
  'an invalid Date': [new Date(NaN), /an invalid Date/],
};

for (const [name, [value, remark]] of Object.entries(NOT_KEPT)) {
  test(`${name} is named, with its place`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'tools');
    const payload = { tool: 'x', at: { list: [1, { value }] }, made: { toJSON: () => [value] } };
    const one = await log.appendEvent({ instanceId: 'tools', eventType: 'ran', payload });
    const { event } = succeeded(t, one, 'appendEvent');
    t.deepEqual(event.payload, JSON.parse(JSON.stringify(payload)));
    t.true(one.message.startsWith('payload.at.list[1].value: JSON does not keep '), one.message);
    t.regex(one.message, remark);
    const events = [{ eventType: 'ran' }, { eventType: 'ran', metadata: { value } }];
    const batch = await log.appendEvents({ instanceId: 'tools', events });
    succeeded(t, batch, 'appendEvents');
    t.true(batch.message.startsWith('events[1].metadata.value: '), batch.message);
    t.regex(batch.message, remark);
    t.is((await eventsOf(t, log, 'tools')).length, 3);
  });
}

const KEPT = {
  'an empty object': {},
  'an empty array': [],
  'an object without a prototype': Object.create(null),
  'an object of another context': vm.runInNewContext('({ a: {}, b: [] })'),
  'a Date': new Date(0),
  'a Date of another context': vm.runInNewContext('new Date(0)'),
  'a URL': new URL('http://localhost/'),
  'an object with only a field that is undefined': { field: undefined },
  'a typed array': new Uint8Array([1, 2]),
  'an empty typed array': new Float64Array(),
  'a Buffer': Buffer.from('text'),
  'boxed values': [Object(1), Object('text'), Object('')],
  undefined: undefined,
  'undefined in an array': [undefined],
  'an object of a class': new (class Order {
    total = 1;
  })(),
  'an object with a toJSON': { toJSON: () => ({ a: 1 }) },
  'a toJSON that writes nothing': { toJSON: () => undefined },
  'deep nesting': JSON.parse('{"a":'.repeat(300) + '1' + '}'.repeat(300)),
  'a text that looks like it': '{}',
};

for (const [name, value] of Object.entries(KEPT)) {
  test(`${name} has no remark`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'tools');
    const params = { instanceId: 'tools', eventType: 'ran', payload: { value, list: [value] } };
    const response = await log.appendEvent(params);
    succeeded(t, response, 'appendEvent');
    t.false('message' in response, response.message);
  });
}

test('remarks stand together, and after ten their number', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'tools');
  const payload = { list: Array.from({ length: 13 }, () => new Set()) };
  const params = { instanceId: 'tools', eventType: 'ran', payload, answer: 42 };
  const { message } = await log.appendEvent(params);
  t.true(message.startsWith('the unknown key "answer" was ignored; payload.list[0]: '), message);
  t.regex(message, /payload\.list\[9\]: [^;]*; and 3 more$/);
});

test('numbers of a typed array that JSON does not keep are named', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'tools');
  const payload = { ratios: new Float64Array([1, NaN, -Infinity]), few: new Float32Array([0.5]) };
  const response = await log.appendEvent({ instanceId: 'tools', eventType: 'ran', payload });
  succeeded(t, response, 'appendEvent');
  t.is(
    response.message,
    'payload.ratios[1]: JSON does not keep NaN; payload.ratios[2]: JSON does not keep -Infinity',
  );
});

test('one value in many places is named once, and a long key not in full', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'tools');
  const value = new Set([1]);
  const payload = { ['k'.repeat(10_000)]: value, again: value };
  const response = await log.appendEvent({ instanceId: 'tools', eventType: 'ran', payload });
  t.is(response.message.match(/a Set/g).length, 1);
  t.true(response.message.length < 400);
});

test('a failure has no such remark, and nothing is stored', async (t) => {
  const log = await openLog(t);
  const payload = { value: new Set() };
  const response = await log.appendEvent({ instanceId: 'none', eventType: 'ran', payload });
  t.is(response.code, 'INSTANCE_NOT_FOUND');
  t.false('message' in response);
});

test('parameters with a toJSON are looked through as they are written', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'tools');
  const made = { instanceId: 'tools', eventType: 'ran', payload: { error: new Error('x') } };
  const params = { toJSON: () => made, payload: { value: new Set() } };
  t.is((await appended(t, log, params)).payload.error.message, 'x');
});
