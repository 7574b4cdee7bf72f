// Has pyarrow read exports as Parquet and as Arrow: it must find every value, also those that JavaScript would alter. Without
// Python this says so, and ends well.

import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { EventLog } from 'codebolt-eventlog';

import { hasPython, run, withPython } from './python.mjs';

const PYARROW = 'pyarrow==26.0.1';

const PAYLOAD = '{"big":9007199254740993,"price":1.50,"at":"2026-01-31T12:00:00.001+01:00"}';

/** The export that is read. Numbers are as they are written in an import of text. */
const LINES = [
  '{"format":"codebolt-eventlog","version":1}',
  '{"instance":{"id":"shop","name":"shop","createdAt":"2026-01-31T12:00:00Z"}}',
  `{"id":"0192f000-0000-7000-8000-000000000001","instanceId":"shop","stream_id":"s","event_type":"ö","payload":${PAYLOAD},"metadata":{},"timestamp":"2026-01-31T12:00:00.001Z","sequence_number":1}`,
  '{"id":"0192f000-0000-7000-8000-000000000002","instanceId":"shop","stream_id":"s","event_type":"t","payload":[],"metadata":{},"timestamp":"2026-01-31T12:00:01Z","sequence_number":2}',
  '{"end":{"instances":1,"events":2}}',
];

const COLUMNS = {
  big: { field: 'payload.big', type: 'int64' },
  price: { field: 'payload.price', type: 'double' },
  at: { field: 'payload.at', type: 'timestamp' },
};

const PROGRAM = `
import datetime as dt
import sys
import pyarrow as pa
import pyarrow.parquet as pq

UTC = dt.timezone.utc
payload = sys.argv[1]

def check(table, name):
    rows = table.to_pylist()
    first, second = rows
    expected = {
        "position": 1, "instanceId": "shop", "stream_id": "s", "sequence_number": 1, "event_type": "ö",
        "timestamp": dt.datetime(2026, 1, 31, 12, 0, 0, 1000, UTC),
        "id": "0192f000-0000-7000-8000-000000000001", "payload": payload, "metadata": "{}",
        "big": 9007199254740993, "price": 1.5,
        "at": dt.datetime(2026, 1, 31, 11, 0, 0, 1000, UTC),
    }
    assert first == expected, (name, first)
    assert second["big"] is None and second["at"] is None and second["payload"] == "[]", (name, second)
    schema = table.schema
    assert schema.field("timestamp").type == pa.timestamp("ms", tz="UTC"), (name, schema)
    assert schema.field("big").type == pa.int64(), (name, schema)
    assert "json" in str(schema.field("payload").type), (name, schema)
    print(f"pyarrow {pa.__version__} reads {name}")

check(pq.read_table("shop.parquet"), "Parquet")
logical = [str(pq.ParquetFile("shop.parquet").schema.column(n).logical_type) for n in range(9)]
assert logical[7] == "JSON", logical
with open("shop.arrows", "rb") as file:
    check(pa.ipc.open_stream(file).read_all(), "Arrow")
`;

if (hasPython) {
  process.exitCode = await withPython([PYARROW], check);
} else {
  console.log('No Python with venv was found: pyarrow reads no exports here');
}

/** @returns {Promise<number>} The exit code of what has read them. */
async function check(programs, folder) {
  const log = await EventLog.open(':memory:');
  await log.strict.importEvents([LINES.join('\n')]);
  for (const [format, file] of [
    ['parquet', 'shop.parquet'],
    ['arrow', 'shop.arrows'],
  ]) {
    const stream = log.exportEvents({ format, columns: COLUMNS });
    await pipeline(stream, createWriteStream(join(folder, file)));
  }
  await log.close();
  await writeFile(join(folder, 'check.py'), PROGRAM);
  return run(join(programs, 'python'), ['check.py', PAYLOAD], folder);
}
