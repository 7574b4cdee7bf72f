// What is asked about events of two fields, of every system; see index.mjs. readings.mjs has what is asked about very many.

/** @returns {object[]} The queries. */
export function smallEventQueries() {
  return [
    {
      name: 'small-events-filter',
      title: '`value` > 99: total, first 100',
      answer: 'page',
      atLeast: 10,
      isQuick: true,
      eventlog: () => ({
        where: [{ field: 'payload.value', operator: 'gt', value: 99 }],
        limit: 100,
      }),
      sql: (f) => ({ where: `${f.number('value')} > 99`, limit: 100 }),
    },
    {
      name: 'small-events-avg-by',
      title: 'avg of `value` by `site`',
      answer: 'rows',
      atLeast: 10,
      eventlog: () => ({
        reduce: { type: 'avg', field: 'payload.value', groupBy: 'payload.site' },
      }),
      sql: (f) => ({
        select: `${f.text('site')} AS "payload.site", avg(${f.number('value')}) AS "avg"`,
        group: '1',
        order: '1',
      }),
    },
  ].map((query) => ({ ...query, dataset: 'small-events' }));
}
