// What is asked about webhooks; see index.mjs.

import { someStream } from '../data/webhooks.mjs';

/** @returns {object[]} The queries. */
export function webhookQueries() {
  return [
    {
      name: 'webhooks-stream-newest',
      title: 'newest 50 of a stream',
      answer: 'events',
      atLeast: 1,
      isQuick: true,
      eventlog: () => ({
        from: { stream: someStream },
        orderBy: { field: 'sequence_number', direction: 'desc' },
        limit: 50,
      }),
      sql: () => ({
        where: `stream_id = '${someStream}'`,
        order: 'sequence_number DESC',
        limit: 50,
      }),
    },
    {
      name: 'webhooks-type-count',
      title: 'count by type',
      answer: 'rows',
      atLeast: 5,
      eventlog: () => ({ reduce: { type: 'count', groupBy: 'event_type' } }),
      sql: () => ({ select: 'event_type, count(*) AS "count"', group: '1', order: '1' }),
    },
    {
      name: 'webhooks-filter',
      title: '`action` is opened: total, first 100',
      answer: 'page',
      atLeast: 10,
      isQuick: true,
      eventlog: () => ({
        where: [{ field: 'payload.action', operator: 'eq', value: 'opened' }],
        limit: 100,
      }),
      sql: (f) => ({ where: `${f.text('action')} = 'opened'`, limit: 100 }),
    },
    {
      name: 'webhooks-count-by',
      title: 'count by `sender.login`',
      answer: 'rows',
      atLeast: 10,
      eventlog: () => ({ reduce: { type: 'count', groupBy: 'payload.sender.login' } }),
      sql: (f) => ({
        select: `${f.text('sender.login')} AS "payload.sender.login", count(*) AS "count"`,
        group: '1',
        order: '1 NULLS FIRST',
      }),
    },
    {
      name: 'webhooks-contains',
      title: '`issue.body` contains a phrase: total, first 100',
      answer: 'page',
      atLeast: 10,
      eventlog: () => ({
        where: [{ field: 'payload.issue.body', operator: 'contains', value: 'pull into master' }],
        limit: 100,
      }),
      sql: (f) => ({ where: f.contains('issue.body', 'pull into master'), limit: 100 }),
    },
  ].map((query) => ({ ...query, dataset: 'webhooks' }));
}
