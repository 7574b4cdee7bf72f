// The shapes of parameters, as JSON Schema (2020-12) for the OpenAPI description.
//
// They accept what the log accepts, as far as a schema can say it: limits in bytes, and what depends on the content of the
// log, are in the descriptions.

import {
  boolean,
  choice,
  conditions,
  identifier,
  instance,
  instanceId,
  json,
  longText,
  object,
  options,
  orNull,
  ref,
  shortName,
  string,
  wholeNumber,
} from './schema-forms.js';

const positionOrEnd = (description) => ({
  anyOf: [wholeNumber('A position, at most that of the last event.'), { const: 'end' }],
  description,
});

/** The keys of an event that the log gives it, in both spellings. */
const OF_EVENT =
  'id|instance_?[iI]d|stream_?[iI]d|event_?[tT]ype|timestamp|sequence_?[nN]umber|position';

const subject = shortName('A name for the subject, best an opaque id.');

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
  encrypt: options(
    { subject },
    ['subject'],
    'Encrypts payload and metadata with the key of the subject. The log has to have a key.',
  ),
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
    whole: boolean('Whether to fail rather than to pass over trimmed events. Default: false.'),
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

/** The rule by which an instance keeps its events. Nobody has a server write files: an archive is not among it. */
const retention = {
  ...options(
    {
      maxAgeMs: wholeNumber('How old events are at most, in milliseconds.', { minimum: 1 }),
      maxEvents: wholeNumber('How many events there are at most.', { minimum: 1 }),
      maxBytes: wholeNumber('How many bytes they have at most.', { minimum: 1 }),
      streams: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: {
          ...object(
            {
              prefix: string('What the ids of the streams begin with.'),
              maxAgeMs: wholeNumber('How old events are at most, in milliseconds.', { minimum: 1 }),
              maxEvents: wholeNumber('How many events each of them has at most.', { minimum: 1 }),
            },
            ['prefix'],
          ),
          anyOf: ['maxAgeMs', 'maxEvents'].map((key) => ({ required: [key] })),
        },
        description: 'What streams keep, by the first rule whose prefix their id has.',
      },
      force: boolean('Whether events go that a consumer has not acknowledged. Default: false.'),
    },
    [],
    'How long events are kept: at least one of the limits.',
  ),
  anyOf: ['maxAgeMs', 'maxEvents', 'maxBytes', 'streams'].map((key) => ({
    required: [key],
    properties: { [key]: { type: key === 'streams' ? 'array' : 'integer' } },
  })),
};

export const parameters = {
  applyRetention: options({ instance }, ['instance']),
  consumer: options({ instance, consumer }, ['instance', 'consumer']),
  createInstance: object(
    {
      name: identifier('The name of the new instance.'),
      description: longText('A remark for people.'),
      ifExists: choice(['fail', 'get'], 'Default: fail.'),
      retention,
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
  instance: options({ instance }, ['instance']),
  proveConsistency: options(
    {
      instance,
      oldSize: wholeNumber('How many events the older tree has: at most those of the newer one.'),
      newSize: wholeNumber(
        'How many the newer one has, at most those of the instance. Default: those of the last checkpoint.',
      ),
    },
    ['instance', 'oldSize'],
  ),
  proveInclusion: options(
    {
      instance,
      position: wholeNumber('The position of the event: at most the size of the tree.', {
        minimum: 1,
      }),
      size: wholeNumber(
        'How many events the tree has, at most those of the instance. Default: those of the last checkpoint.',
      ),
    },
    ['instance', 'position'],
  ),
  resetConsumer: options(
    { instance, consumer, position: positionOrEnd('Where the consumer is to stand.') },
    ['instance', 'consumer', 'position'],
  ),
  eraseEvents: {
    ...options(
      {
        instance,
        where: conditions,
        positions: {
          type: 'array',
          items: wholeNumber('A position.', { minimum: 1 }),
          maxItems: 100_000,
          description: 'The positions of the events. Either these or `where` are needed.',
        },
        fields: {
          type: 'array',
          items: {
            ...identifier('A field of the payload or the metadata, such as `payload.email`.'),
            // As in queries, but for what is no part of the payload or the metadata.
            pattern: `^(?:(?!(?:${OF_EVENT})$)[^/.][^.]*(?:\\.[^.]+)*|/(?:payload|metadata)(?:/[^~]*)?)$`,
          },
          minItems: 1,
          maxItems: 100,
          description: 'What of the events is erased. Default: all of both.',
        },
        reason: identifier('Why. It is kept.'),
      },
      ['instance', 'reason'],
    ),
    // One of the two says which events, and not both.
    oneOf: [
      {
        required: ['positions'],
        properties: { positions: { type: 'array' }, where: { type: 'null' } },
      },
      {
        required: ['where'],
        properties: {
          where: { type: ['array', 'object'], minItems: 1 },
          positions: { type: 'null' },
        },
      },
    ],
  },
  trimEvents: options(
    {
      instance,
      beforePosition: wholeNumber(
        'The position of the first event that is to be left: at most that after the last event.',
        { minimum: 1 },
      ),
      force: boolean('Whether events go that a consumer has not acknowledged. Default: false.'),
    },
    ['instance', 'beforePosition'],
  ),
  trimStream: options(
    {
      instance,
      stream: identifier('The stream.'),
      beforeSequence: wholeNumber(
        'The `sequence_number` of the first event that is to be left: at most that after the last event.',
        { minimum: 1 },
      ),
      force: boolean('Whether events go that a consumer has not acknowledged. Default: false.'),
    },
    ['instance', 'stream', 'beforeSequence'],
  ),
  updateInstance: object(
    {
      instanceId,
      name: identifier('The new name.'),
      description: longText('The new description.'),
      retention,
    },
    ['instanceId'],
  ),
};
