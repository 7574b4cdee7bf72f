// What is asked about API requests; see index.mjs.

import { apiRequestFacts, ordinaryStream } from '../data/api-requests.mjs';
import { whole } from '../../report/markdown.mjs';

const newestFirst = { orderBy: { field: 'timestamp', direction: 'desc' } };
const newestFirstSql = 'timestamp DESC, position DESC';

/**
 * @param {number} events - How many events there are.
 * @returns {object[]} The queries.
 */
export function apiRequestQueries(events) {
  const facts = apiRequestFacts(events);
  return [
    ...streams(facts),
    ...parts(facts),
    ...filters(facts),
    ...reductions(facts),
    ...searches(facts),
    ...statistics(facts),
    ...pages(),
    scan(),
  ].map((query) => ({ ...query, dataset: 'api-requests' }));
}

function streams({ busyEvents, busyStream, smallEvents, smallStream }) {
  const wholeStream = (name, stream, size) => ({
    name,
    title: `whole stream of ${whole(size)}`,
    answer: 'events',
    eventlog: () => ({ from: { stream } }),
    sql: () => ({ where: `stream_id = '${stream}'`, order: 'sequence_number' }),
  });
  return [
    {
      name: 'stream-newest',
      title: 'newest 50 of a stream',
      answer: 'events',
      atLeast: 1,
      isQuick: true,
      // Another stream each time: its events are not those that the processor has just seen.
      given: (run) => ({ stream: ordinaryStream(run * 7919) }),
      eventlog: ({ stream }) => ({
        from: { stream },
        orderBy: { field: 'sequence_number', direction: 'desc' },
        limit: 50,
      }),
      sql: () => ({
        where: 'stream_id = $stream',
        order: 'sequence_number DESC',
        limit: 50,
        isFew: true,
      }),
    },
    { ...wholeStream('stream-300', smallStream, smallEvents), atLeast: 1 },
    wholeStream('stream-100000', busyStream, busyEvents),
  ];
}

function parts({ range, rareType }) {
  const inRange = { field: 'timestamp', operator: 'between', value: range };
  const inRangeSql = ({ timestamp }) => `timestamp BETWEEN ${range.map(timestamp).join(' AND ')}`;
  return [
    {
      name: 'rare-type',
      title: 'the 1,000 of a rare type',
      answer: 'events',
      atLeast: 5,
      isQuick: true,
      eventlog: () => ({ where: [{ field: 'event_type', operator: 'eq', value: rareType }] }),
      sql: () => ({ where: `event_type = '${rareType}'` }),
    },
    {
      name: 'time-range',
      title: '1 % of the time',
      answer: 'events',
      atLeast: 5,
      eventlog: () => ({ where: [inRange] }),
      sql: (f) => ({ where: inRangeSql(f) }),
    },
    {
      name: 'time-range-count',
      title: '1 % of the time, counted',
      answer: 'value',
      atLeast: 5,
      eventlog: () => ({ where: [inRange], reduce: { type: 'count' } }),
      sql: (f) => ({ select: 'count(*)', where: inRangeSql(f) }),
    },
    {
      name: 'type-count',
      title: 'count by type',
      answer: 'rows',
      atLeast: 5,
      isQuick: true,
      eventlog: () => ({ reduce: { type: 'count', groupBy: 'event_type' } }),
      sql: () => ({ select: 'event_type, count(*) AS "count"', group: '1', order: '1' }),
    },
    {
      name: 'type-count-range',
      title: 'count by type in 1 % of the time',
      answer: 'rows',
      atLeast: 5,
      eventlog: () => ({ where: [inRange], reduce: { type: 'count', groupBy: 'event_type' } }),
      sql: (f) => ({
        select: 'event_type, count(*) AS "count"',
        where: inRangeSql(f),
        group: '1',
        order: '1',
      }),
    },
  ];
}

function filters({ needle, rareUser }) {
  const first100 = (field, operator, value) => () => ({
    where: [{ field, operator, value }],
    limit: 100,
  });
  return [
    {
      name: 'filter',
      title: '`statusCode` >= 400: total, first 100',
      answer: 'page',
      atLeast: 10,
      isQuick: true,
      eventlog: first100('payload.statusCode', 'gte', 400),
      sql: (f) => ({ where: `${f.number('statusCode')} >= 400`, limit: 100 }),
    },
    {
      name: 'filter-rare',
      title: '`userId` of 20 events: total, all',
      answer: 'page',
      atLeast: 10,
      eventlog: first100('payload.userId', 'eq', rareUser),
      sql: (f) => ({ where: `${f.text('userId')} = '${rareUser}'`, limit: 100 }),
    },
    {
      name: 'filter-none',
      title: '`userId` of no event: total',
      answer: 'page',
      atLeast: 10,
      eventlog: first100('payload.userId', 'eq', 'user-nobody'),
      sql: (f) => ({ where: `${f.text('userId')} = 'user-nobody'`, limit: 100 }),
    },
    {
      name: 'contains',
      title: '`message` contains a word: total, first 100',
      answer: 'page',
      atLeast: 10,
      isQuick: true,
      eventlog: first100('payload.message', 'contains', needle),
      sql: (f) => ({ where: f.contains('message', needle), limit: 100 }),
    },
  ];
}

function reductions() {
  return [
    {
      name: 'avg-by',
      title: 'avg of `responseTime` by `endpoint`',
      answer: 'rows',
      atLeast: 10,
      isQuick: true,
      eventlog: () => ({
        reduce: { type: 'avg', field: 'payload.responseTime', groupBy: 'payload.endpoint' },
      }),
      sql: (f) => ({
        select: `${f.text('endpoint')} AS "payload.endpoint", avg(${f.number('responseTime')}) AS "avg"`,
        group: '1',
        order: '1',
      }),
    },
    {
      name: 'collect',
      title: 'collect `responseTime` where `method` is DELETE',
      answer: 'list',
      atLeast: 10,
      eventlog: () => ({
        where: [{ field: 'payload.method', operator: 'eq', value: 'DELETE' }],
        reduce: { type: 'collect', field: 'payload.responseTime' },
      }),
      sql: (f) => ({ select: f.number('responseTime'), where: `${f.text('method')} = 'DELETE'` }),
    },
  ];
}

/** What somebody looks for in one query. */
function searches({ needle, rareType }) {
  const eq = (field, value) => ({ field, operator: 'eq', value });
  const page = (where) => () => ({ where, limit: 100 });
  const prefix = '/api/v1/labels/';
  const pattern = `${needle}.* (queue|cache)`;
  return [
    {
      name: 'either-type',
      title: 'one of two types, by `any`: total, first 100',
      answer: 'page',
      atLeast: 5,
      eventlog: page({ any: [eq('event_type', rareType), eq('event_type', 'request.failed')] }),
      sql: () => ({
        where: `event_type = '${rareType}' OR event_type = 'request.failed'`,
        limit: 100,
      }),
    },
    {
      name: 'prefix',
      title: '`endpoint` with a prefix: total, first 100',
      answer: 'page',
      atLeast: 5,
      atLeastColumns: 1,
      isQuick: true,
      eventlog: page([{ field: 'payload.endpoint', operator: 'startsWith', value: prefix }]),
      sql: (f) => ({ where: f.startsWith('endpoint', prefix), limit: 100 }),
    },
    {
      name: 'matches',
      title: '`message` matches a regular expression: total, first 100',
      answer: 'page',
      atLeast: 5,
      isQuick: true,
      eventlog: page([{ field: 'payload.message', operator: 'matches', value: pattern }]),
      sql: (f) => ({ where: f.matches('message', pattern), limit: 100 }),
    },
  ];
}

/** What a dashboard shows of one query. */
function statistics({ day }) {
  return [
    {
      name: 'percentile-by-hour',
      title: '95 % of `responseTime` by `endpoint` and hour of a day',
      answer: 'rows',
      atLeast: 5,
      atLeastColumns: 1,
      isQuick: true,
      eventlog: () => ({
        where: [
          { field: 'timestamp', operator: 'gte', value: day[0] },
          { field: 'timestamp', operator: 'lt', value: day[1] },
        ],
        reduce: {
          type: 'percentile',
          field: 'payload.responseTime',
          p: 0.95,
          groupBy: ['payload.endpoint', { field: 'timestamp', every: '1h' }],
        },
      }),
      sql: (f) => f.percentileByHour('endpoint', 'responseTime', 0.95, day),
    },
    {
      name: 'distinct-users',
      title: 'how many different `userId`',
      answer: 'value',
      atLeast: 5,
      atLeastColumns: 1,
      isQuick: true,
      eventlog: () => ({ reduce: { type: 'countDistinct', field: 'payload.userId' } }),
      sql: (f) => ({ select: `count(DISTINCT ${f.text('userId')})` }),
    },
    {
      name: 'three-aggregates',
      title: 'count, avg and max of `responseTime` by `endpoint`',
      answer: 'rows',
      atLeast: 5,
      atLeastColumns: 1,
      isQuick: true,
      eventlog: () => ({
        reduce: {
          aggregates: {
            n: { type: 'count' },
            mean: { type: 'avg', field: 'payload.responseTime' },
            slowest: { type: 'max', field: 'payload.responseTime' },
          },
          groupBy: 'payload.endpoint',
        },
      }),
      sql: (f) => ({
        select: `${f.text('endpoint')} AS "payload.endpoint", count(*) AS "n", avg(${f.number('responseTime')}) AS "mean", max(${f.number('responseTime')}) AS "slowest"`,
        group: '1',
        order: '1',
      }),
    },
  ];
}

function pages() {
  return [
    {
      name: 'newest',
      title: 'total, newest 50',
      answer: 'page',
      atLeast: 5,
      eventlog: () => ({ ...newestFirst, limit: 50 }),
      sql: () => ({ order: newestFirstSql, limit: 50 }),
    },
    {
      name: 'deep-page',
      title: 'page 1,000 of 50, newest first',
      answer: 'events',
      atLeast: 5,
      eventlog: () => ({ ...newestFirst, offset: 49_950, limit: 50 }),
      sql: () => ({ order: newestFirstSql, limit: 50, offset: 49_950 }),
    },
  ];
}

/** What is in an array is in no summary of codebolt-eventlog, but in the columns that events are put together from. */
function scan() {
  return {
    name: 'scan',
    title: 'sum of `items.0.price`, in an array',
    answer: 'value',
    isScan: true,
    isQuick: true,
    eventlog: () => ({ reduce: { type: 'sum', field: 'payload.items.0.price' } }),
    sql: (f) => ({ select: `sum(${f.number('items.0.price')})` }),
  };
}
