// better-sqlite3, with the table and the indexes that its user would make.

import { createRequire } from 'node:module';
import { join } from 'node:path';

import { rows } from '../data/index.mjs';
import { deepPage, eventColumns, jsonPath, statement } from './sql.mjs';

const require = createRequire(import.meta.url);

const settings = [
  'journal_mode = WAL',
  'cache_size = -262144',
  'mmap_size = 8589934592',
  'temp_store = MEMORY',
];

// The payload comes last, so that what stands before it is read without the pages that a large one
// takes.
const table = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    stream_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    sequence_number INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    payload BLOB NOT NULL
  );
`;

const indexes = [
  'CREATE UNIQUE INDEX events_by_stream ON events (stream_id, sequence_number)',
  'CREATE INDEX events_by_type ON events (event_type)',
  'CREATE INDEX events_by_timestamp ON events (timestamp)',
];

/** For each set of events, what is indexed of payloads: the fields that queries ask for. */
const fieldIndexes = {
  'api-requests': [['statusCode'], ['userId'], ['method'], ['endpoint', 'responseTime']],
  webhooks: [['action'], ['sender.login']],
  'varied-webhooks': [['action'], ['sender.login']],
  'small-events': [['value'], ['site', 'value']],
};

const insertedRows = 10_000;

/** How fields of the payload are written. */
const dialect = {
  text: field,
  number: field,
  contains: (path, needle) => `${field(path)} GLOB '*${needle}*'`,
  startsWith: (path, prefix) => `${field(path)} GLOB '${prefix}*'`,
  matches: (path, pattern) => `${field(path)} REGEXP '${pattern}'`,
  percentileByHour,
  timestamp: timeText,
};

function timeText(milliseconds) {
  return `'${new Date(milliseconds).toISOString()}'`;
}

/**
 * The number that a part of all is not above, for each text of a field and each hour in a range. SQLite has no function for
 * it: the numbers are ranked, and the answer is between the two at the place.
 */
function percentileByHour(by, of, part, range) {
  const [from, to] = range.map(timeText);
  const groups = 'PARTITION BY a, b';
  const values = `SELECT ${field(by)} AS a, substr(timestamp, 1, 13) || ':00:00.000Z' AS b, ${field(of)} AS v FROM events WHERE timestamp >= ${from} AND timestamp < ${to}`;
  const ranked = `SELECT a, b, v, row_number() OVER (${groups} ORDER BY v) - 1 AS n, (count(*) OVER (${groups}) - 1) * ${part} AS h FROM (${values})`;
  const low = 'max(CASE WHEN n = CAST(h AS INTEGER) THEN v END)';
  const high = 'min(CASE WHEN n >= h THEN v END)';
  return {
    select: `a AS "payload.${by}", b AS "timestamp", ${low} + (${high} - ${low}) * (h - CAST(h AS INTEGER)) AS "percentile"`,
    from: `(${ranked})`,
    group: 'a, b',
    order: 'a, b',
  };
}

function field(path) {
  return `payload ->> ${jsonPath(path)}`;
}

/** Loads the package, without opening anything. */
export function load() {
  return require('better-sqlite3');
}

/** Stores all events of a set, and makes the indexes afterwards, when they are packed best. */
export function fill(folder, { dataset, events, variant }) {
  const database = openDatabase(folder);
  database.exec(table);
  const insert = database.prepare(
    'INSERT INTO events VALUES ($position, $id, $stream_id, $event_type, $timestamp, $sequence_number, $metadata, jsonb($payload))',
  );
  database.exec('BEGIN');
  for (const row of rows(dataset, events)) {
    insert.run({ ...row, timestamp: new Date(row.timestamp).toISOString() });
    if (row.position % insertedRows === 0) database.exec('COMMIT; BEGIN');
  }
  database.exec('COMMIT');
  for (const index of indexes) database.exec(index);
  if (variant === 'fields') indexFields(database, fieldIndexes[dataset.name]);
  database.exec('ANALYZE');
  database.pragma('optimize');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

function indexFields(database, fieldLists) {
  fieldLists.forEach((paths, i) => {
    const expressions = paths.map((path) => `(${field(path)})`).join(', ');
    database.exec(`CREATE INDEX events_by_field_${i} ON events (${expressions})`);
  });
}

/** Opens the database in a folder. */
export function open(folder) {
  const database = openDatabase(folder);
  return {
    /** Gives a function that asks a query; it blocks the event loop. */
    prepare: (query) => preparations[query.answer](database, query.sql(dialect)),
    close: () => database.close(),
  };
}

/** How a query is prepared, by the kind of the answer. */
const preparations = { events: prepareEvents, page: preparePage, rows: prepareRows, list, value };

function prepareEvents(database, parts) {
  const select = eventColumns
    .map((column) => (column === 'payload' ? 'json(payload)' : column))
    .join(', ');
  const complete = { order: 'position', ...parts, select };
  const text = statement(parts.offset ? deepPage(complete, 'position') : complete);
  const prepared = database.prepare(text).raw();
  return (given) => prepared.all(given).map(eventOf);
}

function preparePage(database, parts) {
  const total = value(database, { select: 'count(*)', where: parts.where });
  const events = prepareEvents(database, parts);
  return (given) => ({ total: total(given), events: events(given) });
}

function prepareRows(database, parts) {
  const prepared = database.prepare(statement(parts));
  return (given) => prepared.all(given);
}

function list(database, parts) {
  const prepared = database.prepare(statement({ order: 'position', ...parts })).pluck();
  return (given) => prepared.all(given);
}

function value(database, parts) {
  const prepared = database.prepare(statement(parts)).pluck();
  return (given) => prepared.get(given);
}

function eventOf([id, streamId, eventType, payload, metadata, timestamp, sequence]) {
  return {
    id,
    stream_id: streamId,
    event_type: eventType,
    payload: JSON.parse(payload),
    metadata: JSON.parse(metadata),
    timestamp,
    sequence_number: sequence,
  };
}

function openDatabase(folder) {
  const Database = load();
  const database = new Database(join(folder, 'events.sqlite'));
  // SQLite has the operator, and leaves its meaning to the program.
  const patterns = new Map();
  database.function('regexp', { deterministic: true }, (pattern, text) => {
    if (!patterns.has(pattern)) patterns.set(pattern, new RegExp(pattern, 'u'));
    return typeof text === 'string' && patterns.get(pattern).test(text) ? 1 : 0;
  });
  for (const setting of settings) database.pragma(setting);
  return database;
}
