#!/usr/bin/env bash
# hyparquet-writer 0.17.0, which writes Parquet files, and DuckDB 1.5.6, which reads them
#
# Expected: a column with Parquet's logical type JSON takes the text of JSON as it is, as such a column stores it, and DuckDB reads
# it as JSON.
# Instead: with the older converted type JSON in the schema, the writer makes JSON of the text once more, so that an object
# becomes a string with an object's text in it. With the logical type alone it writes the text, and DuckDB reads the column as
# BLOB: it looks at the converted type alone.
# Seen: the values `"{\"a\":1}"` as JSON, and the type BLOB for the same text without the converted type.
# Here: packages/analysis writes with the logical type, and puts the converted type into the schema before the file's end.
. "$(dirname "$0")/seen.sh"

install hyparquet-writer@0.17.0 @duckdb/node-api@1.5.6-r.1
cat > write.mjs << 'END_OF_PROGRAM'
import { writeFileSync } from 'node:fs';

import { DuckDBInstance } from '@duckdb/node-api';
import { parquetWriteBuffer } from 'hyparquet-writer';

const both = { converted_type: 'JSON', logical_type: { type: 'JSON' } };
for (const [name, type] of Object.entries({ both, 'logical alone': { logical_type: { type: 'JSON' } } })) {
  const element = { name: 'j', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED', ...type };
  const schema = [{ name: 'root', num_children: 1 }, element];
  const file = parquetWriteBuffer({ columnData: [{ name: 'j', data: ['{"a":1}'] }], schema });
  writeFileSync('j.parquet', Buffer.from(file));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const found = await connection.runAndReadAll("SELECT typeof(j) AS type, j::VARCHAR AS value FROM 'j.parquet'");
  const [{ type: read, value }] = found.getRowObjectsJS();
  console.log(`${name}: ${read} ${value}`);
}
END_OF_PROGRAM
compare 'both: JSON "{\"a\":1}"
logical alone: BLOB {\x22a\x22:1}' "$(node write.mjs)"
