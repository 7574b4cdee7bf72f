import { answer, NOTICE } from '../answer.js';
import { dataOfInstance } from '../instances.js';
import { fillPage } from '../page.js';
import { adviseOnStream } from '../query/advice.js';
import { SAMPLED_EVENTS, sampleFields } from '../query/sample.js';
import { array, notice, number, object, remarks, string } from '../schemas.js';
import { instanceInput, streamInput } from './inputs.js';

const SAMPLED_EVENTS_MAX = 2000;
const TYPES_MAX = 100;
const FIELDS_MAX = 200;

const field = object({
  field: { type: 'string', description: 'As a query names it' },
  types: array(string),
  events: { ...number, description: 'How many events of the sample have it' },
  examples: { type: 'array' },
});

const listFields = {
  name: 'eventlog_list_fields',
  title: 'List Fields and Event Types',
  description:
    'List the event types of an instance with how often each occurs, and the fields of its payloads and metadata, with types and example values, from a sample of the newest events. Use it before a query.',
  inputs: {
    instanceId: instanceInput,
    streamId: streamInput,
    sample: {
      type: 'integer',
      description: `How many of the newest events to look at, up to ${SAMPLED_EVENTS_MAX}. Default ${SAMPLED_EVENTS}`,
      minimum: 1,
      maximum: SAMPLED_EVENTS_MAX,
    },
  },
  output: object(
    {
      notice,
      eventTypes: array(object({ event_type: string, count: number })),
      fields: array(field),
      sampledEvents: number,
      totalEvents: number,
      remarks,
    },
    ['remarks'],
  ),
  async run(context, { instanceId, streamId, sample = SAMPLED_EVENTS }) {
    const { types, total } = await countTypes(context, instanceId, streamId);
    const found = await sampleFields(context, instanceId, streamId, sample);
    const byFrequency = found.fields.toSorted((left, right) => right.events - left.events);
    const half = Math.floor(context.charactersMax / 2);
    const typePage = await fillPage(types, TYPES_MAX, half);
    const fieldPage = await fillPage(byFrequency, FIELDS_MAX, half);
    const said = [];
    if (typePage.isFull)
      said.push(`Not shown: ${types.length - typePage.entries.length} rarer event types`);
    if (fieldPage.isFull)
      said.push(`Not shown: ${byFrequency.length - fieldPage.entries.length} rarer fields`);
    if (total === 0 && streamId !== undefined) {
      said.push(...(await adviseOnStream(context, instanceId, streamId)));
    }
    return answer(
      `Found ${types.length} event type(s) in ${total} event(s), and ${byFrequency.length} field(s) in the newest ${found.events} of them`,
      {
        notice: NOTICE,
        eventTypes: typePage.entries,
        fields: fieldPage.entries,
        sampledEvents: found.events,
        totalEvents: total,
        ...(said.length > 0 && { remarks: said }),
      },
      { remarks: said, lines: [...typePage.lines, ...fieldPage.lines] },
    );
  },
};

async function countTypes(context, instance, stream) {
  const query = { from: { instance, stream }, reduce: { type: 'count', groupBy: 'event_type' } };
  const call = context.log.queryEvents(query, { signal: context.signal });
  const { result } = await dataOfInstance(context, instance, call);
  const types = result.aggregation.toSorted((left, right) => right.count - left.count);
  return { types, total: result.total };
}

export default [listFields];
