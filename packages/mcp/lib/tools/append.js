// The tools of the SDK that append: their names, inputs and sentences are its own.

import { answer } from '../answer.js';
import { dataOfInstance } from '../instances.js';
import { fillPage } from '../page.js';
import { array, number, object, receipt, remarks } from '../schemas.js';
import { instanceInput } from './inputs.js';

const autoCreateInstance = {
  type: 'boolean',
  description: 'Auto-create instance if not exists',
};

const idempotencyKey = {
  type: 'string',
  description:
    'A name of your own for this call. Repeating the call with it stores nothing twice, so use it where you may try again.',
};

/** One event, for the agent. The log tests it. */
const eventSchema = {
  type: 'object',
  properties: {
    stream_id: { type: 'string', description: 'Stream ID for the event. Default "default"' },
    streamId: { type: 'string', description: 'Another spelling of stream_id' },
    event_type: { type: 'string', description: 'Type of the event; required' },
    eventType: { type: 'string', description: 'Another spelling of event_type' },
    payload: { type: 'object', description: 'Event payload' },
    metadata: { type: 'object', description: 'Event metadata' },
    timestamp: { type: 'string', description: 'When it happened, ISO 8601. Default: now' },
  },
};

const { payload, metadata, timestamp } = eventSchema.properties;

const appendEvent = {
  name: 'eventlog_append_event',
  title: 'Append Event',
  description:
    'Append a single event to the event log. It needs event_type. Events are never changed or deleted afterwards.',
  writes: true,
  inputs: {
    instanceId: instanceInput,
    streamId: { ...eventSchema.properties.stream_id, both: true },
    eventType: { ...eventSchema.properties.event_type, both: true },
    payload,
    metadata,
    autoCreateInstance,
    timestamp,
    idempotencyKey,
    expectedSequence: {
      type: 'integer',
      description:
        'Append only if this is the sequence_number of the last event of the stream; 0 for an empty stream',
      minimum: 0,
    },
  },
  output: object({ event: receipt, duplicate: { type: 'boolean' }, remarks }, [
    'duplicate',
    'remarks',
  ]),
  async run(context, parameters) {
    const { response, data } = await append(context, 'appendEvent', parameters);
    const sentence = `Event appended successfully with ID: ${data.event.id}`;
    const content = { event: receiptOf(data.event), ...besides(response, data) };
    return answer(sentence, content, {
      remarks: [JSON.stringify(content.event), ...spoken(content)],
    });
  },
};

const appendEvents = {
  name: 'eventlog_append_events',
  title: 'Append Multiple Events',
  description:
    'Append multiple events to the event log, in the order given: all of them, or none if one is refused.',
  writes: true,
  inputs: {
    instanceId: instanceInput,
    events: {
      type: 'array',
      description: 'Array of events to append',
      required: true,
      schema: { items: eventSchema },
    },
    autoCreateInstance,
    idempotencyKey,
  },
  output: object(
    { count: number, events: array(receipt), duplicate: { type: 'boolean' }, remarks },
    ['duplicate', 'remarks'],
  ),
  async run(context, parameters) {
    const { response, data } = await append(context, 'appendEvents', parameters);
    const page = await fillPage(data.events.map(receiptOf), Infinity, context.charactersMax);
    const content = { count: data.count, events: page.entries, ...besides(response, data) };
    const rest = data.count - page.entries.length;
    if (rest > 0) {
      content.remarks = [
        ...(content.remarks ?? []),
        `Not shown here: ${rest} more event(s), which are stored too`,
      ];
    }
    const sentence = `Successfully appended ${data.count} event(s)`;
    return answer(sentence, content, { remarks: [...page.lines, ...spoken(content)] });
  },
};

async function append(context, method, parameters) {
  const call = context.log[method](parameters);
  const data = await dataOfInstance(context, parameters.instanceId, call);
  return { response: await call, data };
}

function receiptOf({ id, stream_id, event_type, timestamp: time, sequence_number }) {
  return { id, stream_id, event_type, timestamp: time, sequence_number };
}

function besides(response, data) {
  return {
    ...(data.duplicate && { duplicate: true }),
    ...(response.message !== undefined && { remarks: [response.message] }),
  };
}

function spoken({ duplicate, remarks: said = [] }) {
  return [
    ...(duplicate ? ['It was stored by an earlier call with this idempotencyKey.'] : []),
    ...said,
  ];
}

export default [appendEvent, appendEvents];
