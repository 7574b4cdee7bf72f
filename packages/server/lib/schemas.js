// The shapes of parameters and results, as JSON Schema (2020-12) for the OpenAPI description.

const string = (description, more = {}) => ({ type: 'string', description, ...more });
const wholeNumber = (description, more = {}) => ({
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description,
  ...more,
});
const ref = (name) => ({ $ref: `#/components/schemas/${name}` });

/** An identifier: its length in characters is at most that in bytes, so what fits into the schema can be too long. */
const identifier = (description) => string(description, { minLength: 1, maxLength: 1024 });
const json = (description) => ({ type: ['object', 'array'], description });

export const instanceId = identifier('The id or the name of the instance.');
export const instance = instanceId;

/** An object with these properties, of which those named are required. */
export function object(properties, required = [], more = {}) {
  return { type: 'object', properties, ...(required.length > 0 && { required }), ...more };
}

const conditions = {
  type: 'array',
  maxItems: 100,
  items: ref('Condition'),
  description: 'Conditions, which must all hold.',
};

const eventFields = {
  streamId: identifier('The stream. Default: "default".'),
  stream_id: identifier('Another spelling of `streamId`.'),
  eventType: identifier('What happened. Required, under one of its two spellings.'),
  event_type: identifier('Another spelling of `eventType`.'),
  payload: json("The event's data. Default: {}."),
  metadata: json("The event's context. Default: {}."),
  timestamp: {
    type: ['string', 'number'],
    description:
      'When it happened: ISO 8601 with a zone, or epoch milliseconds, within the years 0000 to 9999. Default: now.',
  },
};

const guards = {
  autoCreateInstance: { type: 'boolean', description: 'Whether to create a missing instance.' },
  idempotencyKey: string('Makes the call safe to repeat.', { minLength: 1, maxLength: 256 }),
  failIf: {
    description: 'Events that must not exist: one such object, or up to 100.',
    type: ['object', 'array'],
  },
  checkpoint: { type: 'object', description: 'Moves a consumer in the same commit.' },
};

const expectedSequence = {
  description: 'The number of the last event of the stream, or "exists".',
  type: ['integer', 'string'],
};

export const appendEventParameters = object(
  { instanceId, ...eventFields, ...guards, expectedSequence },
  ['instanceId'],
);

export const appendEventsParameters = object(
  {
    instanceId,
    events: {
      type: 'array',
      maxItems: 100_000,
      items: object(eventFields),
      description: 'The events: all are stored, or none.',
    },
    ...guards,
    expectedSequences: { type: 'object', additionalProperties: expectedSequence },
  },
  ['instanceId', 'events'],
);

export const readStreamParameters = object(
  {
    instance,
    stream: identifier('The stream.'),
    fromSequence: wholeNumber('The `sequence_number` to begin with.'),
    direction: { enum: ['forward', 'backward'], description: 'Default: forward.' },
    limit: wholeNumber('The largest number of events. Default: all.'),
  },
  ['instance', 'stream'],
);

export const readAllParameters = object(
  {
    instance,
    afterPosition: wholeNumber('The position to continue after, in the direction of reading.'),
    direction: { enum: ['forward', 'backward'], description: 'Default: forward.' },
    where: conditions,
    correlationId: string('Only events with this as their `metadata.correlationId`.'),
    causationId: string('Only events with this as their `metadata.causationId`.'),
    limit: wholeNumber('The largest number of events. Default: all.'),
  },
  ['instance'],
);

export const subscribeParameters = object(
  {
    instance,
    stream: identifier('Only the events of this stream. Default: every stream.'),
    where: conditions,
    afterPosition: {
      anyOf: [wholeNumber('A position'), { const: 'end' }],
      description: 'The position to begin after, or "end". Default: 0.',
    },
    awaitInstance: { type: 'boolean', description: 'Whether to wait for a missing instance.' },
  },
  ['instance'],
);

const page = wholeNumber('The largest number to list. Default: 1,000.', { maximum: 10_000 });
const consumer = string('The name of the consumer.', { minLength: 1, maxLength: 256 });

export const parameters = {
  consumer: object({ instance, consumer }, ['instance', 'consumer']),
  createInstance: object(
    {
      name: identifier('The name of the new instance.'),
      description: string('A remark for people.', { maxLength: 65_536 }),
      ifExists: { enum: ['fail', 'get'], description: 'Default: fail.' },
    },
    ['name'],
  ),
  deleteSnapshots: object({ instance, name: string('The name of the projection. Default: all.') }, [
    'instance',
  ]),
  instanceId: object({ instanceId }, ['instanceId']),
  listConsumers: object(
    { instance, after: string('The last one of the page before.'), limit: page },
    ['instance'],
  ),
  listParked: object(
    {
      instance,
      consumer,
      after: wholeNumber('The last position of the page before.'),
      limit: page,
    },
    ['instance', 'consumer'],
  ),
  listStreams: object(
    {
      instance,
      prefix: string('How the ids of the streams begin.'),
      after: string('The last one of the page before.'),
      limit: page,
    },
    ['instance'],
  ),
  nothing: object({}),
  parked: object(
    {
      instance,
      consumer,
      positions: { type: 'array', items: wholeNumber('A position'), maxItems: 10_000 },
    },
    ['instance', 'consumer'],
  ),
  queryEvents: object({ query: ref('Query') }, ['query']),
  resetConsumer: object(
    {
      instance,
      consumer,
      position: { anyOf: [wholeNumber('A position'), { const: 'end' }] },
    },
    ['instance', 'consumer', 'position'],
  ),
  updateInstance: object(
    {
      instanceId,
      name: identifier('The new name.'),
      description: string('The new description.', { maxLength: 65_536 }),
    },
    ['instanceId'],
  ),
};

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

/** What several operations have in common. */
export const components = {
  Condition: object(
    {
      field: string('A field, such as `event_type` or `payload.total`.', { minLength: 1 }),
      operator: { enum: ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'contains', 'in', 'between'] },
      value: { description: 'What the field is compared with.' },
    },
    ['field', 'operator', 'value'],
  ),
  Query: object(
    {
      from: object({ instance, stream: identifier('Only this stream.') }, ['instance']),
      where: conditions,
      select: { type: 'array', maxItems: 100, items: { type: 'string' } },
      orderBy: object(
        { field: string('A field.', { minLength: 1 }), direction: { enum: ['asc', 'desc'] } },
        ['field'],
      ),
      limit: wholeNumber('How many to return.'),
      offset: wholeNumber('How many to skip first.'),
      reduce: object(
        {
          type: { enum: ['count', 'sum', 'avg', 'min', 'max', 'collect'] },
          field: string('Needed by all but `count`.'),
          groupBy: { type: ['string', 'array'], description: 'A field, or several.' },
        },
        ['type'],
      ),
      explain: { type: 'boolean' },
    },
    ['from'],
  ),
  Instance: object(
    {
      id: string('The id, which never changes.'),
      name: string('The name.'),
      description: string('A remark for people.'),
      createdAt: time,
      updatedAt: time,
    },
    ['id', 'name', 'createdAt', 'updatedAt'],
  ),
  Event: object(eventProperties, Object.keys(eventProperties)),
  PositionedEvent: object(
    { ...eventProperties, position: wholeNumber('Which event of the instance it is.') },
    [...Object.keys(eventProperties), 'position'],
  ),
  Failure: object(
    {
      type: string('The type of the request.'),
      success: { const: false },
      error: string('What was wrong, what was expected and what was found.'),
      code: string('What kind of failure it is.'),
      conflict: { type: 'object' },
      timestamp: time,
      requestId: string('A UUID, new for each call.'),
    },
    ['type', 'success', 'error', 'code', 'timestamp', 'requestId'],
  ),
};

/** The `data` of responses, by what they hold. */
export const data = {
  instance: object({ instance: ref('Instance') }, ['instance']),
  instances: object({ instances: { type: 'array', items: ref('Instance') } }, ['instances']),
  event: object({ event: ref('Event'), duplicate: { const: true } }, ['event']),
  events: object(
    {
      events: { type: 'array', items: ref('Event') },
      count: wholeNumber('How many.'),
      duplicate: { const: true },
    },
    ['events', 'count'],
  ),
  result: object({ result: { type: 'object' } }, ['result']),
  stats: object(
    {
      instanceId: { type: 'string' },
      name: { type: 'string' },
      eventCount: wholeNumber('How many events it has.'),
      streamCount: wholeNumber('How many streams it has.'),
      storedBytes: wholeNumber('The bytes of its events.'),
      createdAt: time,
      updatedAt: time,
    },
    ['instanceId', 'name', 'eventCount', 'streamCount', 'storedBytes', 'createdAt', 'updatedAt'],
  ),
  any: { type: 'object' },
};
