// Columns in the making: values are taken one by one and kept as bytes, so that few objects live for long.

/** How many values there is room for at first. */
const VALUES = 4096;

/** How many bytes of text there is room for at first. */
const BYTES = 256 * 1024;

/** Texts one after the other, in UTF-8. */
class Texts {
  #bytes = Buffer.allocUnsafe(BYTES);
  #ends = [];
  #end = 0;

  add(text) {
    if (text !== null) {
      // No character has more than three bytes for each of its code units.
      if (this.#end + text.length * 3 > this.#bytes.length) this.#grow(text.length * 3);
      this.#end += this.#bytes.write(text, this.#end);
    }
    this.#ends.push(this.#end);
  }

  /** Their bytes, and where each begins and ends. */
  take() {
    const data = this.#bytes.subarray(0, this.#end);
    const valueOffsets = new Int32Array(this.#ends.length + 1);
    valueOffsets.set(this.#ends, 1);
    // What is given out is not written to any more.
    this.#bytes = Buffer.allocUnsafe(this.#bytes.length);
    this.#ends = [];
    this.#end = 0;
    return { data, valueOffsets };
  }

  get bytes() {
    return this.#end;
  }

  #grow(bytes) {
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + bytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Numbers of one width. */
class Numbers {
  #Values;
  #convert;
  #values;
  #count = 0;

  constructor(Values, convert) {
    this.#Values = Values;
    this.#convert = convert;
    this.#values = new Values(VALUES);
  }

  add(value) {
    if (this.#count === this.#values.length) {
      const larger = new this.#Values(this.#count * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = this.#convert(value ?? 0);
    this.#count += 1;
  }

  take() {
    const data = this.#values.slice(0, this.#count);
    this.#count = 0;
    return { data };
  }

  get bytes() {
    return this.#count * this.#values.BYTES_PER_ELEMENT;
  }
}

const MAKE = {
  string: () => new Texts(),
  json: () => new Texts(),
  int64: () => new Numbers(BigInt64Array, BigInt),
  timestamp: () => new Numbers(BigInt64Array, BigInt),
  double: () => new Numbers(Float64Array, Number),
  boolean: () => new Numbers(Uint8Array, Number),
};

/** The values of one column, and which of them are there. */
class ColumnBuilder {
  column;
  #values;
  /** The places without a value. */
  #nulls = [];
  #count = 0;

  constructor(column) {
    this.column = column;
    this.#values = MAKE[column.type]();
  }

  add(event) {
    const value = this.column.read(event);
    if (value === null) this.#nulls.push(this.#count);
    this.#values.add(value);
    this.#count += 1;
  }

  take() {
    const taken = { ...this.#values.take(), length: this.#count, nulls: this.#nulls };
    this.#nulls = [];
    this.#count = 0;
    return taken;
  }

  get bytes() {
    return this.#values.bytes;
  }
}

/** Rows are written together once there are so many, or so many bytes of them. */
const ROWS = 65_536;
const ROW_BYTES = 16 * 1024 * 1024;

/** Gathers the rows of events by columns, until there are enough of them. */
export class Rows {
  #builders;
  #count = 0;

  constructor(columns) {
    this.#builders = columns.map((column) => new ColumnBuilder(column));
  }

  /** Adds an event. Returns whether there are enough now. */
  add(event) {
    for (const builder of this.#builders) builder.add(event);
    this.#count += 1;
    if (this.#count >= ROWS) return true;
    // Not each time: an event has a few columns, and rarely many bytes.
    return (this.#count % 16 === 0 || event.payload.length > ROW_BYTES / 16) && this.#isFull();
  }

  get count() {
    return this.#count;
  }

  /** What was gathered: each column with its values. */
  take() {
    this.#count = 0;
    return this.#builders.map((builder) => ({ column: builder.column, ...builder.take() }));
  }

  #isFull() {
    return this.#builders.reduce((sum, { bytes }) => sum + bytes, 0) >= ROW_BYTES;
  }
}
