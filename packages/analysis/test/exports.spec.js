// What other programs read in the exports: hyparquet, DuckDB and the reader of Arrow itself. `npm run check:pyarrow` has
// pyarrow read them too.

import { readFile } from 'node:fs/promises';

import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import test from 'ava';
import { arrow, parquet } from 'codebolt-eventlog-analysis';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';

import { COLUMNS, PAYLOADS, bytesOf, fileOf, hardLog, longLog } from './support/log.js';

const arrayBufferOf = (bytes) =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

/** What the columns of the four events have. */
const VALUES = [
  {
    big: 9007199254740993n,
    ratio: 0.1,
    name: 'ö 😀',
    isOpen: true,
    at: Date.UTC(2026, 0, 31, 11, 0, 0, 1),
    tags: '["a",1.50]',
  },
  {
    big: -9223372036854775808n,
    ratio: 1e300,
    name: '',
    isOpen: false,
    at: 0,
    tags: '{"n":18446744073709551616}',
  },
  { big: null, ratio: null, name: null, isOpen: null, at: null, tags: null },
  { big: null, ratio: null, name: null, isOpen: null, at: null, tags: null },
];

/** What each event has in the columns of its own. */
const ownOf = (n) => ({
  position: BigInt(n),
  instanceId: 'shop',
  stream_id: 's',
  sequence_number: BigInt(n),
  event_type: 't',
  timestamp: Date.UTC(2026, 0, 31, 12, 0, 0, n),
  id: `0192f000-0000-7000-8000-00000000000${n}`,
  payload: PAYLOADS[n - 1],
  metadata: `{"n":${n}}`,
});

const ROWS = VALUES.map((values, index) => ({ ...ownOf(index + 1), ...values }));

test('hyparquet reads the same values, and JSON as JSON', async (t) => {
  const log = await hardLog(t);
  const file = arrayBufferOf(await bytesOf(log, { format: parquet(), columns: COLUMNS }));
  const { schema } = parquetMetadata(file);
  const logical = Object.fromEntries(schema.map(({ name, logical_type: type }) => [name, type]));
  t.is(logical.payload.type, 'JSON');
  t.is(logical.tags.type, 'JSON');
  t.deepEqual(logical.timestamp, { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' });
  t.is(schema.find(({ name }) => name === 'big').type, 'INT64');
  const asText = { jsonFromBytes: (bytes) => new TextDecoder().decode(bytes) };
  const rows = await parquetReadObjects({ file, parsers: asText });
  const withTimes = rows.map(({ timestamp, at, ...row }) => ({
    ...row,
    timestamp: Number(timestamp),
    at: at === null || at === undefined ? null : Number(at),
  }));
  const plain = withTimes.map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? null])),
  );
  t.deepEqual(plain, ROWS);
});

/** Asks DuckDB about a file. */
async function duckDb(t, sql) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  t.teardown(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return (await connection.runAndReadAll(sql)).getRowObjectsJS();
}

test('DuckDB reads the same values, and asks JSON for what is in it', async (t) => {
  const log = await hardLog(t);
  const bytes = await bytesOf(log, { format: 'parquet', columns: COLUMNS });
  const path = await fileOf(t, 'shop.parquet', bytes);
  const rows = await duckDb(t, `SELECT * FROM read_parquet('${path}') ORDER BY position`);
  const inMilliseconds = (time) => (time === null ? null : time.getTime());
  t.deepEqual(
    rows.map(({ timestamp, at, ...row }) => ({
      ...row,
      timestamp: inMilliseconds(timestamp),
      at: inMilliseconds(at),
    })),
    ROWS,
  );
  const types = await duckDb(t, `DESCRIBE SELECT * FROM read_parquet('${path}')`);
  const typeOf = Object.fromEntries(types.map((row) => [row.column_name, row.column_type]));
  t.like(typeOf, { payload: 'JSON', big: 'BIGINT', timestamp: 'TIMESTAMP WITH TIME ZONE' });
  const [found] = await duckDb(
    t,
    `SELECT payload->>'$.name' AS name FROM read_parquet('${path}') WHERE big > 0`,
  );
  t.is(found.name, 'ö 😀');
});

test('the reader of Arrow reads the same values', async (t) => {
  const log = await hardLog(t);
  const table = tableFromIPC(await bytesOf(log, { format: arrow(), columns: COLUMNS }));
  const rows = table.toArray().map((row) => row.toJSON());
  t.deepEqual(
    rows.map(({ timestamp, at, ...row }) => ({
      ...row,
      timestamp: Number(timestamp),
      at: at === null ? null : Number(at),
    })),
    ROWS,
  );
  const field = table.schema.fields.find(({ name }) => name === 'payload');
  t.is(field.metadata.get('ARROW:extension:name'), 'arrow.json');
  t.is(String(table.schema.fields.find(({ name }) => name === 'timestamp').type.timezone), 'UTC');
});

test('texts stay apart, whatever characters they begin and end with', async (t) => {
  const log = await longLog(t, 0);
  const names = [
    'a',
    '\ud83d',
    '\ude00',
    'ö',
    '',
    '😀',
    '\ud83d',
    '\ude00b',
    null,
    'x'.repeat(70_000),
  ];
  const events = names.map((name) => ({ eventType: 't', payload: { name } }));
  await log.strict.appendEvents({ instanceId: 'long', events });
  const columns = { name: { field: 'payload.name', type: 'string' } };
  // UTF-8 has no halves of pairs.
  const expected = names.map((name) => name?.toWellFormed() ?? null);
  const table = tableFromIPC(await bytesOf(log, { format: 'arrow', columns }));
  t.deepEqual([...table.getChild('name')], expected);
  const file = arrayBufferOf(await bytesOf(log, { format: 'parquet', columns }));
  const rows = await parquetReadObjects({ file, columns: ['name'] });
  t.deepEqual(
    rows.map(({ name }) => name ?? null),
    expected,
  );
});

for (const format of ['parquet', 'arrow']) {
  test(`${format}: no events are a file too`, async (t) => {
    const log = await longLog(t, 0);
    await log.createInstance('empty');
    const bytes = await bytesOf(log, { format });
    if (format === 'arrow') t.is(tableFromIPC(bytes).numRows, 0);
    else t.is(Number(parquetMetadata(arrayBufferOf(bytes)).num_rows), 0);
  });

  test(`${format}: more events than are written together`, async (t) => {
    const log = await longLog(t, 70_000);
    const columns = { n: { field: 'payload.n', type: 'int64' } };
    const bytes = await bytesOf(log, { format, columns });
    const seen =
      format === 'arrow'
        ? [...tableFromIPC(bytes).getChild('n')]
        : (await parquetReadObjects({ file: arrayBufferOf(bytes), columns: ['n'] })).map(
            ({ n }) => n,
          );
    t.is(seen.length, 70_000);
    t.true(seen.every((value, index) => value === BigInt(index)));
    if (format === 'parquet') t.true(parquetMetadata(arrayBufferOf(bytes)).row_groups.length > 1);
    else t.true(tableFromIPC(bytes).batches.length > 1);
  });

  test(`${format}: an event that is larger than a batch`, async (t) => {
    const log = await longLog(t, 3);
    const text = '😀'.repeat(3_000_000);
    await log.strict.appendEvent({ instanceId: 'long', eventType: 'large', payload: { text } });
    await log.strict.appendEvent({ instanceId: 'long', eventType: 'small' });
    const bytes = await bytesOf(log, { format });
    const payloads =
      format === 'arrow'
        ? [...tableFromIPC(bytes).getChild('payload')].map((payload) => JSON.parse(payload))
        : (await parquetReadObjects({ file: arrayBufferOf(bytes), columns: ['payload'] })).map(
            ({ payload }) => payload,
          );
    t.is(payloads.length, 5);
    t.true(payloads[3].text === text);
    t.deepEqual(payloads[4], {});
  });

  test(`${format}: a column cannot have the name of one that each event has`, async (t) => {
    const log = await longLog(t, 1);
    const error = await t.throwsAsync(bytesOf(log, { format, columns: { id: 'payload.id' } }));
    t.is(error.code, 'INVALID_ARGUMENT');
  });
}

test('DuckDB reads groups of rows, and skips those that a condition rules out', async (t) => {
  const log = await longLog(t, 70_000);
  const path = await fileOf(t, 'long.parquet', await bytesOf(log, { format: 'parquet' }));
  const [{ count, last }] = await duckDb(
    t,
    `SELECT count(*) AS count, max(position) AS last FROM read_parquet('${path}') WHERE stream_id = 's7'`,
  );
  t.is(Number(count), 700);
  t.is(Number(last), 69_908);
  const ranges = await duckDb(
    t,
    `SELECT DISTINCT row_group_id, stats_min_value AS low FROM parquet_metadata('${path}') WHERE path_in_schema = 'position' ORDER BY row_group_id`,
  );
  t.is(ranges[0].low, '1');
  t.true(Number(ranges[1].low) > 1);
});

test("DuckDB makes a file of the log's own format, as the documentation says", async (t) => {
  const log = await hardLog(t);
  const page = await readFile(new URL('../../../docs/analysis.md', import.meta.url), 'utf8');
  const [, sql] = /^```sql\n(COPY [\s\S]*?)^```$/m.exec(page);
  const lines = await fileOf(t, 'orders.jsonl', await bytesOf(log, {}));
  const file = lines.replace(/jsonl$/, 'parquet');
  await duckDb(t, sql.replace('orders.jsonl', lines).replace('orders.parquet', file));
  const rows = await duckDb(t, `SELECT * FROM '${file}' ORDER BY sequence_number`);
  // DuckDB writes JSON anew.
  const own = ROWS.map((_, index) => ownOf(index + 1)).map(({ payload, ...row }) => ({
    ...row,
    payload: payload.replace('1.50', '1.5'),
  }));
  t.deepEqual(
    rows.map(({ timestamp, ...row }) => ({ ...row, timestamp: timestamp.getTime() })),
    own.map(({ position: _, ...row }) => row),
  );
});
