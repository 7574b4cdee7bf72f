// What is compared. Only the child processes load a system's module, so that no measurement has
// another system in its memory.

/**
 * The systems, in the order of the tables.
 *
 * - `module`, `variant`: which file opens it, and how.
 * - `isBlocking`: a query is a synchronous call.
 * - `setUp`: what was chosen so that it is as fast as it can be.
 */
export const systems = [
  {
    name: 'eventlog',
    title: 'codebolt-eventlog',
    module: 'eventlog.mjs',
    setUp: 'Default options. There is nothing to index.',
  },
  {
    name: 'eventlog-256',
    title: 'codebolt-eventlog, 256 MiB',
    module: 'eventlog.mjs',
    variant: 'large-cache',
    setUp: '`cacheBytes` of 256 MiB, which is what better-sqlite3 is given; the default is 32 MiB.',
  },
  {
    name: 'baseline',
    title: 'baseline build',
    module: 'eventlog.mjs',
    isBaseline: true,
    setUp: 'The build of `--baseline`, default options.',
  },
  {
    name: 'better-sqlite3',
    title: 'better-sqlite3',
    module: 'better-sqlite3.mjs',
    package: 'better-sqlite3',
    isBlocking: true,
    setUp:
      'Indexes on (stream, sequence), type and timestamp, made after loading; `ANALYZE`. 256 MiB of cache, the file memory-mapped, prepared statements, rows as arrays. The payload is JSONB, which is looked into three times as fast as JSON text, and read back as a twentieth slower. Timestamps are ISO 8601 text, since making that of numbers took a fifth of the time of reading events. Each query blocks the event loop.',
  },
  {
    name: 'better-sqlite3-fields',
    title: 'better-sqlite3, fields indexed',
    module: 'better-sqlite3.mjs',
    variant: 'fields',
    package: 'better-sqlite3',
    isBlocking: true,
    setUp:
      'As above, with an index on each payload field that the queries ask for (`payload ->> …`), and one on (endpoint, responseTime). A query that nobody has foreseen has none.',
  },
  {
    name: 'duckdb',
    title: 'DuckDB, columns',
    module: 'duckdb.mjs',
    variant: 'columns',
    package: '@duckdb/node-api',
    setUp:
      'The payload fields that queries ask for are columns, made from the JSON, which is kept to answer with. Indexes on stream and type; default settings, so that it uses all cores; prepared statements.',
  },
  {
    name: 'duckdb-json',
    title: 'DuckDB, JSON',
    module: 'duckdb.mjs',
    variant: 'json',
    package: '@duckdb/node-api',
    setUp: 'As above, with the JSON alone.',
  },
];

/**
 * @param {string} name - The name of a system.
 * @returns {object} The system.
 */
export function systemNamed(name) {
  return systems.find((system) => system.name === name);
}
