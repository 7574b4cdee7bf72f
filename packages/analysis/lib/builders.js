// Columns in the making: the values of many events, taken one by one and given out together.

/** How many values there is room for at first. */
const VALUES = 4096;

/** How many texts become bytes together, which is one step for all of them. */
const TEXTS = 512;

/** How many bytes of text there is room for at first. */
const BYTES = 256 * 1024;

/** Texts one after the other, in UTF-8. They are kept as bytes, so that few objects live for long. */
export class Texts {
  /** Those that are not bytes yet, and how many units they have. */
  #texts = [];
  #units = 0;
  #bytes = Buffer.allocUnsafe(BYTES);
  #ends = [];
  #end = 0;

  add(text) {
    this.#texts.push(text);
    if (text !== null) this.#units += text.length;
    if (this.#texts.length === TEXTS) this.#encode();
  }

  /** Their bytes, and where each begins and ends. */
  take() {
    this.#encode();
    const data = this.#bytes.subarray(0, this.#end);
    const valueOffsets = new Int32Array(this.#ends.length + 1);
    valueOffsets.set(this.#ends, 1);
    // What is given out is not written to any more.
    this.#bytes = Buffer.allocUnsafe(this.#bytes.length);
    this.#ends = [];
    this.#end = 0;
    return { data, valueOffsets };
  }

  /** About how many bytes they have. */
  get bytes() {
    return this.#end + this.#units;
  }

  #encode() {
    // No character has more than three bytes for each of its units.
    if (this.#end + this.#units * 3 > this.#bytes.length) this.#grow(this.#units * 3);
    // In ASCII, each unit is a byte. Of other texts each is written by itself: halves of a pair must not meet.
    const isAscii = this.#bytes.write(this.#texts.join(''), this.#end) === this.#units;
    for (const text of this.#texts) {
      if (text !== null) this.#end += isAscii ? text.length : this.#bytes.write(text, this.#end);
      this.#ends.push(this.#end);
    }
    this.#texts = [];
    this.#units = 0;
  }

  #grow(bytes) {
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + bytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Values as they are. */
export class Values {
  #convert;
  #values = [];

  constructor(convert = (value) => value) {
    this.#convert = convert;
  }

  add(value) {
    this.#values.push(value === null ? null : this.#convert(value));
  }

  take() {
    const data = this.#values;
    this.#values = [];
    return { data };
  }

  get bytes() {
    return this.#values.length * 8;
  }
}

/** How many different texts are known again. */
const KNOWN_TEXTS = 10_000;

/** Texts of which many are the same: each of those is kept once. */
export class RepeatedTexts {
  #texts = [];
  #known = new Map();
  #units = 0;

  add(text) {
    this.#texts.push(text === null ? null : this.#kept(text));
  }

  take() {
    const data = this.#texts;
    this.#texts = [];
    this.#units = 0;
    return { data };
  }

  /** About how many bytes they have. */
  get bytes() {
    return this.#texts.length * 8 + this.#units;
  }

  #kept(text) {
    const same = this.#known.get(text);
    if (same !== undefined) return same;
    this.#units += text.length;
    if (this.#known.size < KNOWN_TEXTS) this.#known.set(text, text);
    return text;
  }
}

/** Numbers of one width. */
export class Numbers {
  #Array;
  #put;
  #values;
  #width;
  #count = 0;

  /**
   * @param {new (length: number) => any} TypedArray - What they are kept in.
   * @param {number} width - How many of its elements a number has.
   * @param {(values: any, at: number, value: any) => void} put - Puts a number into it.
   */
  constructor(TypedArray, width, put) {
    this.#Array = TypedArray;
    this.#width = width;
    this.#put = put;
    this.#values = new TypedArray(VALUES * width);
  }

  add(value) {
    const at = this.#count * this.#width;
    if (at === this.#values.length) {
      const larger = new this.#Array(at * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    // Where there is none, another one may have stood before.
    this.#put(this.#values, at, value ?? 0);
    this.#count += 1;
  }

  take() {
    const data = this.#values.slice(0, this.#count * this.#width);
    this.#count = 0;
    return { data };
  }

  get bytes() {
    return this.#count * this.#width * this.#values.BYTES_PER_ELEMENT;
  }
}

/** The values of one column, and which of them are there. */
class ColumnBuilder {
  column;
  #values;
  /** The places without a value. */
  #nulls = [];
  #count = 0;

  constructor(column, values) {
    this.column = column;
    this.#values = values;
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

  /**
   * @param {object[]} columns - The columns.
   * @param {(column: object) => { add: Function, take: Function, bytes: number }} valuesFor - Makes what holds the values of
   *   a column.
   */
  constructor(columns, valuesFor) {
    this.#builders = columns.map((column) => new ColumnBuilder(column, valuesFor(column)));
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
