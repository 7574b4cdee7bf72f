// Events as a Parquet file, a group of rows at a time.

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { compressSync } from 'snappy';

import { RepeatedTexts, Rows, Texts, Values } from './builders.js';
import { columnsFor } from './columns.js';

/** What each type is in Parquet. */
const TYPES = {
  int64: { type: 'INT64' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  json: { type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  timestamp: {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
};

function schemaOf(columns) {
  const elements = columns.map(({ name, type, isRequired }) => ({
    name,
    repetition_type: isRequired ? 'REQUIRED' : 'OPTIONAL',
    ...TYPES[type],
  }));
  return [{ name: 'events', num_children: elements.length }, ...elements];
}

/** Texts in UTF-8, each as a part of the bytes that they share. */
function textsOf({ data, valueOffsets, length }) {
  const texts = new Array(length);
  for (let at = 0; at < length; at += 1) {
    const start = valueOffsets[at];
    texts[at] = new Uint8Array(data.buffer, data.byteOffset + start, valueOffsets[at + 1] - start);
  }
  return texts;
}

/** Whether a column has too many different texts for a dictionary. The writer takes those as bytes, and others as they are. */
const isPlainText = ({ name, type }) => type === 'json' || name === 'id';

/** What holds the values of a column. */
function valuesFor(column) {
  if (isPlainText(column)) return new Texts();
  if (column.type === 'string') return new RepeatedTexts();
  const isInteger = column.type === 'int64' || column.type === 'timestamp';
  return isInteger ? new Values(BigInt) : new Values();
}

/** The values of a column, as the writer takes them. */
function valuesOf({ column, nulls, ...built }) {
  if (!isPlainText(column)) return built.data;
  const values = textsOf(built);
  for (const at of nulls) values[at] = null;
  return values;
}

/**
 * How a column is written. Numbers, texts of JSON and ids are too many different ones for a dictionary, and the range of ids
 * and of texts of JSON tells nothing.
 */
function optionsOf(column) {
  if (isPlainText(column)) return { encoding: 'PLAIN', statistics: false };
  if (column.type === 'string') return {};
  // Numbers within streams have the same range everywhere.
  return { encoding: 'PLAIN', ...(column.name === 'sequence_number' && { statistics: false }) };
}

/** Compresses by native code: the writer's own is of JavaScript, and takes a third of the time of an export. */
function compressed(bytes) {
  return compressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** How many bytes the writer has room for at first: most groups need no more. */
const GROUP_BYTES = 8 * 1024 * 1024;

class ParquetExport {
  #bytes = new ByteWriter(GROUP_BYTES);
  #rows;
  #writer;

  constructor(chosen) {
    const columns = columnsFor(chosen);
    this.#rows = new Rows(columns, valuesFor);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaOf(columns),
      compressors: { SNAPPY: compressed },
      createdBy: 'codebolt-eventlog',
    });
  }

  write(events) {
    for (const event of events) if (this.#rows.add(event)) this.#writeGroup();
    return this.#take();
  }

  end() {
    if (this.#rows.count > 0) this.#writeGroup();
    this.#markJson();
    this.#writer.finish();
    return this.#take();
  }

  /**
   * Says in the older way too that a column has JSON, which is the one that DuckDB knows. The schema is written last. If it
   * said that before, the writer would make JSON of each text once more.
   */
  #markJson() {
    for (const element of this.#writer.schema) {
      if (element.logical_type?.type === 'JSON') element.converted_type = 'JSON';
    }
  }

  #writeGroup() {
    const rowGroupSize = this.#rows.count;
    const columnData = this.#rows.take().map((built) => ({
      name: built.column.name,
      data: valuesOf(built),
      ...optionsOf(built.column),
    }));
    this.#writer.write({ columnData, rowGroupSize });
  }

  /** The bytes that were written and not given out yet. Where they are in the file, the writer knows. */
  #take() {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }
}

/**
 * A format of `exportEvents`: one Parquet file, with a row for each event.
 *
 * @returns {import('codebolt-eventlog').EventLogExportFormat} The format.
 */
export function parquet() {
  return { name: 'parquet', begin: ({ columns }) => new ParquetExport(columns) };
}
