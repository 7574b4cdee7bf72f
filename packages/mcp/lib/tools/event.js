import { answer, NOTICE } from '../answer.js';
import { explained } from '../instances.js';
import { adviseOnStream } from '../query/advice.js';
import { dataOf, invalid, Refusal } from '../refusal.js';
import { event, notice, number, object } from '../schemas.js';
import { quoted } from '../visible.js';
import { eventInputs } from './inputs.js';

const getEvent = {
  name: 'eventlog_get_event',
  title: 'Get Event',
  description:
    'Get one event in full, by its eventId, by its position in the instance, or by its streamId and sequenceNumber. A long event comes as pieces of its JSON text: repeat the call with the nextOffset of each answer.',
  inputs: {
    ...eventInputs,
    offset: {
      type: 'integer',
      description: 'For the next piece of a long event: the nextOffset of the answer before',
      minimum: 0,
    },
  },
  output: object(
    {
      notice,
      event,
      piece: object(
        {
          text: { type: 'string', description: 'A piece of the JSON text of the event' },
          offset: number,
          nextOffset: number,
          totalCharacters: number,
        },
        ['nextOffset'],
      ),
    },
    ['event', 'piece'],
  ),
  async run(context, parameters) {
    const found = await findEvent(context, parameters);
    const text = JSON.stringify(found);
    const { charactersMax } = context;
    const { offset } = parameters;
    const name = `Event ${found.id}`;
    if (offset === undefined && text.length <= charactersMax) {
      return answer(
        `${name} retrieved successfully`,
        { notice: NOTICE, event: found },
        { lines: [text] },
      );
    }
    const begin = offset ?? 0;
    if (begin >= text.length) {
      throw invalid(
        `offset: expected less than ${text.length}, which is how long the event is, found ${begin}`,
      );
    }
    const end = pieceEnd(text, begin, charactersMax);
    const piece = {
      text: text.slice(begin, end),
      offset: begin,
      ...(end < text.length && { nextOffset: end }),
      totalCharacters: text.length,
    };
    const more = end < text.length ? [`There is more: call again with "offset": ${end}.`] : [];
    return answer(
      `${name}: characters ${begin} to ${end} of ${text.length}`,
      { notice: NOTICE, piece },
      { remarks: more, lines: [piece.text] },
    );
  },
};

/** Where a piece ends: not between the halves of a surrogate pair. */
function pieceEnd(text, begin, charactersMax) {
  const end = Math.min(begin + charactersMax, text.length);
  const isSplit = end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1]);
  return isSplit && end - 1 > begin ? end - 1 : end;
}

/**
 * @param {object} context - Of the call.
 * @param {{ instanceId: string, eventId?: string, position?: number, streamId?: string, sequenceNumber?: number }} which -
 *   The event, in one of three ways.
 * @returns {Promise<any>} The event, with its position.
 */
export async function findEvent(
  context,
  { instanceId, eventId, position, streamId, sequenceNumber },
) {
  const ways = [eventId, position, streamId ?? sequenceNumber].filter((way) => way !== undefined);
  if (ways.length !== 1 || (streamId === undefined) !== (sequenceNumber === undefined)) {
    throw invalid(
      'expected one of eventId, position, and streamId together with sequenceNumber, to say which event',
    );
  }
  const { log, signal } = context;
  const where =
    eventId === undefined
      ? [{ field: 'position', operator: 'eq', value: position }]
      : [{ field: 'id', operator: 'eq', value: eventId }];
  const options = { instance: instanceId, limit: 1, signal };
  const reader =
    streamId === undefined
      ? log.readAll({ ...options, where })
      : log.readStream({ ...options, stream: streamId, fromSequence: sequenceNumber });
  try {
    const { value } = await reader.next();
    if (value !== undefined) return value;
  } catch (error) {
    throw await unreadable(context, instanceId, streamId, error);
  }
  throw await noSuchEvent(context, { instanceId, eventId, position, streamId, sequenceNumber });
}

/** A sequence number that the stream will only give later is refused by the log. */
async function unreadable(context, instance, stream, error) {
  if (stream === undefined || error.code !== 'INVALID_ARGUMENT') {
    return explained(context, instance, error);
  }
  const advice = await adviseOnStream(context, instance, stream);
  const text = advice[0] ?? error.message.replace(/^fromSequence/, 'sequenceNumber');
  return new Refusal('EVENT_NOT_FOUND', text);
}

async function noSuchEvent({ log }, { instanceId, eventId, position, streamId, sequenceNumber }) {
  const { name, eventCount } = await dataOf(log.getInstanceStats(instanceId));
  const there = `the instance ${quoted(name)} has ${eventCount} event(s)`;
  if (eventId !== undefined) {
    return new Refusal('EVENT_NOT_FOUND', `no event has the id ${quoted(eventId)}; ${there}`);
  }
  const what = position === undefined ? `${quoted(streamId)} ${sequenceNumber}` : position;
  return new Refusal('EVENT_NOT_FOUND', `there is no event ${what}; ${there}`);
}

export default [getEvent];
