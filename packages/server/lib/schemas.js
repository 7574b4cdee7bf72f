// The shapes of parameters and results, as JSON Schema (2020-12) for the OpenAPI description.
//
// They accept what the log accepts, as far as a schema can say it: limits in bytes, and what depends on the content of the
// log, are in the descriptions.

const string = (description, more = {}) => ({ type: 'string', description, ...more });
const wholeNumber = (description, more = {}) => ({
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description,
  ...more,
});
const boolean = (description) => ({ type: 'boolean', description });
const choice = (values, description) => ({ type: 'string', enum: values, description });
const ref = (name) => ({ $ref: `#/components/schemas/${name}` });

/** An identifier. Its limit is in bytes, which a schema cannot say. */
const identifier = (description) =>
  string(`${description} 1 to 1,024 bytes of UTF-8.`, { minLength: 1 });
const shortName = (description) =>
  string(`${description} 1 to 256 bytes of UTF-8.`, { minLength: 1 });
const longText = (description) => string(`${description} At most 65,536 bytes of UTF-8.`);
const json = (description) => ({ type: ['object', 'array'], description });

/** What can also be `null`, which counts as not given. */
function orNull({ description, ...schema }) {
  const described = description === undefined ? {} : { description };
  if (schema.enum) return { enum: [...schema.enum, null], ...described };
  if (schema.anyOf) return { anyOf: [...schema.anyOf, { type: 'null' }], ...described };
  if (schema.type === undefined) return { anyOf: [schema, { type: 'null' }], ...described };
  return { ...schema, type: [schema.type, 'null'].flat(), ...described };
}

/** An object with these properties, of which those named are required. The others can be `null`. */
export function object(properties, required = [], more = {}) {
  const entries = Object.entries(properties).map(([name, schema]) => [
    name,
    required.includes(name) ? schema : orNull(schema),
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(entries),
    ...(required.length > 0 && { required }),
    ...more,
  };
}

/** Options: the log refuses an unknown one. */
const options = (properties, required, description) =>
  object(properties, required, {
    additionalProperties: false,
    ...(description !== undefined && { description }),
  });

const instanceId = { ...identifier('The id or the name of the instance.'), examples: ['orders'] };
const instance = instanceId;
const conditions = {
  anyOf: [{ type: 'array', maxItems: 100, items: ref('Where') }, ref('Tree')],
  description: 'Conditions, which must all hold, or a tree of them.',
};
const positionOrEnd = (description) => ({
  anyOf: [wholeNumber('A position, at most that of the last event.'), { const: 'end' }],
  description,
});

const eventFields = {
  streamId: identifier('The stream; `stream_id` is another spelling. Default: "default".'),
  eventType: identifier('What happened; `event_type` is another spelling.'),
  payload: json("The event's data. Default: {}."),
  metadata: json("The event's context. Default: {}."),
  timestamp: {
    anyOf: [
      { type: 'string', format: 'date-time' },
      { type: 'number', minimum: 0, maximum: 253_402_300_799_999 },
    ],
    description:
      'When it happened: ISO 8601 with a zone, or epoch milliseconds, within the years 0000 to 9999. Default: now.',
  },
};

const failIf = options(
  {
    where: conditions,
    afterPosition: wholeNumber('Events up to this position do not count. Default: 0.'),
  },
  ['where'],
  'Events that must not exist.',
);

const guards = {
  autoCreateInstance: boolean('Whether to create a missing instance.'),
  idempotencyKey: shortName('Makes the call safe to repeat.'),
  failIf: { anyOf: [failIf, { type: 'array', items: failIf, maxItems: 100 }] },
  checkpoint: options(
    {
      consumer: shortName('The consumer that is moved in the same commit.'),
      position: wholeNumber('The position of the event that is done.', { minimum: 1 }),
      instance: identifier('The instance that the consumer reads. Default: that of the call.'),
    },
    ['consumer', 'position'],
  ),
};

const expectedSequence = {
  anyOf: [wholeNumber('A number; 0 for a stream without events.'), { const: 'exists' }],
  description: 'The number of the last event of the stream, or "exists".',
};

export const appendEventParameters = object(
  { instanceId, ...eventFields, ...guards, expectedSequence },
  ['instanceId', 'eventType'],
);

export const appendEventsParameters = object(
  {
    instanceId,
    events: {
      type: 'array',
      minItems: 0,
      maxItems: 100_000,
      items: object(eventFields, ['eventType']),
      description: 'The events: all are stored, or none. With `idempotencyKey`, at least one.',
    },
    autoCreateInstance: guards.autoCreateInstance,
    failIf: guards.failIf,
    checkpoint: guards.checkpoint,
    expectedSequences: {
      type: 'object',
      propertyNames: { minLength: 1 },
      additionalProperties: orNull(expectedSequence),
      description: 'Where streams must end, by their ids.',
    },
  },
  ['instanceId', 'events'],
);

const direction = choice(['forward', 'backward'], 'Default: forward.');
const limit = wholeNumber('The largest number of events. Default: all.');

export const readStreamParameters = options(
  {
    instance,
    stream: identifier('The stream.'),
    fromSequence: wholeNumber(
      'The `sequence_number` to begin with, at most the one that comes next.',
    ),
    direction,
    limit,
  },
  ['instance', 'stream'],
);

export const readAllParameters = options(
  {
    instance,
    afterPosition: wholeNumber(
      'The position to continue after, in the direction of reading; at most that of the last event.',
    ),
    direction,
    where: conditions,
    correlationId: string('Only events with this as their `metadata.correlationId`.'),
    causationId: string('Only events with this as their `metadata.causationId`.'),
    limit,
  },
  ['instance'],
);

/** These come in a query string, where nothing is `null`. */
export const subscribeParameters = {
  type: 'object',
  properties: {
    // Without an example: what tries one would wait for the end of something endless.
    instance: identifier('The id or the name of the instance.'),
    stream: identifier('Only the events of this stream. Default: every stream.'),
    where: conditions,
    afterPosition: positionOrEnd('The position to begin after, or "end". Default: 0.'),
    awaitInstance: boolean('Whether to wait for a missing instance. Default: false.'),
  },
  required: ['instance'],
};

const page = wholeNumber('The largest number to list. Default: 1,000.', { maximum: 10_000 });
const consumer = shortName('The name of the consumer.');

export const parameters = {
  consumer: options({ instance, consumer }, ['instance', 'consumer']),
  createInstance: object(
    {
      name: identifier('The name of the new instance.'),
      description: longText('A remark for people.'),
      ifExists: choice(['fail', 'get'], 'Default: fail.'),
    },
    ['name'],
  ),
  deleteSnapshots: options(
    { instance, name: shortName('The name of the projection. Default: all.') },
    ['instance'],
  ),
  instanceId: object({ instanceId }, ['instanceId']),
  listConsumers: options(
    { instance, after: shortName('The last one of the page before.'), limit: page },
    ['instance'],
  ),
  listParked: options(
    {
      instance,
      consumer,
      after: wholeNumber('The last position of the page before.'),
      limit: page,
    },
    ['instance', 'consumer'],
  ),
  listStreams: options(
    {
      instance,
      prefix: string('How the ids of the streams begin. At most 1,024 bytes of UTF-8.'),
      after: identifier('The last one of the page before.'),
      limit: page,
    },
    ['instance'],
  ),
  nothing: object({}),
  parked: options(
    {
      instance,
      consumer,
      positions: { type: 'array', items: wholeNumber('A position.'), maxItems: 10_000 },
    },
    ['instance', 'consumer'],
  ),
  queryEvents: object({ query: ref('Query') }, ['query']),
  resetConsumer: options(
    { instance, consumer, position: positionOrEnd('Where the consumer is to stand.') },
    ['instance', 'consumer', 'position'],
  ),
  updateInstance: object(
    {
      instanceId,
      name: identifier('The new name.'),
      description: longText('The new description.'),
    },
    ['instanceId'],
  ),
};

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

/** A condition with a value. One that compares texts can ignore their case. */
const condition = (operators, value, more = { ignoreCase: { const: false } }) =>
  options({ field, operator: { enum: operators }, value, ...more }, ['field', 'operator', 'value']);

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
const group = {
  anyOf: [
    field,
    options(
      {
        field: { enum: ['timestamp', '/timestamp'] },
        every: string('Such as 15m, 1h, 1d, 1w, 1mo, 1q or 1y.', {
          pattern: '^[1-9][0-9]{0,3}(s|m|h|d|w|mo|q|y)$',
        }),
        timeZone: string('A name of the IANA database, or an offset. Default: UTC.'),
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
  anyOf: [...group.anyOf, { type: 'array', items: group, maxItems: 100, uniqueItems: true }],
};
const having = {
  ...conditions,
  description: 'Conditions on the columns of the rows. Only with groupBy.',
};

const reductions = [
  ...aggregates.map(([properties, required]) =>
    options({ ...properties, groupBy, having }, required),
  ),
  options(
    {
      aggregates: {
        type: 'object',
        minProperties: 1,
        maxProperties: 100,
        propertyNames: { minLength: 1 },
        additionalProperties: {
          anyOf: aggregates.map(([properties, required]) => options(properties, required)),
        },
      },
      groupBy,
      having,
    },
    ['aggregates'],
  ),
];

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

const time = string('ISO 8601, UTC, milliseconds.', { format: 'date-time' });

const eventProperties = {
  id: string('A UUIDv7.'),
  instanceId: string('The id of the instance.'),
  stream_id: string('The stream.'),
  event_type: string('What happened.'),
  payload: json("The event's data."),
  metadata: json("The event's context."),
  timestamp: time,
  sequence_number: wholeNumber('Its number within its stream.'),
};

/** An object that is answered: nothing in it is `null`. */
function answer(properties, optional = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

/** What several operations have in common. */
export const components = {
  Where: { anyOf: [ref('Condition'), ref('Tree')] },
  Tree: {
    anyOf: [
      ...['any', 'all'].map((name) =>
        options({ [name]: { type: 'array', maxItems: 100, items: ref('Where') } }, [name]),
      ),
      options({ not: ref('Where') }, ['not']),
    ],
    description: 'At most 64 levels deep.',
  },
  Condition: {
    anyOf: [
      condition(['eq', 'neq', 'contains'], { description: 'Any JSON.' }),
      condition(['eq', 'neq', 'contains'], scalarOrNull, { ignoreCase }),
      condition(['gt', 'gte', 'lt', 'lte'], scalar),
      condition(['startsWith', 'endsWith'], { type: 'string' }, { ignoreCase }),
      condition(
        ['matches'],
        string("A regular expression of Rust's regex, up to 1,024 bytes of UTF-8."),
        { ignoreCase },
      ),
      condition(['exists'], { type: 'boolean' }),
      comparison(['eq', 'neq', 'contains', 'startsWith', 'endsWith'], ignoreCase),
      comparison(['gt', 'gte', 'lt', 'lte'], { const: false }),
      condition(['in', 'notIn'], { type: 'array', maxItems: 10_000 }),
      condition(
        ['in', 'notIn'],
        { type: 'array', maxItems: 10_000, items: scalarOrNull },
        { ignoreCase },
      ),
      condition(['between'], {
        anyOf: ['string', 'number', 'boolean'].map((type) => ({
          type: 'array',
          items: { type },
          minItems: 2,
          maxItems: 2,
        })),
      }),
    ],
  },
  Query: query,
  Instance: answer(
    {
      id: string('The id, which never changes.'),
      name: string('The name.'),
      description: string('A remark for people.'),
      createdAt: time,
      updatedAt: time,
    },
    ['description'],
  ),
  Event: answer(eventProperties),
  CloudEvent: {
    type: 'object',
    description: 'A CloudEvent 1.0 in the JSON format.',
    properties: {
      specversion: { const: '1.0' },
      id: string('Together with the source, that of no other event.', { minLength: 1 }),
      source: string('A URI reference.', { minLength: 1, format: 'uri-reference' }),
      type: string('What has happened.', { minLength: 1 }),
      subject: string('What it has happened to.', { minLength: 1 }),
      data: { description: 'Any JSON.' },
      data_base64: string('Data that is bytes, in base64.'),
    },
    required: ['specversion', 'id', 'source', 'type'],
    examples: [{ specversion: '1.0', id: 'A234-1234', source: '/shop', type: 'made', data: 0 }],
  },
  Failure: answer(
    {
      type: string('The type of the request.'),
      success: { const: false },
      error: string('What was wrong, what was expected and what was found.'),
      code: string('What kind of failure it is.'),
      conflict: { type: 'object' },
      message: string('Remarks for a person.'),
      timestamp: time,
      requestId: string('A UUID, new for each call.'),
    },
    ['conflict', 'message'],
  ),
};

const duplicate = { const: true, description: 'An earlier call stored it.' };

/** The `data` of responses, by what they hold. */
export const data = {
  instance: answer({ instance: ref('Instance') }),
  instances: answer({ instances: { type: 'array', items: ref('Instance') } }),
  event: answer({ event: ref('Event'), duplicate }, ['duplicate']),
  events: answer(
    { events: { type: 'array', items: ref('Event') }, count: wholeNumber('How many.'), duplicate },
    ['duplicate'],
  ),
  result: answer({ result: { type: 'object' } }),
  stats: answer({
    instanceId: { type: 'string' },
    name: { type: 'string' },
    eventCount: wholeNumber('How many events it has.'),
    streamCount: wholeNumber('How many streams it has.'),
    storedBytes: wholeNumber('The bytes of its events.'),
    createdAt: time,
    updatedAt: time,
  }),
  any: { type: 'object' },
};

/** The response of a method that has succeeded. */
export function successOf(name, schema) {
  return answer(
    {
      type: { const: `eventLog.${name}` },
      success: { const: true },
      data: schema,
      message: string('Remarks for a person.'),
      timestamp: time,
      requestId: string('A UUID, new for each call.'),
    },
    ['message'],
  );
}
