// What is asked about webhooks of which no two are alike; see index.mjs.

/** @returns {object[]} The queries. */
export function variedWebhookQueries() {
  return [
    {
      name: 'varied-webhooks-newest',
      title: 'total, newest 50',
      answer: 'page',
      atLeast: 1,
      isQuick: true,
      eventlog: () => ({ orderBy: { field: 'timestamp', direction: 'desc' }, limit: 50 }),
      sql: () => ({ order: 'timestamp DESC', limit: 50 }),
    },
    {
      name: 'varied-webhooks-type',
      title: 'of type `star`: total, first 100',
      answer: 'page',
      atLeast: 1,
      eventlog: () => ({
        where: [{ field: 'event_type', operator: 'eq', value: 'star' }],
        limit: 100,
      }),
      sql: () => ({ where: "event_type = 'star'", limit: 100 }),
    },
    {
      name: 'varied-webhooks-filter',
      title: '`action` is opened: total, first 100',
      answer: 'page',
      atLeast: 10,
      eventlog: () => ({
        where: [{ field: 'payload.action', operator: 'eq', value: 'opened' }],
        limit: 100,
      }),
      sql: (f) => ({ where: `${f.text('action')} = 'opened'`, limit: 100 }),
    },
    {
      name: 'varied-webhooks-count-by',
      title: 'count by `action`',
      answer: 'rows',
      atLeast: 10,
      eventlog: () => ({ reduce: { type: 'count', groupBy: 'payload.action' } }),
      sql: (f) => ({
        select: `${f.text('action')} AS "payload.action", count(*) AS "count"`,
        group: '1',
        order: '1 NULLS FIRST',
      }),
    },
  ].map((query) => ({ ...query, dataset: 'varied-webhooks' }));
}
