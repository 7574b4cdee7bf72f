'use strict';

// Rows in columns for a person, written as they come: libraries that draw tables want all rows at once.

const { readable, valueOf } = require('./cells.js');
const { shown } = require('../text.js');
const { cut, prepare, widthOf } = require('./width.js');

/** So many rows are measured together, which decide how wide the columns are, or as many as have so much text. */
const ROWS_TOGETHER = 200;
const CHARACTERS_TOGETHER = 1024 * 1024;

/** A cell that is wider than this moves the rest of its own row, and does not make all other rows as wide. */
const COLUMN_WIDTH_MAX = 48;

/** How narrow the last column may become where the others take all of a terminal. */
const LAST_WIDTH_MIN = 20;

const GAP = '  ';

class Table {
  #columns;
  #paint;
  #terminal;
  #widths;
  /** The cells of rows that are not written yet. */
  #waiting = [];
  #waitingCharacters = 0;
  #isStarted = false;

  constructor(columns, { paint, terminal }) {
    this.#columns = columns;
    this.#paint = paint;
    this.#terminal = terminal;
  }

  start() {
    this.#widths = this.#columns.map(({ title }) => title.length);
    return '';
  }

  /** The text that can be written now, or a promise of it. */
  row(row) {
    const cells = this.#columns.map((column) =>
      shown(readable(valueOf(row, column), column.kind), this.#terminal),
    );
    this.#waiting.push(cells);
    this.#waitingCharacters += cells.reduce((sum, { length }) => sum + length, 0);
    const isMuch =
      this.#waiting.length >= ROWS_TOGETHER || this.#waitingCharacters >= CHARACTERS_TOGETHER;
    return isMuch ? this.pause() : '';
  }

  /** Everything that was held back. */
  async pause() {
    const rows = this.#waiting;
    this.#waiting = [];
    this.#waitingCharacters = 0;
    await prepare(rows.flat());
    // The last column is as long as it is: nothing stands after it.
    const { length } = this.#columns;
    for (const cells of rows) {
      for (let at = 0; at < length - 1; at += 1) {
        const width = Math.min(widthOf(cells[at]), COLUMN_WIDTH_MAX);
        this.#widths[at] = Math.max(this.#widths[at], width);
      }
    }
    const lines = rows.map((cells) => this.#line(cells));
    if (!this.#isStarted) lines.unshift(this.#header());
    this.#isStarted = true;
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  end() {
    return this.#isStarted && this.#waiting.length === 0 ? '' : this.pause();
  }

  #header() {
    const titles = this.#columns.map(({ title }) => title);
    return this.#paint('bold', this.#joined(titles));
  }

  #line(cells) {
    return this.#joined(cells, (at, text) => this.#paint(this.#columns[at].style, text));
  }

  #joined(cells, paint = (_, text) => text) {
    const last = cells.length - 1;
    let before = 0;
    const padded = cells.map((text, at) => {
      const isRight = this.#columns[at].align === 'right';
      if (at === last && !isRight) return this.#cut(text, before);
      const width = widthOf(text);
      const space = ' '.repeat(Math.max(0, this.#widths[at] - width));
      before += width + space.length + GAP.length;
      return isRight ? space + text : text + space;
    });
    return padded
      .map((text, at) => paint(at, text))
      .join(GAP)
      .trimEnd();
  }

  /** The last cell, cut to what is left of the terminal's width after `before`. */
  #cut(text, before) {
    const { columns: width, ascii } = this.#terminal;
    if (width === undefined) return text;
    return cut(text, Math.max(LAST_WIDTH_MIN, width - before), ascii ? '...' : '…');
  }
}

/** The fields of one thing, a line each. */
function fieldLines(fields, { paint, terminal }) {
  const width = Math.max(0, ...fields.map(({ title }) => title.length));
  const lines = fields.map(({ title, value, kind }) => {
    const name = paint('bold', title.toLowerCase().padEnd(width));
    return `${name}  ${shown(readable(value, kind), terminal)}`.trimEnd();
  });
  return lines.map((text) => `${text}\n`).join('');
}

module.exports = { Table, fieldLines };
