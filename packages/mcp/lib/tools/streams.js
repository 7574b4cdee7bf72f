import { answer, NOTICE } from '../answer.js';
import { readCursor, writeCursor } from '../cursor.js';
import { dataOfInstance, statsOf } from '../instances.js';
import { didYouMean } from '../names.js';
import { fillPage, pageRemarks } from '../page.js';
import { dataOf } from '../refusal.js';
import { array, nextCursor, notice, number, object, remarks, string } from '../schemas.js';
import { cursorInput, instanceInput, limitInput } from './inputs.js';

const PAGE_STREAMS = 100;
const PAGE_STREAMS_MAX = 1000;
const COMPARED_STREAMS = 2000;

const listStreams = {
  name: 'eventlog_list_streams',
  title: 'List Streams',
  description:
    'List the streams of an instance, in the order of their ids, with the number of events, and the time and position of the last one.',
  inputs: {
    instanceId: instanceInput,
    prefix: { type: 'string', description: 'How the ids begin. Default: all streams' },
    limit: limitInput('streams', PAGE_STREAMS_MAX, PAGE_STREAMS),
    cursor: cursorInput,
  },
  output: object(
    {
      notice,
      streams: array(
        object({ stream_id: string, events: number, lastPosition: number, lastTimestamp: string }),
      ),
      total: { ...number, description: 'How many streams the instance has' },
      nextCursor,
      remarks,
    },
    ['nextCursor', 'remarks'],
  ),
  async run(context, { instanceId, prefix = '', limit = PAGE_STREAMS, cursor }) {
    const list = ['streams', instanceId, prefix];
    const [after] = readCursor(list, cursor, ['string']) ?? [];
    const options = { instance: instanceId, prefix, after, limit: limit + 1 };
    const call = context.log.listStreams(options);
    const { streams } = await dataOfInstance(context, instanceId, call);
    const { streamCount: total } = await statsOf(context, instanceId);
    const page = await fillPage(streams.map(described), limit, context.charactersMax);
    const next = page.isFull && page.last ? writeCursor(list, [page.last.stream_id]) : undefined;
    const said =
      page.entries.length === 0 && after === undefined
        ? await nothingBegins(context, instanceId, prefix)
        : [];
    return answer(
      `Found ${page.entries.length} stream(s) out of ${total} total`,
      {
        notice: NOTICE,
        streams: page.entries,
        total,
        ...(next && { nextCursor: next }),
        ...(said.length > 0 && { remarks: said }),
      },
      { remarks: [...said, ...pageRemarks(page, next)], lines: page.lines },
    );
  },
};

function described({ stream_id, sequence_number, firstSequence, position, timestamp }) {
  return {
    stream_id,
    events: sequence_number + 1 - firstSequence,
    lastPosition: position,
    lastTimestamp: timestamp,
  };
}

async function nothingBegins({ log }, instance, prefix) {
  if (prefix === '') return [];
  const { streams } = await dataOf(log.listStreams({ instance, limit: COMPARED_STREAMS }));
  const names = streams.map(({ stream_id }) => stream_id);
  return [`No stream begins with ${JSON.stringify(prefix)}${didYouMean(prefix, names)}`];
}

export default [listStreams];
