import { answer, NOTICE } from '../answer.js';
import { dataOfInstance } from '../instances.js';
import { adviseOnStream } from '../query/advice.js';
import { notice, number, object, remarks, string } from '../schemas.js';
import { instanceInput, streamInput } from './inputs.js';

const getTimeRange = {
  name: 'eventlog_get_time_range',
  title: 'Get Time Range',
  description:
    'Get the times of the earliest and of the latest event of an instance or of one of its streams, and how many events there are.',
  inputs: { instanceId: instanceInput, streamId: streamInput },
  output: object({ notice, events: number, first: string, last: string, remarks }, [
    'first',
    'last',
    'remarks',
  ]),
  async run(context, { instanceId, streamId }) {
    const earliest = await reduced(context, instanceId, streamId, 'min');
    const latest = await reduced(context, instanceId, streamId, 'max');
    const events = latest.total;
    const range = events === 0 ? {} : { first: earliest.aggregation, last: latest.aggregation };
    const said =
      events === 0 && streamId !== undefined
        ? await adviseOnStream(context, instanceId, streamId)
        : [];
    const sentence =
      events === 0
        ? 'Found no events'
        : `Found ${events} event(s) from ${range.first} to ${range.last}`;
    const content = {
      notice: NOTICE,
      events,
      ...range,
      ...(said.length > 0 && { remarks: said }),
    };
    return answer(sentence, content, { remarks: said });
  },
};

async function reduced(context, instance, stream, type) {
  const query = { from: { instance, stream }, reduce: { type, field: 'timestamp' } };
  const call = context.log.queryEvents(query, { signal: context.signal });
  return (await dataOfInstance(context, instance, call)).result;
}

export default [getTimeRange];
