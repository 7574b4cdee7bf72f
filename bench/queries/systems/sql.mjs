// What the SQL of the rivals has in common.

/** The columns of an event, in the order in which rows have them. */
export const eventColumns = [
  'id',
  'stream_id',
  'event_type',
  'payload',
  'metadata',
  'timestamp',
  'sequence_number',
];

/**
 * @param {string} path - Keys and indexes with dots between, such as `items.0.price`.
 * @returns {string} The same as a path of SQL's JSON functions, in quotes.
 */
export function jsonPath(path) {
  const steps = path.split('.').map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`));
  return `'$${steps.join('')}'`;
}

/**
 * @param {object} parts - The parts of a query.
 * @returns {string} The query.
 */
export function statement({ select, from = 'events', where, group, order, limit, offset }) {
  return [
    `SELECT ${select} FROM ${from}`,
    where && `WHERE ${where}`,
    group && `GROUP BY ${group}`,
    order && `ORDER BY ${order}`,
    limit && `LIMIT ${limit}`,
    offset && `OFFSET ${offset}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * A page that begins far from the first event: its rows are found in the index or the columns of the
 * order alone, and the rest of them is read afterwards.
 *
 * @param {object} parts - The parts of a query.
 * @param {string} key - What a row is found by.
 * @returns {object} The parts of a query that has the same rows.
 */
export function deepPage({ select, order, ...rest }, key) {
  const keys = statement({ select: key, order, ...rest });
  return { select, where: `${key} IN (${keys})`, order };
}
