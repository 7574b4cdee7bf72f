// Random steps: calls of the nine methods, with values that are awkward, and reopenings.

import fc from 'fast-check';

import { badCall } from './bad-calls.mjs';
import { query } from './queries.mjs';

/** Few names, so that steps meet each other's instances. */
const NAMES = ['a', 'b', 'orders', 'a\0', '🦀', 'é', 'e\u0301', '__proto__', 'x'.repeat(1024)];

/** An instance by a name, or by the id of one of those that were ever made. */
export const reference = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.record({ made: fc.nat(40) }) },
);

const STREAMS = ['default', 'order-1', 'order-2', 'a\0b', '🦀', '__proto__'];
const TYPES = ['made', 'paid', 'sent', 'é', '\uffff', '🦀'];
const SCALARS = [
  null,
  true,
  false,
  0,
  -0,
  1,
  2,
  -1.5,
  0.25,
  '',
  'a',
  'b',
  '1',
  '\ud800',
  'é',
  '🦀',
];

const scalar = fc.constantFrom(...SCALARS);

/** Arrays within objects within arrays, deep enough to break what recurses without care. */
const deep = fc.integer({ min: 50, max: 400 }).map((depth) => {
  let value = [depth];
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { deeper: value };
  return value;
});

/** An object whose keys are own keys, `__proto__` included. */
const withKeys = (entries) =>
  Object.fromEntries(entries.filter(([, value]) => value !== undefined));

const maybe = (arbitrary) => fc.option(arbitrary, { nil: undefined, freq: 3 });

const fields = fc
  .tuple(
    fc.nat(9),
    maybe(scalar),
    maybe(fc.array(scalar, { maxLength: 4 })),
    maybe(scalar),
    maybe(scalar),
    maybe(scalar),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: 3, arbitrary: fc.jsonValue({ stringUnit: 'binary' }) },
      { weight: 1, arbitrary: deep },
    ),
  )
  .map(([n, k, list, nested, dotted, proto, free]) =>
    withKeys([
      ['n', n],
      ['k', k],
      ['list', list],
      ['nested', nested === undefined ? undefined : { a: { b: nested } }],
      ['a.b', dotted],
      ['__proto__', proto === undefined ? undefined : { x: proto }],
      ['free', free],
    ]),
  );

const payload = fc.oneof(
  { weight: 8, arbitrary: fields },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.constant({ at: new Date(0), gone: undefined, list: [undefined, NaN] }),
  },
);

const timestamp = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 }).map((ms) => new Date(ms)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 }).map((ms) => new Date(ms).toISOString()) },
);

const streamOf = fc.constantFrom(
  ...STREAMS.map((streamId) => ({ streamId })),
  ...STREAMS.map((stream_id) => ({ stream_id })),
  {},
);

const typeOf = fc.constantFrom(
  ...TYPES.map((eventType) => ({ eventType })),
  ...TYPES.map((event_type) => ({ event_type })),
);

const event = fc
  .record({
    stream: streamOf,
    type: typeOf,
    payload: maybe(payload),
    metadata: maybe(payload),
    timestamp,
  })
  .map(({ stream, type, ...rest }) => ({ ...stream, ...type, ...rest }));

const autoCreateInstance = fc.constantFrom(undefined, false, true, true);

const call = (method, ...args) =>
  fc.record({ method: fc.constant(method), args: fc.tuple(...args) });

const description = maybe(fc.constantFrom('', 'every order', '\0🦀'));

const change = fc
  .record({ name: maybe(reference), description })
  .filter(({ name, description: text }) => name !== undefined || text !== undefined);

const appendEvent = call(
  'appendEvent',
  fc
    .record({ instanceId: reference, event, autoCreateInstance })
    .map(({ event: one, ...rest }) => ({ ...one, ...rest })),
);

const appendEvents = call(
  'appendEvents',
  fc.record({
    instanceId: reference,
    autoCreateInstance,
    events: fc.array(event, { maxLength: 12 }),
  }),
);

const write = fc.oneof(
  { weight: 12, arbitrary: appendEvent },
  { weight: 6, arbitrary: appendEvents },
  { weight: 4, arbitrary: call('createInstance', reference, description) },
  { weight: 2, arbitrary: call('updateInstance', reference, change) },
  { weight: 1, arbitrary: call('deleteInstance', reference) },
);

const step = fc.oneof(
  { weight: 20, arbitrary: write },
  { weight: 12, arbitrary: call('queryEvents', query(reference, fc.constantFrom(...STREAMS))) },
  { weight: 2, arbitrary: call('getInstance', reference) },
  { weight: 2, arbitrary: call('listInstances') },
  { weight: 2, arbitrary: call('getInstanceStats', reference) },
  { weight: 2, arbitrary: badCall },
  {
    weight: 2,
    arbitrary: fc.record({ together: fc.array(write, { minLength: 2, maxLength: 8 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ reopen: true }) },
);

/** Up to 40 steps, the first of which makes an instance. */
export const steps = fc
  .tuple(
    call('createInstance', reference, description),
    fc.array(step, { maxLength: 39, size: 'max' }),
  )
  .map(([first, rest]) => [first, ...rest]);
