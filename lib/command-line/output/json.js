'use strict';

// Rows as JSON: one array of them, or one row a line.

const { shownJson } = require('../text.js');

/** An array with a row a line, so that it can be written before all of it is known. */
class JsonArray {
  #terminal;
  #isFirst = true;

  constructor(_, { terminal }) {
    this.#terminal = terminal;
  }

  start() {
    return '[';
  }

  row(row) {
    const before = this.#isFirst ? '\n' : ',\n';
    this.#isFirst = false;
    return `${before}  ${shownJson(JSON.stringify(row), this.#terminal)}`;
  }

  pause() {
    return '';
  }

  end() {
    return this.#isFirst ? ']\n' : '\n]\n';
  }
}

class JsonLines {
  #terminal;

  constructor(_, { terminal }) {
    this.#terminal = terminal;
  }

  start() {
    return '';
  }

  row(row) {
    return `${shownJson(JSON.stringify(row), this.#terminal)}\n`;
  }

  pause() {
    return '';
  }

  end() {
    return '';
  }
}

/** One value as JSON: for a person on many lines, or on one. */
function valueText(value, format, terminal) {
  const json = JSON.stringify(value, null, format === 'json' ? 2 : 0);
  return `${shownJson(json, terminal)}\n`;
}

module.exports = { JsonArray, JsonLines, valueText };
