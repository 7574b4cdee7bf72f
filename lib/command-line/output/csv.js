'use strict';

// CSV as RFC 4180 has it: fields with commas, quotes or line ends in quotes, and CRLF at the end of each record.

const { plain, valueOf } = require('./cells.js');
const { shown } = require('../text.js');

/** How a text begins that a spreadsheet would compute, and not show. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

class Csv {
  #columns;
  #exact;
  #terminal;

  /**
   * With `exact`, texts are as they are; else those that are formulas to a spreadsheet get an apostrophe. `terminal` says
   * that a terminal shows it, and whether in ASCII.
   */
  constructor(columns, { exact, terminal }) {
    this.#columns = columns;
    this.#exact = exact;
    this.#terminal = terminal;
  }

  start() {
    return this.#record(this.#columns.map(({ key }) => key));
  }

  row(row) {
    return this.#record(this.#columns.map((column) => valueOf(row, column)));
  }

  pause() {
    return '';
  }

  end() {
    return '';
  }

  #record(values) {
    return `${values.map((value) => this.#field(value)).join(',')}\r\n`;
  }

  #field(value) {
    let text = plain(value);
    // A number is no formula, negative or not.
    if (!this.#exact && typeof value === 'string' && FORMULA.test(text)) text = `'${text}`;
    if (this.#terminal.isTTY) text = shown(text, this.#terminal);
    return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
}

module.exports = { Csv };
