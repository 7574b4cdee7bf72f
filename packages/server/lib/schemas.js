// The shapes of parameters and results, as JSON Schema (2020-12) for the OpenAPI description.
//
// They accept what the log accepts, as far as a schema can say it: limits in bytes, and what depends on the content of the
// log, are in the descriptions.

import { queryComponents } from './query-schema.js';
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

/** The rule by which an instance keeps its events. Nobody has a server write files: an archive is not among it. */
const retention = {
  ...options(
    {
      maxAgeMs: wholeNumber('How old events are at most, in milliseconds.', { minimum: 1 }),
      maxEvents: wholeNumber('How many events there are at most.', { minimum: 1 }),
      maxBytes: wholeNumber('How many bytes they have at most.', { minimum: 1 }),
      force: boolean('Whether events go that a consumer has not acknowledged. Default: false.'),
    },
    [],
    'How long events are kept: at least one of the limits.',
  ),
  anyOf: ['maxAgeMs', 'maxEvents', 'maxBytes'].map((key) => ({
    required: [key],
    properties: { [key]: { type: 'integer' } },
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
  resetConsumer: options(
    { instance, consumer, position: positionOrEnd('Where the consumer is to stand.') },
    ['instance', 'consumer', 'position'],
  ),
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

/** What is no character, in each of the planes of Unicode. */
const NONCHARACTERS = Array.from({ length: 17 }, (_, plane) =>
  String.fromCodePoint(plane * 0x1_0000 + 0xfffe, plane * 0x1_0000 + 0xffff),
).join('');

/** A text of a CloudEvent's attribute, without control characters and what is no character. */
const attribute = (description) =>
  string(description, {
    minLength: 1,
    pattern: `^[^\\u0000-\\u001f\\u007f-\\u009f\\ufdd0-\\ufdef${NONCHARACTERS}]+$`,
  });

/** What several operations have in common. */
export const components = {
  ...queryComponents,
  Instance: answer(
    {
      id: string('The id, which never changes.'),
      name: string('The name.'),
      description: string('A remark for people.'),
      createdAt: time,
      updatedAt: time,
      retention: { type: 'object', description: 'The rule by which it keeps its events.' },
      retentionError: { type: 'object', description: 'What has gone wrong with the rule.' },
    },
    ['description', 'retention', 'retentionError'],
  ),
  Event: answer(eventProperties),
  CloudEvent: object(
    {
      specversion: { const: '1.0' },
      id: attribute('Together with the source, that of no other event.'),
      source: string('A URI reference.', { minLength: 1, format: 'uri-reference' }),
      type: attribute('What has happened.'),
      subject: attribute('What it has happened to.'),
      data: { description: 'Any JSON.' },
      data_base64: string('Data that is bytes, in base64.'),
    },
    ['specversion', 'id', 'source', 'type'],
    {
      description: 'A CloudEvent 1.0 in the JSON format.',
      // Its data is one of the two.
      anyOf: [{ not: { required: ['data'] } }, { properties: { data_base64: { type: 'null' } } }],
      examples: [{ specversion: '1.0', id: 'A234-1234', source: '/shop', type: 'made', data: 0 }],
    },
  ),
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
    firstPosition: wholeNumber('The position of its first event, or of the next one.'),
    createdAt: time,
    updatedAt: time,
  }),
  trimmed: answer({
    firstPosition: wholeNumber('The position of the first event that is left, or of the next one.'),
    events: wholeNumber('How many events have gone.'),
    bytes: wholeNumber('How many bytes they had.'),
  }),
  applied: answer({
    instances: { type: 'array', items: { type: 'object' }, description: 'What has gone.' },
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
