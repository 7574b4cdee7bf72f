import { answer, NOTICE } from '../answer.js';
import { typeOf } from '../arguments.js';
import { readCursor, writeCursor } from '../cursor.js';
import { dataOfInstance, statsOf } from '../instances.js';
import { fillPage, pageRemarks } from '../page.js';
import { adviseOn } from '../query/advice.js';
import { conditionsIn, isTree } from '../query/conditions.js';
import { isQueryKey, toQuery } from '../query/flat-form.js';
import { invalid, Refusal } from '../refusal.js';
import { array, event, nextCursor, notice, number, object, remarks } from '../schemas.js';
import { shorten } from '../shorten.js';
import { cursorInput } from './inputs.js';

/** How many events or rows a page has without a limit, and at most. */
const PAGE_ROWS = 50;
const PAGE_ROWS_MAX = 1000;

/** How many rows the log is asked for at once. A page rarely has room for more. */
const STEP_ROWS = 100;

const CONDITIONS_MAX = 100;

const OPERATORS = [
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'contains',
  'startsWith',
  'endsWith',
  'matches',
  'in',
  'notIn',
  'between',
  'exists',
];

/** Any JSON value, in the words that all clients know: some take no schema without a type, and no list of types. */
const scalar = ['string', 'number', 'boolean', 'null'].map((type) => ({ type }));
const anyValue = [...scalar, { type: 'object' }];

/** A condition, or a tree of them, which has one key. */
const condition = {
  type: 'object',
  properties: {
    field: { type: 'string' },
    operator: { type: 'string', enum: OPERATORS },
    value: {
      anyOf: [...anyValue, { type: 'array', items: { anyOf: anyValue } }],
      description: 'An array for in, notIn and between; true or false for exists',
    },
    valueField: { type: 'string', description: 'Another field, in place of value' },
    ignoreCase: { type: 'boolean', description: 'Take upper and lower case as the same' },
    any: {
      type: 'array',
      items: { type: 'object' },
      description: 'In place of a condition: conditions of which one must hold, or more',
    },
    all: {
      type: 'array',
      items: { type: 'object' },
      description: 'In place of a condition: conditions which must all hold',
    },
    not: { type: 'object', description: 'In place of a condition: one that must not hold' },
  },
};

const aggregate = {
  type: {
    type: 'string',
    enum: [
      'count',
      'sum',
      'avg',
      'min',
      'max',
      'collect',
      'percentile',
      'countDistinct',
      'first',
      'last',
      'stddev',
      'topK',
    ],
  },
  field: { type: 'string', description: 'Needed for all but count' },
  p: { type: 'number', description: 'Of a percentile: from 0 to 1' },
  k: { type: 'integer', description: 'Of topK: how many values. Default 10' },
};

const group = {
  type: 'object',
  properties: {
    field: { type: 'string' },
    every: { type: 'string', description: 'For timestamp: 15m, 1h, 1d, 1w, 1mo, 1q, 1y' },
    timeZone: { type: 'string', description: 'Such as Europe/Berlin. Default UTC' },
    bins: { type: 'array', items: { type: 'number' }, description: 'Lower bounds, ascending' },
    fill: { type: 'boolean', description: 'Rows for empty spans or bins too' },
  },
  required: ['field'],
};

const order = {
  type: 'object',
  properties: { field: { type: 'string' }, direction: { type: 'string', enum: ['asc', 'desc'] } },
  required: ['field'],
};

const querySchema = {
  properties: {
    from: {
      type: 'object',
      properties: {
        instance: { type: 'string', description: 'ID or name of the instance' },
        stream: { type: 'string', description: 'Only this stream' },
      },
      required: ['instance'],
    },
    where: { type: 'array', items: condition, description: 'Conditions, all of which must hold' },
    select: { type: 'array', items: { type: 'string' }, description: 'Fields to return' },
    orderBy: { ...order, description: 'Default: the order of the appends' },
    limit: {
      type: 'integer',
      description: `Size of a page, up to ${PAGE_ROWS_MAX}. Default ${PAGE_ROWS}`,
    },
    offset: { type: 'integer', description: 'How many to skip' },
    reduce: {
      type: 'object',
      properties: {
        ...aggregate,
        aggregates: {
          type: 'object',
          additionalProperties: { type: 'object', properties: aggregate, required: ['type'] },
          description: 'In place of type: several at once, each with a name',
        },
        groupBy: { type: 'array', items: { anyOf: [{ type: 'string' }, group] } },
        having: {
          type: 'array',
          items: condition,
          description:
            'Conditions on the columns of the rows: group fields, and names of aggregates',
        },
      },
    },
  },
  required: ['from'],
};

const queryEvents = {
  name: 'eventlog_query_events',
  title: 'Query Events',
  description: [
    'Query events using DSL: filter, select, order, or compute a value.',
    'Fields: event_type, stream_id, timestamp, sequence_number, position, id, and paths such as payload.user.name; eventlog_list_fields has those that there are.',
    'The newest events: orderBy { field: "position", direction: "desc" }.',
    'If there is more, the answer has a nextCursor.',
    'The flat form (instance_id, stream_id, conditions, select, order_by, limit, offset) is taken too, in query or in its place.',
  ].join(' '),
  inputs: {
    query: {
      type: 'object',
      description: 'Event log query DSL object',
      required: true,
      schema: querySchema,
    },
    cursor: cursorInput,
  },
  output: object(
    {
      notice,
      events: array(event),
      aggregation: {
        anyOf: [...anyValue, { type: 'array' }],
        description: 'What reduce has computed: a value, or one row for each group',
      },
      total: { ...number, description: 'How many events match' },
      limit: number,
      offset: number,
      nextCursor,
      plan: { type: 'object' },
      remarks,
    },
    ['events', 'aggregation', 'limit', 'offset', 'nextCursor', 'plan', 'remarks'],
  ),
  /** A call without `query` may be one in the flat form. */
  prepare({ query, cursor, ...rest }) {
    const isFlat = (query ?? undefined) === undefined && Object.keys(rest).some(isQueryKey);
    return isFlat ? { query: rest, cursor } : { query, cursor, ...rest };
  },
  async run(context, { query: given, cursor }) {
    const { query, inWordsOfCaller } = toQuery(given);
    const page = new QueryPage(context, query, inWordsOfCaller);
    return page.answer(cursor);
  },
};

/** One page of a query's result. All pages are of the events that were there at the first one. */
class QueryPage {
  #context;
  #query;
  #inWordsOfCaller;
  #kind;
  /** The log's first response: it says how many events match, and what is remarkable. */
  #first;

  constructor(context, query, inWordsOfCaller) {
    this.#context = context;
    this.#query = query;
    this.#inWordsOfCaller = inWordsOfCaller;
    this.#kind = kindOf(query);
  }

  async answer(cursor) {
    const { limit: _, ...list } = this.#query;
    const place = readCursor(list, cursor, ['number', 'number', 'string']);
    // The log refuses what is wrong in a query, in words that the agent knows from elsewhere.
    if (!isPageable(this.#query)) await this.#respond(this.#query);
    if (this.#kind === 'value') return this.#value();
    const stats = await statsOf(this.#context, this.#query.from.instance);
    if (place && place[2] !== stats.createdAt) {
      throw invalid(
        'cursor: expected one of this instance, found one of a deleted instance of that name: leave the cursor out',
      );
    }
    const [skipped, end] = place ?? [this.#query.offset ?? 0, stats.eventCount];
    const rowsMax = Math.min(this.#query.limit ?? PAGE_ROWS, PAGE_ROWS_MAX);
    const rows = this.#rows(skipped, end, rowsMax);
    const page = await fillPage(rows, rowsMax, this.#context.charactersMax);
    const isMore = page.isFull && page.entries.length > 0;
    const next = isMore
      ? writeCursor(list, [skipped + page.entries.length, end, stats.createdAt])
      : undefined;
    return this.#said(page, next);
  }

  /** The rows of the result, as far as they are asked for, and read in steps. */
  async *#rows(skipped, end, rowsMax) {
    if (this.#kind === 'collected') {
      yield* (await this.#askUpTo(end, this.#query)).aggregation.slice(skipped);
      return;
    }
    let step = Math.min(rowsMax + 1, STEP_ROWS);
    let at = skipped;
    for (let isLast = false; !isLast;) {
      try {
        const part = { ...this.#query, limit: step, offset: at };
        const result = await this.#askUpTo(end, part);
        const rows = result.events ?? result.aggregation;
        yield* rows;
        at += rows.length;
        isLast = rows.length < step;
      } catch (error) {
        // So many rows are too much for the log to hold at once.
        if (error.code !== 'LIMIT_EXCEEDED' || step === 1) throw error;
        step = Math.ceil(step / 10);
      }
    }
  }

  async #value() {
    this.#first = await this.#respond(this.#query);
    const { aggregation } = this.#first.result;
    const { value, text, isCut } = shorten(aggregation, this.#context.charactersMax);
    const page = { entries: [], lines: [text], cut: isCut ? 1 : 0 };
    return this.#said(page, undefined, value);
  }

  /**
   * Asks about the events up to a position: later ones would move the pages that follow. While nothing is appended, that
   * is the query itself, which the log may answer faster, such as one for the newest events.
   */
  async #askUpTo(end, query) {
    let response = (await this.#isAtEnd(end)) ? await this.#respond(query) : undefined;
    if (response === undefined || !(await this.#isAtEnd(end))) {
      response = await this.#respond(pinned(query, end));
    }
    this.#first ??= response;
    return response.result;
  }

  async #isAtEnd(end) {
    const { eventCount } = await statsOf(this.#context, this.#query.from.instance);
    return eventCount === end;
  }

  async #respond(query) {
    const { log, signal } = this.#context;
    const call = log.queryEvents(query, { signal });
    try {
      const { result } = await dataOfInstance(this.#context, query.from?.instance, call);
      return { result, message: (await call).message };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(error.code, this.#inWordsOfCaller(error.message));
    }
  }

  async #said(page, next, value) {
    const { result, message } = this.#first;
    const { total, plan } = result;
    const { limit, offset } = this.#query;
    const advice = await adviseOn(this.#context, this.#query, total);
    const said = message === undefined ? advice : [message, ...advice];
    const rows = this.#kind === 'value' ? value : page.entries;
    const content = {
      notice: NOTICE,
      ...(this.#kind === 'events' ? { events: rows } : { aggregation: rows }),
      total,
      ...(limit !== undefined && { limit }),
      ...(offset !== undefined && { offset }),
      ...(next !== undefined && { nextCursor: next }),
      ...(plan !== undefined && { plan }),
      ...(said.length > 0 && { remarks: said }),
    };
    const plans = plan === undefined ? [] : [`Plan: ${JSON.stringify(plan)}`];
    const all = [...said, ...pageRemarks(page, next), ...plans];
    return answer(this.#sentence(page, total), content, { remarks: all, lines: page.lines });
  }

  #sentence(page, total) {
    const events = this.#kind === 'events' ? page.entries.length : 0;
    const sentence = `Query returned ${events} event(s) out of ${total} total`;
    if (this.#kind === 'events') return sentence;
    if (this.#kind === 'value') return `${sentence}, reduced to one value`;
    const what = this.#kind === 'groups' ? 'group(s)' : 'value(s)';
    return `${sentence}, reduced to ${page.entries.length} ${what}`;
  }
}

/** What a query returns: events, groups, the values of one `collect`, or one value. */
function kindOf({ reduce }) {
  if (reduce === undefined) return 'events';
  if ([reduce.groupBy ?? []].flat().length > 0) return 'groups';
  return reduce.type === 'collect' ? 'collected' : 'value';
}

/** Whether the parts of a query that paging changes are such as the log accepts. */
function isPageable({ from, where = [], limit, offset, reduce = {} }) {
  const isCount = (value) => value === undefined || (Number.isSafeInteger(value) && value >= 0);
  return (
    typeof from?.instance === 'string' &&
    (Array.isArray(where) || isTree(where)) &&
    isCount(limit) &&
    isCount(offset) &&
    typeOf(reduce) === 'object'
  );
}

/** A query of the events up to a position. One with as many conditions as there may be has no room for it. */
function pinned(query, end) {
  const where = [query.where ?? []].flat();
  if (conditionsIn(where).length >= CONDITIONS_MAX) return query;
  return { ...query, where: [...where, { field: 'position', operator: 'lte', value: end }] };
}

export default [queryEvents];
