import { answer, NOTICE } from '../answer.js';
import { readCursor, writeCursor } from '../cursor.js';
import { explained } from '../instances.js';
import { fillPage, pageRemarks } from '../page.js';
import { invalid } from '../refusal.js';
import { array, event, nextCursor, notice, object, remarks, string } from '../schemas.js';
import { quoted } from '../visible.js';
import { findEvent } from './event.js';
import { cursorInput, instanceInput, limitInput } from './inputs.js';

const PAGE_EVENTS = 50;
const PAGE_EVENTS_MAX = 1000;

const getCorrelation = {
  name: 'eventlog_get_correlation',
  title: 'Get Correlated Events',
  description:
    'Get the events that belong together, over all streams of an instance, in the order in which they were appended: those with the same metadata.correlationId, those that an event has caused (metadata.causationId), or, for an eventId, those of its correlation.',
  inputs: {
    instanceId: instanceInput,
    correlationId: {
      type: 'string',
      description: 'The correlationId in the metadata of the events',
    },
    causationId: { type: 'string', description: 'The id of the event that has caused them' },
    eventId: { type: 'string', description: 'The id of one of the events' },
    limit: limitInput('events', PAGE_EVENTS_MAX, PAGE_EVENTS),
    cursor: cursorInput,
  },
  output: object(
    {
      notice,
      correlationId: string,
      causationId: string,
      events: array(event),
      nextCursor,
      remarks,
    },
    ['correlationId', 'causationId', 'nextCursor', 'remarks'],
  ),
  async run(context, { limit = PAGE_EVENTS, cursor, ...which }) {
    const { instanceId } = which;
    const [afterPosition] = readCursor(which, cursor, ['number']) ?? [];
    const common = await commonId(context, which);
    const { log, signal } = context;
    const options = { instance: instanceId, ...common, afterPosition, limit: limit + 1, signal };
    const page = await readPage(context, instanceId, log.readAll(options), limit);
    const next = page.isFull && page.last ? writeCursor(which, [page.last.position]) : undefined;
    const [[key, value]] = Object.entries(common);
    const said =
      page.entries.length === 0 && afterPosition === undefined
        ? [
            `No event has metadata.${key} ${quoted(value)}: eventlog_list_fields shows what the metadata have`,
          ]
        : [];
    return answer(
      `Found ${page.entries.length} event(s)${next ? ', and there are more,' : ''} with ${key} ${quoted(value)}`,
      {
        notice: NOTICE,
        ...common,
        events: page.entries,
        ...(next && { nextCursor: next }),
        ...(said.length > 0 && { remarks: said }),
      },
      { remarks: [...said, ...pageRemarks(page, next)], lines: page.lines },
    );
  },
};

/** What the events have in common, as a reader takes it. */
async function commonId(context, { instanceId, correlationId, causationId, eventId }) {
  const given = [correlationId, causationId, eventId].filter((id) => id !== undefined);
  if (given.length !== 1) {
    throw invalid(
      `expected one of correlationId, causationId and eventId, found ${given.length} of them`,
    );
  }
  if (correlationId !== undefined) return { correlationId };
  if (causationId !== undefined) return { causationId };
  const found = await findEvent(context, { instanceId, eventId });
  const correlation = found.metadata.correlationId;
  if (typeof correlation === 'string') return { correlationId: correlation };
  // An event that began something, and has no correlation of its own.
  return { causationId: eventId };
}

async function readPage(context, instance, reader, limit) {
  try {
    return await fillPage(reader, limit, context.charactersMax);
  } catch (error) {
    throw await explained(context, instance, error);
  }
}

export default [getCorrelation];
