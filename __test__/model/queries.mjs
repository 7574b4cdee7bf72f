// Random queries that are valid.

import fc from 'fast-check';

const FIELDS = [
  'instanceId',
  'stream_id',
  'streamId',
  'event_type',
  'eventType',
  'sequence_number',
  'sequenceNumber',
  'payload',
  'metadata',
  'payload.n',
  'n',
  'k',
  'payload.k',
  'metadata.k',
  'payload.list',
  'list.0',
  'payload.list.1',
  'payload.0',
  'nested.a.b',
  'payload.nested',
  'a.b',
  '/payload/a.b',
  '/payload/nested/a/b',
  '/metadata/a.b',
  '__proto__.x',
  'payload.__proto__.x',
  'toString',
  'payload.free',
  'nothing',
];

/** Fields that only ever hold scalars, whose groups have an order. */
const GROUPS = [
  'event_type',
  'streamId',
  'sequence_number',
  'payload.n',
  'k',
  'nested.a.b',
  '/payload/a.b',
];

const VALUES = [
  null,
  true,
  false,
  0,
  -0,
  1,
  2,
  -1.5,
  5,
  '',
  'a',
  'b',
  '1',
  '\ud800',
  'é',
  '🦀',
  'made',
  'paid',
  'order-1',
  'default',
  [],
  {},
  [0],
  ['a', 1],
  { b: null },
  { a: { b: 1 } },
];

const field = fc.constantFrom(...FIELDS);
const value = fc.constantFrom(...VALUES);
const number = fc.constantFrom(-2, 0, 0.25, 1, 2, 5, 9);
const text = fc.constantFrom(
  '',
  'a',
  'b',
  'made',
  'paid',
  'é',
  '\uffff',
  '\ud800',
  '🦀',
  'order-1',
);
const boolean = fc.boolean();

const time = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom('number', 'Date', 'text'))
  .map(([ms, form]) => {
    if (form === 'number') return ms;
    return form === 'Date' ? new Date(ms) : new Date(ms).toISOString();
  });

const pairOf = (arbitrary) => fc.tuple(arbitrary, arbitrary);

const condition = (of, operators, given) =>
  fc.record({ field: of, operator: fc.constantFrom(...operators), value: given });

const ORDERED = ['gt', 'gte', 'lt', 'lte'];
const timestamp = fc.constant('timestamp');

const conditions = fc.oneof(
  condition(field, ['eq', 'neq', 'contains'], value),
  condition(field, ['in', 'notIn'], fc.array(value, { maxLength: 4 })),
  condition(field, ['startsWith', 'endsWith'], text),
  condition(field, ['matches'], fc.constantFrom('a', '^a', 'e$', '^(made|paid)$', '')),
  condition(field, ['exists'], boolean),
  fc.record({
    field,
    operator: fc.constantFrom('eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'contains', 'startsWith'),
    valueField: field,
  }),
  fc.record({
    field,
    operator: fc.constantFrom('eq', 'neq', 'contains', 'startsWith', 'endsWith'),
    value: fc.constantFrom('A', 'MADE', 'É', 'ORDER', ''),
    ignoreCase: fc.constant(true),
  }),
  condition(field, ORDERED, fc.oneof(number, text, boolean)),
  condition(field, ['between'], fc.oneof(pairOf(number), pairOf(text), pairOf(boolean))),
  condition(timestamp, ['eq', 'neq', ...ORDERED], time),
  condition(timestamp, ['in'], fc.array(time, { maxLength: 3 })),
  condition(timestamp, ['between'], pairOf(time)),
);

/** A condition, or a tree of some. */
const { part } = fc.letrec((tie) => ({
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: conditions },
    { weight: 1, arbitrary: fc.record({ any: fc.array(tie('part'), { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ all: fc.array(tie('part'), { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ not: tie('part') }) },
  ),
}));

const maybe = (arbitrary) => fc.option(arbitrary, { nil: undefined });

const direction = maybe(fc.constantFrom('asc', 'desc'));
const orderOf = (of) => maybe(fc.record({ field: of, direction }));

const page = { limit: maybe(fc.nat(12)), offset: maybe(fc.nat(6)) };

const anyField = fc.oneof(field, fc.constant('timestamp'), fc.constant('id'));

const events = {
  // Elements of a list that are selected one by one leave gaps, which are told in a test of select.
  select: maybe(
    fc.array(fc.oneof(anyField.filter((name) => !/\.\d/.test(name))), {
      minLength: 1,
      maxLength: 5,
    }),
  ),
  orderBy: orderOf(anyField),
  ...page,
};

const fold = fc.oneof(
  fc.record({ type: fc.constant('count'), field: maybe(field) }),
  fc.record({ type: fc.constantFrom('sum', 'avg', 'min', 'max'), field: anyField }),
);

const collect = fc.record({ type: fc.constant('collect'), field: anyField });

const groupBy = fc.oneof(
  fc.constantFrom(...GROUPS),
  fc.uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1, maxLength: 3 }),
);

const rows = fc
  .tuple(fc.oneof(fold, collect), groupBy, maybe(fc.nat(3)), direction)
  .map(([reduce, groups, column, way]) => {
    const columns = [...[groups].flat(), reduce.type];
    const orderBy =
      column === undefined
        ? undefined
        : { field: columns[column % columns.length], direction: way };
    return { reduce: { ...reduce, groupBy: groups }, orderBy };
  });

/** A query of an instance and, at times, of one of its streams. */
export const query = (instance, stream) => {
  const common = {
    from: fc.record({ instance, stream: maybe(stream) }),
    where: maybe(fc.array(part, { maxLength: 3 })),
  };
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ ...common, ...events }) },
    { weight: 1, arbitrary: fc.record({ ...common, reduce: fold }) },
    {
      weight: 1,
      arbitrary: fc.record({ ...common, reduce: collect, orderBy: orderOf(anyField), ...page }),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.record({ ...common, ...page }), rows)
        .map(([rest, grouped]) => ({ ...rest, ...grouped })),
    },
  );
};
