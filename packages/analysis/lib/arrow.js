// Events as a stream of Arrow's record batches.

import {
  AsyncByteQueue,
  Bool,
  Field,
  Float64,
  Int64,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
  makeData,
} from 'apache-arrow';

import { Numbers, Rows, Texts } from './builders.js';
import { columnsFor } from './columns.js';

/** How Arrow says that a column of texts has JSON. */
const JSON_METADATA = [
  ['ARROW:extension:name', 'arrow.json'],
  ['ARROW:extension:metadata', ''],
];

const TYPES = {
  int64: () => new Int64(),
  string: () => new Utf8(),
  json: () => new Utf8(),
  double: () => new Float64(),
  boolean: () => new Bool(),
  timestamp: () => new TimestampMillisecond('UTC'),
};

/** Puts an integer as two halves of 32 bits, the lower one first. */
function putInt64(halves, at, value) {
  if (typeof value === 'bigint') {
    halves[at] = Number(BigInt.asIntN(32, value));
    halves[at + 1] = Number(value >> 32n);
  } else {
    halves[at] = value % 2 ** 32;
    halves[at + 1] = Math.floor(value / 2 ** 32);
  }
}

function put(values, at, value) {
  values[at] = value;
}

/** What holds the values of each type. */
const VALUES = {
  int64: () => new Numbers(Int32Array, 2, putInt64),
  string: () => new Texts(),
  json: () => new Texts(),
  double: () => new Numbers(Float64Array, 1, put),
  boolean: () => new Numbers(Uint8Array, 1, put),
  timestamp: () => new Numbers(Int32Array, 2, putInt64),
};

function schemaOf(columns) {
  const fields = columns.map(({ name, type, isRequired }) => {
    const metadata = type === 'json' ? new Map(JSON_METADATA) : undefined;
    return new Field(name, TYPES[type](), !isRequired, metadata);
  });
  return new Schema(fields);
}

/** Bits of bytes that are 0 or 1, the lowest of a byte first. */
function bitsOf(flags) {
  const bits = new Uint8Array(Math.ceil(flags.length / 8));
  for (let at = 0; at < flags.length; at += 1) bits[at >> 3] |= flags[at] << (at & 7);
  return bits;
}

/** Which rows have a value, a bit each. */
function validityOf({ nulls, length }) {
  if (nulls.length === 0) return { nullCount: 0 };
  const isThere = new Uint8Array(length).fill(1);
  for (const at of nulls) isThere[at] = 0;
  return { nullCount: nulls.length, nullBitmap: bitsOf(isThere) };
}

/** The values of a column in the form of Arrow's. */
function bytesOf({ column, data }) {
  if (column.type === 'boolean') return bitsOf(data);
  return data instanceof Int32Array ? new BigInt64Array(data.buffer) : data;
}

/** A column as Arrow has it. */
function dataOf(built, { type }) {
  const { length, valueOffsets } = built;
  const data = bytesOf(built);
  return makeData({ type, length, ...validityOf(built), data, valueOffsets });
}

/** Takes what a writer writes, until somebody wants it. */
class Sink extends AsyncByteQueue {
  #pieces = [];

  write(bytes) {
    this.#pieces.push(bytes);
  }

  take() {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    return bytes;
  }
}

class ArrowExport {
  #schema;
  #rows;
  #sink = new Sink();
  #writer = new RecordBatchStreamWriter();

  constructor(chosen) {
    const columns = columnsFor(chosen);
    this.#schema = schemaOf(columns);
    this.#rows = new Rows(columns, ({ type }) => VALUES[type]());
    this.#writer.reset(this.#sink, this.#schema);
  }

  write(events) {
    for (const event of events) if (this.#rows.add(event)) this.#writeBatch();
    return this.#sink.take();
  }

  end() {
    if (this.#rows.count > 0) this.#writeBatch();
    this.#writer.finish();
    return this.#sink.take();
  }

  #writeBatch() {
    const length = this.#rows.count;
    const { fields } = this.#schema;
    const children = this.#rows.take().map((built, index) => dataOf(built, fields[index]));
    const type = new Struct(fields);
    const data = makeData({ type, length, nullCount: 0, children });
    this.#writer.write(new RecordBatch(this.#schema, data));
  }
}

/**
 * A format of `exportEvents`: a stream of Arrow's record batches (IPC), with a row for each event.
 *
 * @returns {import('codebolt-eventlog').EventLogExportFormat} The format.
 */
export function arrow() {
  return { name: 'arrow', begin: ({ columns }) => new ArrowExport(columns) };
}
