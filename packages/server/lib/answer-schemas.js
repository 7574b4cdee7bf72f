// The shapes of what is answered, and what several operations have in common, as JSON Schema (2020-12) for the OpenAPI
// description.

import { queryComponents } from './query-schema.js';
import { json, object, ref, string, wholeNumber } from './schema-forms.js';

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
  forgotten: answer(
    { subject: string('Whose it was.') },
    [],
    'There only if the subject was forgotten. `payload` and `metadata` are empty then.',
  ),
  erased: answer(
    {
      at: time,
      reason: string('Why.'),
      fields: { type: 'array', items: string('A field.'), description: 'If they alone were.' },
    },
    ['fields'],
    'There only if the event was erased, or fields of it. `payload` and `metadata` are empty then, or without these.',
  ),
};

/** 32 bytes. */
const hash = (description) =>
  string(`${description} 32 bytes in base64.`, { pattern: '^[A-Za-z0-9+/]{43}=$' });

const proven = (...names) => Object.fromEntries(names.map((name) => [name, eventProperties[name]]));

/** What may be `null`. */
const orNull = (schema) => ({ ...schema, type: [schema.type, 'null'] });

/** An object that is answered: nothing in it is `null`. */
function answer(properties, optional = [], description = undefined) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    ...(description !== undefined && { description }),
  };
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
  Event: answer(eventProperties, ['forgotten', 'erased']),
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
  checkpoint: answer({
    note: string('The signed note, in the format of tlog-checkpoint.'),
    size: wholeNumber('How many events the tree has.'),
    root: hash('Its root.'),
  }),
  inclusion: answer(
    {
      position: wholeNumber('The position of the event.'),
      size: wholeNumber('How many events the tree has.'),
      root: hash('Its root.'),
      hashes: { type: 'array', items: hash("From the leaf's sibling to a child of the root.") },
      event: answer({
        ...proven('id', 'stream_id', 'event_type', 'timestamp', 'sequence_number'),
        payload: orNull(string('JSON text, as it is stored; `null` if any of it was erased.')),
        metadata: orNull(string('JSON text, as it is stored; `null` if any of it was erased.')),
      }),
      salts: orNull(
        answer({
          payload: orNull(hash('That of the payload, unless any of that was erased.')),
          metadata: orNull(hash('The other one.')),
        }),
      ),
      commitments: answer(
        {
          payload: orNull(hash('That to the payload, if any of that was erased.')),
          metadata: orNull(hash('The other one.')),
        },
        [],
        'There only if the event was erased, or fields of it.',
      ),
    },
    ['commitments'],
  ),
  consistency: answer({
    oldSize: wholeNumber('How many events the older tree has.'),
    newSize: wholeNumber('How many the newer one has.'),
    oldRoot: hash('The root of the older one.'),
    newRoot: hash('The root of the newer one.'),
    hashes: { type: 'array', items: hash('In the order of RFC 9162.') },
  }),
  trimmed: answer({
    firstPosition: wholeNumber('The position of the first event that is left, or of the next one.'),
    events: wholeNumber('How many events have gone.'),
    bytes: wholeNumber('How many bytes they had.'),
  }),
  trimmedStream: answer({
    firstSequence: wholeNumber('The number of the first event that is left, or of the next one.'),
    events: wholeNumber('How many events have gone.'),
    bytes: wholeNumber('How many bytes they had.'),
  }),
  erased: answer({
    instanceId: string('The id of the instance.'),
    events: wholeNumber('How many events were erased, or fields of.'),
    erasedBefore: wholeNumber('How many had been before.'),
    absent: wholeNumber('How many have none of the fields.'),
    dropped: wholeNumber('How many were trimmed and are not there any more.'),
    at: orNull(time),
  }),
  erasures: answer({
    erasures: {
      type: 'array',
      items: answer(
        {
          ...eventProperties.erased.properties,
          events: wholeNumber('How many events.'),
          positions: { type: 'array', items: { type: 'array' }, description: 'In runs.' },
        },
        ['fields'],
      ),
    },
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
