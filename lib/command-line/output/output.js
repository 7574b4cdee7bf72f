'use strict';

// What a command prints, in the format that was asked for.

const { hasColor, isAscii, painter } = require('../terminal.js');
const { shown } = require('../text.js');
const { valueOf } = require('./cells.js');
const { Writer } = require('./writer.js');

/** The formats, each with what writes rows in it. They are loaded when they are asked for. */
const FORMATS = {
  table: () => require('./table.js').Table,
  json: () => require('./json.js').JsonArray,
  jsonl: () => require('./json.js').JsonLines,
  csv: () => require('./csv.js').Csv,
};

class Output {
  #format;
  #settings;
  #quiet;
  #writer;

  /** `onClosed` is called when nobody reads the output any more. */
  constructor({ output, color, ascii, csvExact, quiet }, onClosed, stream = process.stdout) {
    const { isTTY = false, columns } = stream;
    this.#format = output;
    this.#quiet = quiet;
    this.#settings = {
      exact: csvExact,
      paint: painter(hasColor(stream, color)),
      // A terminal that does not know its width says 0.
      terminal: {
        isTTY,
        columns: (isTTY && columns) || undefined,
        ascii: ascii || isAscii(stream),
      },
    };
    this.#writer = new Writer(stream, onClosed);
  }

  get format() {
    return this.#format;
  }

  get isClosed() {
    return this.#writer.isClosed;
  }

  get isTTY() {
    return this.#settings.terminal.isTTY;
  }

  get settings() {
    return this.#settings;
  }

  /** What rows are given to, one after the other. */
  rows(columns) {
    const Format = FORMATS[this.#format]();
    return new Rows(new Format(columns, this.#settings), this.#writer);
  }

  /** Prints rows, which may come one after the other. Each column says its `key`, `title`, and how it is shown. */
  async all(rows, columns) {
    const printed = this.rows(columns);
    await printed.start();
    for await (const row of rows) {
      const waiting = printed.row(row);
      if (waiting !== undefined) await waiting;
    }
    await printed.end();
  }

  /** Prints one thing, which is `value` as JSON, and has those columns as fields. */
  async one(value, columns) {
    if (this.#format === 'csv') {
      await this.all([value], columns);
    } else if (this.#format === 'table') {
      const { fieldLines } = require('./table.js');
      const fields = columns.map((column) => ({ ...column, value: valueOf(value, column) }));
      await this.text(
        fieldLines(
          fields.filter((field) => field.value !== undefined),
          this.#settings,
        ),
      );
    } else {
      await this.value(value);
    }
  }

  /** Prints a value as JSON, whatever it is. */
  async value(value) {
    const { valueText } = require('./json.js');
    await this.text(valueText(value, this.#format, this.#settings.terminal));
  }

  /** Prints text as it is. */
  async text(text) {
    await this.#writer.write(text);
    await this.#writer.flush();
  }

  /** Prints bytes as they are. */
  async bytes(bytes) {
    await this.#writer.flush();
    await this.#writer.writeNow(bytes);
  }

  /** Tells a person something that is no result. */
  note(text) {
    if (!this.#quiet) process.stderr.write(`note: ${shown(text)}\n`);
  }
}

/** Rows on their way out. */
class Rows {
  #format;
  #writer;

  constructor(format, writer) {
    this.#format = format;
    this.#writer = writer;
  }

  async start() {
    await this.#writer.write(this.#format.start());
  }

  /** Takes a row. Returns a promise where the caller has to wait before it gives the next one. */
  row(row) {
    const text = this.#format.row(row);
    if (typeof text === 'string') return text === '' ? undefined : this.#writer.write(text);
    return text.then((written) => this.#writer.write(written));
  }

  /** Writes everything that was taken, since the next row may be long in coming. */
  async pause() {
    await this.#writer.write(await this.#format.pause());
    await this.#writer.flush();
  }

  async end() {
    await this.#writer.write(await this.#format.end());
    await this.#writer.flush();
  }
}

module.exports = { FORMATS: Object.keys(FORMATS), Output };
