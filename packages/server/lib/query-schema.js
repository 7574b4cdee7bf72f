// The shape of a query, as JSON Schema (2020-12).

import {
  boolean,
  choice,
  conditions,
  conditionsOf,
  identifier,
  instance,
  options,
  ref,
  string,
  wholeNumber,
} from './schema-forms.js';

const field = {
  ...identifier('A field, such as `event_type`, `payload.total` or `/payload/a.b`.'),
  pattern: '^(?:[^/.][^.]*(?:\\.[^.]+)*|/(?:payload|metadata)(?:/[^~]*)?)$',
};
const scalar = { type: ['string', 'number', 'boolean'] };

const ignoreCase = boolean('Whether upper and lower case are the same. Default: false.');

const scalarOrNull = { type: [...scalar.type, 'null'] };

/** A condition on two fields. */
const comparison = (operators, ignoresCase) =>
  options({ field, operator: { enum: operators }, valueField: field, ignoreCase: ignoresCase }, [
    'field',
    'operator',
    'valueField',
  ]);

/** An aggregate with these types, of a field that has to be given or may be. */
const aggregate = (types, fieldIsRequired, more = {}, required = []) => [
  { type: { enum: types }, field, ...more },
  ['type', ...(fieldIsRequired ? ['field'] : []), ...required],
];

const numberOfTop = wholeNumber('How many values. Default: 10.', { minimum: 1, maximum: 1_000 });
const partOfAll = { type: 'number', minimum: 0, maximum: 1 };

/** What can have a name among others. */
const aggregates = [
  aggregate(['count'], false),
  aggregate(
    ['sum', 'avg', 'min', 'max', 'collect', 'countDistinct', 'first', 'last', 'stddev'],
    true,
  ),
  aggregate(['percentile'], true, { p: partOfAll }, ['p']),
  aggregate(['topK'], true, { k: numberOfTop }),
];

const fill = boolean('Whether groups without events have rows too. Default: false.');

/** The numbers from 1 to 10,000 of a unit that divide a day of so many of them. */
const dividing = (unitsOfDay, unit) =>
  Array.from({ length: Math.min(unitsOfDay, 10_000) }, (_, index) => index + 1)
    .filter((number) => unitsOfDay % number === 0)
    .map((number) => `${number}${unit}`);

const every = {
  anyOf: [
    { enum: [...dividing(86_400, 's'), ...dividing(1_440, 'm'), ...dividing(24, 'h')] },
    { type: 'string', pattern: '^(?:10000|[1-9][0-9]{0,3})(?:d|w|mo|q|y)$' },
  ],
  description: 'Such as 15m, 1h, 1d, 1w, 1mo, 1q or 1y.',
};

const timeZone = {
  anyOf: [
    { enum: ['UTC', ...Intl.supportedValuesOf('timeZone')] },
    { type: 'string', pattern: '^[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)$' },
  ],
  description:
    'A name of the IANA database, also one that is not listed here, or an offset. Default: UTC.',
};

const absent = { const: null };
const group = {
  anyOf: [
    field,
    options({ field, every: absent, timeZone: absent, bins: absent, fill: { enum: [false] } }, [
      'field',
    ]),
    options(
      {
        field: { enum: ['timestamp', '/timestamp'] },
        every,
        timeZone,
        fill,
      },
      ['field', 'every'],
    ),
    options(
      {
        field,
        bins: { type: 'array', items: { type: 'number' }, minItems: 1, maxItems: 1_000 },
        fill,
      },
      ['field', 'bins'],
    ),
  ],
};
const groupBy = {
  anyOf: [
    ...group.anyOf,
    { type: 'array', items: group, minItems: 1, maxItems: 100, uniqueItems: true },
  ],
};
const noGroups = { type: 'array', maxItems: 0 };
const having = conditionsOf(
  'RowWhere',
  'RowTree',
  'Conditions on the columns of the rows. Only with groupBy.',
);

/** A reduction of all events, and one of groups, whose rows can be chosen. */
const withAndWithoutGroups = ([properties, required]) => [
  options({ ...properties, groupBy: noGroups, having: absent }, required),
  options({ ...properties, groupBy, having }, [...required, 'groupBy']),
];

const namedAggregates = {
  type: 'object',
  minProperties: 1,
  maxProperties: 100,
  propertyNames: { minLength: 1 },
  additionalProperties: {
    anyOf: aggregates.map(([properties, required]) => options(properties, required)),
  },
};

const reductions = [...aggregates, [{ aggregates: namedAggregates }, ['aggregates']]].flatMap(
  withAndWithoutGroups,
);

const query = options(
  {
    from: options({ instance, stream: identifier('Only this stream.') }, ['instance']),
    where: conditions,
    select: { type: 'array', maxItems: 100, items: field },
    orderBy: options({ field, direction: choice(['asc', 'desc'], 'Default: asc.') }, ['field']),
    limit: wholeNumber('How many to return. Default: all.'),
    offset: wholeNumber('How many to skip first. Default: 0.'),
    reduce: {
      anyOf: reductions,
      description: 'What to compute instead of returning events.',
    },
    explain: boolean('Whether to tell how the query is answered.'),
  },
  ['from'],
);

/** Conditions of these names, of which there can be more in a tree. */
function treeOf(where) {
  return {
    anyOf: [
      ...['any', 'all'].map((name) =>
        options({ [name]: { type: 'array', maxItems: 100, items: ref(where) } }, [name]),
      ),
      options({ not: ref(where) }, ['not']),
    ],
    description: 'At most 64 levels deep.',
  };
}

/** A condition with a value, of what `of` names. One that compares texts can ignore their case. */
function condition(of, operators, value, more = { ignoreCase: { const: false } }) {
  const properties = { field: of, operator: { enum: operators }, value, ...more };
  return options(properties, ['field', 'operator', 'value']);
}

/** The conditions with a value that both events and rows can have. */
const comparisonsWith = (of) => [
  condition(of, ['eq', 'neq', 'contains'], { description: 'Any JSON.' }),
  condition(of, ['eq', 'neq', 'contains'], scalarOrNull, { ignoreCase }),
  condition(of, ['gt', 'gte', 'lt', 'lte'], scalar),
  condition(of, ['startsWith', 'endsWith'], { type: 'string' }, { ignoreCase }),
  condition(
    of,
    ['matches'],
    string("A regular expression of Rust's regex, up to 1,024 bytes of UTF-8."),
    { ignoreCase },
  ),
  condition(of, ['in', 'notIn'], { type: 'array', maxItems: 10_000 }),
  condition(
    of,
    ['in', 'notIn'],
    { type: 'array', maxItems: 10_000, items: scalarOrNull },
    { ignoreCase },
  ),
  condition(of, ['between'], {
    anyOf: ['string', 'number', 'boolean'].map((type) => ({
      type: 'array',
      items: { type },
      minItems: 2,
      maxItems: 2,
    })),
  }),
];

const column = { ...field, description: 'A group field, or the name of an aggregate.' };

/** The schemas that a query is made of. */
export const queryComponents = {
  Where: { anyOf: [ref('Condition'), ref('Tree')] },
  Tree: treeOf('Where'),
  Condition: {
    anyOf: [
      ...comparisonsWith(field),
      condition(field, ['exists'], { type: 'boolean' }),
      comparison(['eq', 'neq', 'contains', 'startsWith', 'endsWith'], ignoreCase),
      comparison(['gt', 'gte', 'lt', 'lte'], { const: false }),
    ],
  },
  RowWhere: { anyOf: [ref('RowCondition'), ref('RowTree')] },
  RowTree: treeOf('RowWhere'),
  RowCondition: { anyOf: comparisonsWith(column) },
  Query: query,
};
