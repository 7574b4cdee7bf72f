// What is asked about very many small events, to see what it does to the event loop; see index.mjs.

/** @returns {object[]} The queries. */
export function readingQueries() {
  return [
    {
      name: 'readings-filter',
      title: '`value` > 99: total, first 100',
      answer: 'page',
      eventlog: () => ({
        where: [{ field: 'payload.value', operator: 'gt', value: 99 }],
        limit: 100,
      }),
    },
    {
      name: 'readings-avg-by',
      title: 'avg of `value` by `site`',
      answer: 'rows',
      eventlog: () => ({
        reduce: { type: 'avg', field: 'payload.value', groupBy: 'payload.site' },
      }),
    },
    {
      name: 'readings-order',
      title: 'highest 100 by `value`',
      answer: 'events',
      eventlog: () => ({ orderBy: { field: 'payload.value', direction: 'desc' }, limit: 100 }),
    },
    {
      name: 'readings-newest',
      title: 'total, newest 50',
      answer: 'page',
      eventlog: () => ({ orderBy: { field: 'timestamp', direction: 'desc' }, limit: 50 }),
    },
  ].map((query) => ({ ...query, dataset: 'readings', only: ['eventlog', 'baseline'] }));
}
