'use strict';

// Rows in columns for a person, written as they come: libraries that draw tables want all rows at once.

const { readable, valueOf } = require('./cells.js');
const { shown } = require('../text.js');
const { cut, prepare, widthOf } = require('./width.js');

/** So many rows are measured together, which decide how wide the columns are, or as many as have so much text. */
const ROWS_TOGETHER = 200;
const CHARACTERS_TOGETHER = 1024 * 1024;

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
        this.#widths[at] = Math.max(this.#widths[at], widthOf(cells[at]));
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
    const padded = cells.map((text, at) => {
      if (at === last && this.#columns[at].align !== 'right') return this.#last(text);
      const space = ' '.repeat(Math.max(0, this.#widths[at] - widthOf(text)));
      return this.#columns[at].align === 'right' ? space + text : text + space;
    });
    return padded
      .map((text, at) => paint(at, text))
      .join(GAP)
      .trimEnd();
  }

  /** The last cell, cut to what is left of the terminal's width. */
  #last(text) {
    const { columns: width, ascii } = this.#terminal;
    if (width === undefined) return text;
    const before = this.#widths.slice(0, -1).reduce((sum, each) => sum + each + GAP.length, 0);
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
