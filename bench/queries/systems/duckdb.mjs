// DuckDB, with the payload as JSON, or with the fields that queries ask for as columns as well.

import { createRequire } from 'node:module';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { rows } from '../data/index.mjs';
import { deepPage, eventColumns, jsonPath, statement } from './sql.mjs';

const require = createRequire(import.meta.url);

const table = `
  CREATE TABLE events (
    position BIGINT NOT NULL,
    id UUID NOT NULL,
    stream_id VARCHAR NOT NULL,
    event_type VARCHAR NOT NULL,
    timestamp BIGINT NOT NULL,
    sequence_number INTEGER NOT NULL,
    metadata JSON NOT NULL,
    payload JSON NOT NULL
  )
`;

const tableColumns = [
  'position',
  'id',
  'stream_id',
  'event_type',
  'timestamp',
  'sequence_number',
  'metadata',
  'payload',
];

const indexes = [
  'CREATE INDEX events_by_stream ON events (stream_id)',
  'CREATE INDEX events_by_type ON events (event_type)',
];

/** For each set of events, the fields of payloads that are columns, with their types. */
const fieldColumns = {
  'api-requests': {
    method: 'VARCHAR',
    endpoint: 'VARCHAR',
    statusCode: 'INTEGER',
    responseTime: 'DOUBLE',
    userId: 'VARCHAR',
    region: 'VARCHAR',
    message: 'VARCHAR',
    items: 'STRUCT(sku VARCHAR, price DOUBLE)[]',
  },
  webhooks: { action: 'VARCHAR', 'sender.login': 'VARCHAR', 'issue.body': 'VARCHAR' },
  'varied-webhooks': { action: 'VARCHAR', 'sender.login': 'VARCHAR' },
  'small-events': { value: 'DOUBLE', site: 'VARCHAR' },
};

const appendedRows = 2048;

/** Loads the package, without opening anything. */
export function load() {
  return require('@duckdb/node-api');
}

/** Stores all events of a set. */
export async function fill(folder, { dataset, events, variant }) {
  const path = databasePath(folder);
  if (variant === 'json') {
    await fillTable(path, dataset, events);
  } else {
    // DuckDB takes the fields from the JSON itself, into a file that has nothing else in it.
    const staged = join(folder, 'staged.duckdb');
    await fillTable(staged, dataset, events);
    await inDatabase(path, async (connection) => {
      await connection.run(`ATTACH '${staged.replaceAll("'", "''")}' AS staged (READ_ONLY)`);
      const columns = Object.entries(fieldColumns[dataset.name]).map(columnFromJson).join(', ');
      await connection.run(`CREATE TABLE events AS SELECT *, ${columns} FROM staged.events`);
      await connection.run('DETACH staged');
    });
    rmSync(staged);
  }
  await inDatabase(path, async (connection) => {
    for (const index of indexes) await connection.run(index);
  });
}

function columnFromJson([path, type]) {
  const operator = type.endsWith(']') ? '->' : '->>';
  return `(payload ${operator} ${jsonPath(path)})::${type} AS "${path}"`;
}

async function fillTable(path, dataset, events) {
  const { DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } = load();
  // DuckDB converts what the table has as another type.
  const types = [INTEGER, VARCHAR, VARCHAR, VARCHAR, DOUBLE, INTEGER, VARCHAR, VARCHAR];
  await inDatabase(path, async (connection) => {
    await connection.run(table);
    const appender = await connection.createAppender('events');
    let columns = types.map(() => []);
    const flush = () => {
      const chunk = DuckDBDataChunk.create(types);
      chunk.setColumns(columns);
      appender.appendDataChunk(chunk);
      columns = types.map(() => []);
    };
    for (const row of rows(dataset, events)) {
      tableColumns.forEach((name, i) => columns[i].push(row[name]));
      if (columns[0].length === appendedRows) flush();
    }
    if (columns[0].length > 0) flush();
    appender.closeSync();
  });
}

async function inDatabase(path, work) {
  const { connection, close } = await connect(path);
  await work(connection);
  await connection.run('CHECKPOINT');
  close();
}

async function connect(path) {
  const instance = await load().DuckDBInstance.create(path);
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** How fields of the payload are written, by the variant. */
const dialects = {
  columns: {
    text: column,
    number: column,
    contains: (path, needle) => `contains(${column(path)}, '${needle}')`,
    startsWith: (path, prefix) => `starts_with(${column(path)}, '${prefix}')`,
    matches: (path, pattern) => `regexp_matches(${column(path)}, '${pattern}')`,
    percentileByHour: (...asked) => percentileByHour(column, column, ...asked),
    timestamp: String,
  },
  json: {
    text: field,
    number: (path) => `(${field(path)})::DOUBLE`,
    // Most events are told by the text of the payload, without looking for the field in it.
    contains: (path, needle) =>
      `contains(payload, '${needle}') AND contains(${field(path)}, '${needle}')`,
    startsWith: (path, prefix) => `starts_with(${field(path)}, '${prefix}')`,
    matches: (path, pattern) => `regexp_matches(${field(path)}, '${pattern}')`,
    percentileByHour: (...asked) =>
      percentileByHour(field, (path) => `(${field(path)})::DOUBLE`, ...asked),
    timestamp: String,
  },
};

/** The number that a part of all is not above, for each text of a field and each hour in a range. */
function percentileByHour(text, number, by, of, part, [from, to]) {
  const hour = `strftime(make_timestamp(timestamp * 1000), '%Y-%m-%dT%H:00:00.000Z')`;
  return {
    select: `${text(by)} AS "payload.${by}", ${hour} AS "timestamp", quantile_cont(${number(of)}, ${part}) AS "percentile"`,
    where: `timestamp >= ${from} AND timestamp < ${to}`,
    group: '1, 2',
    order: '1, 2',
  };
}

function field(path) {
  return `payload ->> ${jsonPath(path)}`;
}

/** A column, or what is in the elements of one that is a list. */
function column(path) {
  const [name, index, key] = path.split(/\.(\d+)\./);
  return index === undefined ? `"${name}"` : `"${name}"[${Number(index) + 1}]."${key}"`;
}

/**
 * Opens the database in a folder. A query that asks for no order has that in which the events were
 * inserted, which DuckDB preserves.
 */
export async function open(folder, { variant }) {
  const { connection, close } = await connect(databasePath(folder));
  return {
    /** Gives a function that asks a query. */
    prepare: (query) => preparations[query.answer](connection, query.sql(dialects[variant])),
    close,
  };
}

/** How a query is prepared, by the kind of the answer. */
const preparations = { events: prepareEvents, page: preparePage, rows: prepareRows, list, value };

/** Types whose values become JavaScript's own at the least cost. */
const read = { id: 'id::VARCHAR', timestamp: 'timestamp::DOUBLE' };

async function prepareEvents(connection, parts) {
  const complete = { ...parts, select: eventColumns.map((name) => read[name] ?? name).join(', ') };
  const run = await prepare(connection, eventStatement(complete));
  return async (given) => eventsOf(await (await run(given)).getColumns());
}

async function preparePage(connection, parts) {
  const total = await value(connection, { select: 'count(*)', where: parts.where });
  const events = await prepareEvents(connection, parts);
  return async (given) => ({ total: await total(given), events: await events(given) });
}

async function prepareRows(connection, parts) {
  const run = await prepare(connection, statement(parts));
  return async (given) => {
    const found = await (await run(given)).getRowObjects();
    return found.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, plain(cell)])),
    );
  };
}

async function list(connection, parts) {
  const run = await prepare(connection, statement(parts));
  return async (given) => {
    const [values = []] = await (await run(given)).getColumns();
    return values;
  };
}

async function value(connection, parts) {
  const run = await prepare(connection, statement(parts));
  return async (given) => plain((await (await run(given)).getRows())[0][0]);
}

function eventStatement(parts) {
  if (parts.offset !== undefined) return statement(deepPage(parts, 'rowid'));
  if (!parts.isFew) return statement(parts);
  // To order what matches and to cut it in one step would be done without the index.
  const { order, limit, ...rest } = parts;
  return `WITH matches AS MATERIALIZED (${statement(rest)}) SELECT * FROM matches ORDER BY ${order} LIMIT ${limit}`;
}

async function prepare(connection, text) {
  const prepared = await connection.prepare(text);
  return (given) => {
    prepared.bind(given);
    return prepared.run();
  };
}

/** Counts and whole sums are `BIGINT`. */
function plain(cell) {
  return typeof cell === 'bigint' ? Number(cell) : cell;
}

function eventsOf([ids = [], streamIds, types, payloads, metadata, timestamps, sequences]) {
  return ids.map((id, i) => ({
    id,
    stream_id: streamIds[i],
    event_type: types[i],
    payload: JSON.parse(payloads[i]),
    metadata: JSON.parse(metadata[i]),
    timestamp: new Date(timestamps[i]).toISOString(),
    sequence_number: sequences[i],
  }));
}

function databasePath(folder) {
  return join(folder, 'events.duckdb');
}
